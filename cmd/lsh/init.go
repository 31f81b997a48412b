package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lsh-project/lsh/config"
	"github.com/spf13/cobra"
)

func initCommand(a *app) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a starter jobs file and its schema",
		Long: `Writes a commented jobs file that works as it is, and beside it the schema with
which editors complete and check it. What is there already is never
overwritten.`,
		Example: `  lsh init
  lsh init -f ~/dotfiles/lsh/jobs.yaml`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := absolute(file)
			if err == nil && path == "" {
				path, err = a.jobsFile(cmd.Context())
			}
			if err != nil {
				return err
			}
			return a.init(path)
		},
	}
	fileFlag(cmd, &file)
	cmd.Flags().Lookup("file").Usage = "write `FILE` in place of the daemon's jobs file"
	return cmd
}

// initJSON is the answer for programs.
type initJSON struct {
	JobsFile string `json:"jobs_file"`
	Schema   string `json:"schema"`
}

func (a *app) init(path string) error {
	dir := filepath.Dir(path)
	// Jobs may hold secrets in their environment: the directory and the file
	// are for the user alone.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create %s: %w", a.short(dir), errors.Unwrap(err))
	}
	if err := writeNew(path, []byte(starter), 0o600); err != nil {
		if errors.Is(err, os.ErrExist) {
			return fail("exists", a.short(path)+" is there already: nothing was written", "open it in your editor; lsh check shows what it says")
		}
		return fmt.Errorf("write %s: %w", a.short(path), err)
	}
	schema := filepath.Join(dir, schemaFile)
	note := ""
	if err := writeNew(schema, config.Schema(), 0o644); errors.Is(err, os.ErrExist) {
		note = " (was there already)"
	} else if err != nil {
		return fmt.Errorf("write %s: %w", a.short(schema), err)
	}
	if a.json() {
		return a.printJSON(initJSON{path, schema})
	}
	a.printf("jobs file  %s\nschema     %s%s\n\nNow open the jobs file in your editor, or start the daemon: lsh daemon start\n",
		a.short(path), a.short(schema), note)
	return nil
}

// writeNew writes a file that must not be there yet, not even as a link that
// leads nowhere. A file that could not be written whole is taken away again.
func writeNew(path string, content []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
