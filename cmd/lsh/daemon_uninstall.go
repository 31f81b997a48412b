package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

func daemonUninstallCommand(a *app) *cobra.Command {
	var force, dryRun bool
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Stop the daemon and have it start at login no more",
		Long: `Stops the daemon as lsh daemon stop does, and takes back what lsh daemon install
has done. The jobs file, the history, the log and all that the jobs have made
stay. A service file that was edited by hand stays too, unless --force is
given.`,
		Example:           "  lsh daemon uninstall",
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.uninstall(cmd.Context(), force, dryRun)
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be removed; change nothing")
	cmd.Flags().BoolVar(&force, "force", false, "remove a service file that was edited by hand")
	return cmd
}

// uninstalled is the answer for programs.
type uninstalled struct {
	Removed []string `json:"removed"`
	Stopped int      `json:"stopped,omitempty"` // the pid of the daemon
}

func (a *app) uninstall(ctx context.Context, force, dryRun bool) error {
	m, err := newServiceManager(a)
	if err != nil {
		return err
	}
	before, err := m.state(ctx)
	if err != nil {
		return err
	}
	files, err := a.installedFiles(ctx, m, before, force)
	if err != nil {
		return err
	}
	if len(files) == 0 && !before.Enabled && !before.Active {
		return a.printUninstalled(ctx, before, uninstalled{Removed: []string{}}, dryRun)
	}
	done := uninstalled{Removed: []string{}, Stopped: before.Pid}
	for _, f := range files {
		done.Removed = append(done.Removed, f.path)
	}
	if dryRun {
		return a.printUninstalled(ctx, before, done, dryRun)
	}
	if err := m.check(ctx); err != nil {
		return err
	}
	for _, f := range files {
		if dir := filepath.Dir(f.path); unix.Access(dir, unix.W_OK) != nil {
			return fail("unwritable", "remove "+a.short(f.path)+": its directory cannot be written", "make "+a.short(dir)+" writable, then try again")
		}
	}
	stopping := a.waiting("stopping the daemon")
	err = m.disable(ctx)
	stopping()
	if err != nil {
		return fail("not_stopped", "stop the service: "+serviceCause(err), "lsh daemon stop, then try again")
	}
	for _, path := range done.Removed {
		if err := ignoreAbsent(os.Remove(path)); err != nil {
			return fmt.Errorf("remove service file: %w", err)
		}
	}
	if err := m.forget(ctx); err != nil {
		return err
	}
	if paths, _, err := a.defaults(); err == nil {
		_ = os.Remove(filepath.Dir(paths.RuntimeSocket)) // only while it is empty: another daemon has its socket there
	}
	return a.printUninstalled(ctx, before, done, dryRun)
}

// installedFiles are the service files that are there and may be removed.
func (a *app) installedFiles(ctx context.Context, m serviceManager, before serviceState, force bool) ([]serviceFile, error) {
	all, err := m.files(ctx, nil, before.Socket)
	if err != nil {
		return nil, err
	}
	var found []serviceFile
	for _, f := range all {
		state, there, err := f.judge()
		switch {
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", a.short(f.path), err)
		case state == serviceAbsent:
			continue
		case state == serviceEdited && !force:
			return nil, a.refuseEdited(f, there, "lsh daemon uninstall --force removes it")
		}
		found = append(found, f)
	}
	return found, nil
}

func (a *app) printUninstalled(ctx context.Context, before serviceState, done uninstalled, dryRun bool) error {
	if a.json() {
		return a.printJSON(done)
	}
	removed, stopped := "removed", "stopped"
	if dryRun {
		removed, stopped = "would remove", "would stop"
	}
	for _, path := range done.Removed {
		a.printf("%s %s\n", removed, a.short(path))
	}
	switch {
	case before.Package && (before.Enabled || before.Active):
		a.printf("%s is a package's and stays; it starts at login no more\n", a.short(before.Path))
	case len(done.Removed) == 0:
		a.printf("the daemon is not installed: nothing to remove\n")
		return nil
	}
	if done.Stopped != 0 {
		a.printf("%s the daemon: pid %d\n", stopped, done.Stopped)
	}
	stay := "the jobs file and the history stay"
	if set, err := askSettings(ctx, nil); err == nil && lookAt(set.LogFile).info != nil {
		stay = "the jobs file, the history and the log " + oneLine(a.short(set.LogFile)) + " stay"
	}
	a.printf("%s; lsh daemon start runs the daemon by hand\n", stay)
	return nil
}
