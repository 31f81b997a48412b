package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func daemonLogsCommand(a *app) *cobra.Command {
	tail, follow := -1, false
	cmd := &cobra.Command{
		Use:   "logs",
		Short: "Show the daemon's log",
		Long: `Shows the log of the daemon, also when it is not running. With -f it goes on
until it is interrupted.`,
		Example: `  lsh daemon logs --tail 50
  lsh daemon logs -f`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("tail") && tail < 0 {
				return usage("--tail must not be negative", "lsh daemon logs --tail 50")
			}
			path, err := a.logFile(cmd.Context())
			if err != nil {
				return err
			}
			if follow {
				return a.followLog(a.following(cmd.Context()), path, tail)
			}
			return a.printLog(path, tail)
		},
	}
	cmd.Flags().IntVar(&tail, "tail", tail, "only the last `N` lines; all when absent")
	cmd.Flags().Lookup("tail").DefValue = ""
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on until interrupted")
	return cmd
}

// logFile is the log of the running daemon, else of the one that would run.
func (a *app) logFile(ctx context.Context) (string, error) {
	s, err := ask(ctx, a, ipc.DaemonStatus, ipc.StatusParams{Limit: 1})
	if err == nil && s.Daemon.LogFile != "" {
		return s.Daemon.LogFile, nil
	}
	set, err := askSettings(ctx, nil)
	return set.LogFile, err
}

func (a *app) printLog(path string, tail int) error {
	log, err := openLog(path, tail)
	if err != nil {
		return a.noLog(path, err)
	}
	defer log.Close()
	if !a.json() {
		_, err = io.Copy(a.out, log)
		return err
	}
	lines, err := splitLines(log)
	if err != nil {
		return err
	}
	return a.printJSON(map[string][]string{"lines": lines})
}

func (a *app) noLog(path string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fail("no_log", a.short(path)+": there is no log yet", "lsh daemon start")
	}
	return err
}

// followLog prints the log and what is added to it, also across a rotation,
// until ctx ends.
func (a *app) followLog(ctx context.Context, path string, tail int) error {
	log, err := openLog(path, tail)
	if err != nil {
		return a.noLog(path, err)
	}
	follower := logFollower{path: path, log: log, write: a.logWriter()}
	return follower.follow(ctx)
}

// logWriter prints pieces of the log as they come: for programs, each whole
// line as one value.
func (a *app) logWriter() func([]byte) error {
	if !a.json() {
		return a.writeNow
	}
	lines := lineSplitter{each: func(line string) error {
		return a.printJSONLine(map[string]string{"line": line})
	}}
	return lines.write
}
