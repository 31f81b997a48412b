package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func syncInitCommand(a *app) *cobra.Command {
	var p ipc.SyncInitParams
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Set up a database, and say what to write into config.yaml",
		Long: `Makes the schema lsh in a Postgres database, and a login of your own in it that
can only write what is your machines', and prints what to write into
config.yaml. Doing it again changes nothing; your other machines take the same
lines.

The URL is an administrator's: on Supabase that of the user postgres, from the
project's page, Connect. It is used this once and kept nowhere. As an argument
it stays in the shell's history and other users see it; with - it is read from
stdin.

--write writes the schema as files for the Supabase CLI and does nothing else.
Push them, then run lsh sync init for the login.`,
		Example: `  lsh sync init --admin-url -
  lsh sync init --admin-url - --ca-cert ~/prod-ca-2021.crt < url
  lsh sync init --write supabase/migrations && supabase db push`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case cmd.Flags().Changed("write"):
				return a.writeSchema(cmd, p)
			case p.AdminURL == "":
				return usage("lsh sync init needs the URL of a database",
					"lsh sync init --admin-url URL; on Supabase it is on the project's page under Connect: that of the session pooler works everywhere")
			}
			return a.syncInit(cmd.Context(), p)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&p.AdminURL, "admin-url", "", "set up the database at `URL`; - reads it from stdin")
	flags.StringVar(&p.User, "user", "", "make the login of this `NAME` in place of the account's")
	flags.StringVar(&p.CACert, "ca-cert", "", "check the server's certificate by those in `FILE`")
	flags.BoolVar(&p.NewPassword, "new-password", false, "give a login that is there a new password")
	flags.BoolVar(&p.ShellJobs, "shell-jobs", false, "feed the table public.shell_jobs too")
	flags.StringVar(&p.Write, "write", "", "write the schema's files into `DIR`, and do nothing else")
	return cmd
}

// syncInitAnswer is lshd's.
type syncInitAnswer struct {
	Made  *ipc.SyncInit  `json:"made"`
	Files *ipc.SyncFiles `json:"files"`
	Error *ipc.SyncError `json:"error"`
}

func askSyncInit(ctx context.Context, p ipc.SyncInitParams) (syncInitAnswer, error) {
	stdin, err := json.Marshal(p)
	if err != nil {
		return syncInitAnswer{}, err
	}
	answer, err := askLshd[syncInitAnswer](ctx, []string{"sync-init"}, bytes.NewReader(stdin))
	if err == nil && answer.Error != nil {
		err = fail(answer.Error.Code, answer.Error.Message, answer.Error.Hint)
	}
	return answer, err
}

func (a *app) writeSchema(cmd *cobra.Command, p ipc.SyncInitParams) error {
	for _, other := range []string{"admin-url", "user", "ca-cert", "new-password", "shell-jobs"} {
		if cmd.Flags().Changed(other) {
			return usage("--write writes files and sets up nothing: --"+other+" is for another call", "lsh sync init --write DIR")
		}
	}
	dir, err := a.absolute(p.Write)
	if err != nil {
		return err
	}
	if dir == "" {
		return usage("--write needs a directory", "lsh sync init --write supabase/migrations")
	}
	answer, err := askSyncInit(cmd.Context(), ipc.SyncInitParams{Write: dir})
	if err != nil {
		return err
	}
	if a.json() {
		return a.printJSON(answer.Files)
	}
	for _, path := range answer.Files.Written {
		a.printf("written    %s\n", oneLine(a.short(path)))
	}
	for _, path := range answer.Files.Same {
		a.printf("unchanged  %s\n", oneLine(a.short(path)))
	}
	a.printf("\nNow push them (supabase db push), then make your login: lsh sync init --admin-url URL\n")
	return nil
}

// longestURL is more than any is.
const longestURL = 64 << 10

func (a *app) syncInit(ctx context.Context, p ipc.SyncInitParams) error {
	var err error
	if p.CACert, err = a.absolute(p.CACert); err != nil {
		return err
	}
	if p.AdminURL == "-" {
		text, err := io.ReadAll(io.LimitReader(a.stdin, longestURL))
		if err != nil {
			return fmt.Errorf("read the URL from stdin: %w", err)
		}
		if p.AdminURL = strings.TrimSpace(string(text)); p.AdminURL == "" {
			return usage("there is no URL on stdin", "lsh sync init --admin-url - < FILE")
		}
	}
	done := a.waiting("setting up the database")
	answer, err := askSyncInit(ctx, p)
	done()
	if err != nil {
		return err
	}
	if a.json() {
		return a.printJSON(answer.Made)
	}
	a.printSyncInit(*answer.Made, p.CACert)
	return nil
}

func (a *app) printSyncInit(r ipc.SyncInit, caCert string) {
	schema := "was there"
	if len(r.Applied) > 0 {
		schema = "made (" + strings.Join(r.Applied, ", ") + ")"
	}
	if r.Mended {
		schema += "; rights were missing, and are given again"
	}
	role := "was there, and keeps its password"
	switch {
	case r.Created:
		role = "made"
	case r.Password:
		role = "was there, and has a new password: machines with the old one stop until they have it"
	}
	a.printf("schema  version %d on %s: %s\n", r.SchemaVersion, oneLine(r.Server), schema)
	a.printf("login   %s for %s: %s\n", r.Role, oneLine(r.User), role)
	if r.ShellJobs {
		a.printf("feeds   public.shell_jobs\n")
	}
	file := oneLine(a.configFile())
	if r.Password {
		a.printf("\nThe password in this URL is shown once and kept nowhere else. Write into %s:\n", file)
	} else {
		a.printf("\nThe password was shown when it was made, and your other machines have it. Write into %s,\n"+
			"with :PASSWORD behind the login; lsh sync init --new-password makes another one:\n", file)
	}
	a.printf("\ndatabase:\n  url: %s\n", strconv.Quote(r.URL))
	if caCert != "" {
		a.printf("  ca_cert: %s\n", strconv.Quote(caCert))
	}
	a.printf("\nthen:\n\n  chmod 600 %s\n  lsh daemon restart\n  lsh sync status\n\nYour other machines take the same lines.\n", file)
}

// configFile is where the settings are, as people write it.
func (a *app) configFile() string {
	if named, _ := a.getenv("LSH_CONFIG"); named != "" {
		return a.short(named)
	}
	paths, err := a.paths()
	if err != nil {
		return filepath.Join("~", ".config", "lsh", "config.yaml")
	}
	return a.short(paths.ConfigFile)
}
