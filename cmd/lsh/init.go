package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func initCommand(a *app) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a starter jobs file and its schema",
		Long: `Writes a commented jobs file that works as it is, and beside it the schema with
which editors complete and check it. A jobs file that is there is never touched;
a schema that an older lsh has written is renewed.`,
		Example: `  lsh init
  lsh init -f ~/dotfiles/lsh/jobs.yaml`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := a.absolute(file)
			if err == nil && path == "" {
				path, err = a.jobsFile(cmd.Context())
			}
			if err != nil {
				return err
			}
			return a.init(cmd.Context(), path)
		},
	}
	fileFlag(cmd, &file)
	cmd.Flags().Lookup("file").Usage = "write `FILE` in place of the daemon's jobs file"
	return cmd
}

// initJSON is the answer for programs.
type initJSON struct {
	JobsFile    string `json:"jobs_file"`
	Schema      string `json:"schema"`
	JobsState   string `json:"jobs_file_state"` // written, kept
	SchemaState string `json:"schema_state"`    // written, renewed, kept, foreign
	Generation  int    `json:"generation,omitempty"`
}

func (a *app) init(ctx context.Context, path string) error {
	r := initJSON{JobsFile: path, Schema: filepath.Join(filepath.Dir(path), schemaFile), JobsState: fileWritten}
	if err := a.makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	// Jobs may hold secrets in their environment: the file is for the user alone.
	err := writeNew(path, []byte(starter), 0o600)
	if errors.Is(err, fs.ErrExist) {
		r.JobsState = fileKept
		if err := a.leadsNowhere(path); err != nil {
			return err
		}
	} else if err != nil {
		return a.notWritten(path, err)
	}
	if r.SchemaState, err = refreshSchema(filepath.Dir(path)); err != nil {
		return a.notWritten(r.Schema, err)
	}
	if r.JobsState == fileKept && (r.SchemaState == fileKept || r.SchemaState == fileForeign) {
		return fail("exists", a.short(path)+" is there already: nothing was written", "lsh edit opens it; lsh check shows what it says")
	}
	taken := ipc.Daemon{}
	if r.JobsState == fileWritten {
		taken = a.takenBy(ctx, path)
	}
	if a.json() {
		r.Generation = taken.Generation
		return a.printJSON(r)
	}
	a.printInit(r, taken)
	return nil
}

// leadsNowhere refuses a link to a file that is not there: it would be written
// to a place that nobody has named.
func (a *app) leadsNowhere(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	target, err := linkTarget(path)
	if err != nil {
		return a.notWritten(path, err)
	}
	return fail("exists", fmt.Sprintf("%s is a link to %s, which is not there: nothing was written", a.short(path), a.short(target)),
		"lsh init -f "+a.typed(target)+" writes it there")
}

func (a *app) printInit(r initJSON, taken ipc.Daemon) {
	note := map[string]string{
		fileKept: " (was there already)", fileRenewed: " (renewed: it was of another version)",
		fileForeign: " (was there already, and is not lsh's)",
	}
	a.printf("jobs file  %s%s\nschema     %s%s\n", a.short(r.JobsFile), note[r.JobsState], a.short(r.Schema), note[r.SchemaState])
	if r.JobsState == fileKept {
		if text, err := os.ReadFile(r.JobsFile); err == nil && !bytes.Contains(text, []byte("yaml-language-server:")) {
			a.printf("\nEditors check with the schema once the jobs file begins with:\n# yaml-language-server: $schema=./%s\n", schemaFile)
		}
		return
	}
	start := "  lsh daemon install   run what it says, now and at each login\n  lsh daemon start     run it now, and not after the next boot\n"
	switch {
	case taken.Config.State == ipc.SourceAccepted:
		a.printf("\nThe daemon has taken it: generation %d.\n", taken.Generation)
		start = "  lsh status           see how the jobs are\n"
	case taken.Config.State == ipc.SourceHeld:
		a.printf("\nThe daemon holds it: %s. lsh plan shows the change, lsh apply confirms it.\n", oneLine(taken.Config.Reason))
		start = ""
	}
	a.printf("\nNext:\n%s  lsh edit             write jobs of your own\n", start)
}

// takenIn is how long the daemon may take to see a new jobs file: longer than
// it does where no change of a file is told, and it must look.
const takenIn = 3 * time.Second

// takenBy waits until the daemon, if one runs that reads path, has looked at it.
func (a *app) takenBy(ctx context.Context, path string) ipc.Daemon {
	client, err := a.dial(ctx)
	if err != nil {
		return ipc.Daemon{} // none runs
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, takenIn)
	defer cancel()
	for {
		s, err := ipc.DaemonStatus.Call(ctx, client, ipc.StatusParams{Limit: 1})
		if err != nil || s.Daemon.Config.Path != path {
			return ipc.Daemon{}
		}
		if s.Daemon.Config.State != ipc.SourceMissing {
			return s.Daemon
		}
		select {
		case <-ctx.Done():
			return s.Daemon
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// What has become of a file.
const (
	fileWritten = "written"
	fileRenewed = "renewed"
	fileKept    = "kept"
	fileForeign = "foreign" // kept, since it is not ours
)

// refreshSchema has the schema of this version in a directory, unless what is
// there is no schema of ours.
func refreshSchema(dir string) (state string, err error) {
	path, schema := filepath.Join(dir, schemaFile), config.Schema()
	before, err := readOriginal(path)
	switch {
	case err != nil:
		return "", err
	case before.info == nil:
		return fileWritten, writeNew(before.real, schema, 0o644)
	case before.text == string(schema):
		return fileKept, nil
	case !strings.Contains(before.text, `"title": "lsh jobs file"`):
		return fileForeign, nil
	}
	return fileRenewed, before.replace(schema)
}

// makeDir makes the directory of a jobs file. Jobs may hold secrets: what is
// made is for the user alone.
func (a *app) makeDir(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		return nil
	}
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return a.notWritten(at.Path, at.Err)
	}
	return a.notWritten(dir, err)
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
