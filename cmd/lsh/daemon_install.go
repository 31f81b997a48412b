package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// installing is what was asked for.
type installing struct {
	args   []string // settings of the daemon
	kept   bool     // args are those of the installed service
	lost   []string // settings of the installed service that args are without
	socket bool
	force  bool
	dryRun bool
}

func daemonInstallCommand(a *app) *cobra.Command {
	var in installing
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Have the daemon start at login",
		Long: `Has the service manager of this system start the daemon at login, now and from
now on: a systemd user unit on Linux, a launchd agent on macOS. A daemon that
runs already is stopped, and started as the service. The flags are settings of
the daemon, which the service keeps, also when it is installed again without
any; config.yaml is read as ever.

A service file that was edited by hand is shown with its differences and left
alone, unless --force is given.`,
		Example: `  lsh daemon install --dry-run     print the service file
  lsh daemon install
  loginctl enable-linger           have it run from boot on (systemd)`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if in.args, err = daemonArgs(a, cmd.Flags()); err != nil {
				return err
			}
			return a.install(cmd.Context(), in)
		},
	}
	cmd.Flags().BoolVar(&in.dryRun, "dry-run", false, "print the service file; install nothing")
	cmd.Flags().BoolVar(&in.force, "force", false, "overwrite a service file that was edited by hand")
	cmd.Flags().BoolVar(&in.socket, "socket-activation", false, "have systemd make the socket too, so that a client finds it before the daemon is up")
	addDaemonFlags(cmd.Flags())
	return cmd
}

func (a *app) install(ctx context.Context, in installing) error {
	m, err := newServiceManager(a)
	if err != nil {
		return err
	}
	if err := in.compare(ctx, m); err != nil {
		return err
	}
	if in.dryRun {
		files, err := m.files(ctx, in.args, in.socket)
		if err != nil {
			return err
		}
		return a.printServiceFiles(files)
	}
	// All that could go wrong is looked at before anything is written.
	if err := m.check(ctx); err != nil {
		return err
	}
	set, err := askSettings(ctx, in.args)
	if err != nil {
		return err
	}
	before, err := m.state(ctx)
	if err != nil {
		return err
	}
	newSocket := in.socket && !before.Socket
	files, err := m.files(ctx, in.args, in.socket || before.Socket)
	if err != nil {
		return err
	}
	fresh, err := a.toWrite(files, before, in)
	if err != nil {
		return err
	}
	changed := slices.ContainsFunc(fresh, serviceFile.changes)
	if err := register(ctx, m, files, fresh); err != nil {
		return err
	}
	tookOver, err := a.makeWay(ctx, before, newSocket)
	if err != nil {
		return err
	}
	status, err := a.awaitService(ctx, m)
	if err != nil {
		return err
	}
	now, err := m.state(ctx)
	if err != nil {
		return err
	}
	if a.json() {
		return a.printJSON(now)
	}
	a.printInstalled(ctx, m, now, files, fresh, tookOver)
	if in.kept {
		a.printf("%s  %s, as installed before\n", a.style().dim("flags  "), oneLine(quoteArgv(in.args)))
	}
	if _, err := os.Stat(set.JobsFile); errors.Is(err, fs.ErrNotExist) && namesJobsFile(in.args) {
		a.printAdvice(oneLine(a.short(set.JobsFile)) + ", which --jobs-file names, is not there")
	}
	if len(in.lost) > 0 {
		a.printAdvice("no longer given: " + oneLine(quoteArgv(in.lost)) + "; flags take the place of all that were installed")
	}
	if changed && before.Active && tookOver == 0 {
		a.printAdvice("the daemon goes on as the file was until it is started anew: lsh daemon stop, then lsh daemon start")
	} else if v := status.Daemon.Version; v != currentVersion() {
		a.printAdvice("the daemon that runs is of version " + v + ": lsh daemon restart puts " + currentVersion() + " in its place; no job notices")
	}
	if status.Daemon.Config.State == ipc.SourceMissing {
		a.printf("%s  there are no jobs yet: lsh edit writes the first\n", a.style().dim("next   "))
	}
	return nil
}

func namesJobsFile(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--jobs-file=") })
}

// compare has the settings of the installed service kept where none are given, and finds those that are lost to the given ones.
func (in *installing) compare(ctx context.Context, m serviceManager) error {
	files, err := m.files(ctx, nil, false)
	if err != nil {
		return err
	}
	before, err := files[0].settings()
	if err != nil {
		return fmt.Errorf("read %s: %w", files[0].path, err)
	}
	if len(in.args) == 0 {
		in.args, in.kept = before, len(before) > 0
		return nil
	}
	flag := func(arg string) string { name, _, _ := strings.Cut(arg, "="); return name }
	for _, arg := range before {
		if !slices.ContainsFunc(in.args, func(given string) bool { return flag(given) == flag(arg) }) {
			in.lost = append(in.lost, arg)
		}
	}
	return nil
}

func (a *app) printAdvice(text string) {
	s := a.style()
	a.printf("%s  %s\n", s.dim("note   "), s.yellow(text))
}

// printServiceFiles prints what would be written; of several, where each goes.
func (a *app) printServiceFiles(files []serviceFile) error {
	if a.json() {
		type file struct {
			Path string `json:"path"`
			Text string `json:"text"`
		}
		shown := make([]file, len(files))
		for i, f := range files {
			shown[i] = file{f.path, f.text}
		}
		return a.printJSON(shown)
	}
	for i, f := range files {
		if i > 0 {
			a.printf("\n")
		}
		if len(files) > 1 {
			a.printf("# %s\n", f.path)
		}
		a.printf("%s", f.text)
	}
	return nil
}

// toWrite are the files that must be written. A unit that a package brought and that starts this binary is as good as ours.
func (a *app) toWrite(files []serviceFile, before serviceState, in installing) (fresh []serviceFile, err error) {
	if before.Package && before.State == serviceCurrent && len(in.args) == 0 && !in.socket {
		return nil, nil
	}
	for _, f := range files {
		state, there, err := f.judge()
		switch {
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", a.short(f.path), err)
		case state == serviceAbsent:
		case there == f.text:
			continue
		case state == serviceEdited && !in.force:
			return nil, a.refuseEdited(f, there, "lsh daemon install --force overwrites it")
		default:
			a.showDifference(f, there)
		}
		fresh = append(fresh, f)
	}
	return fresh, nil
}

// refuseEdited shows what somebody has edited, and is the error of that.
func (a *app) refuseEdited(f serviceFile, there, hint string) error {
	if masked(f.path) {
		return fail("masked", a.short(f.path)+" is masked: it says that the daemon must not be started", unmask(f.path))
	}
	a.showDifference(f, there)
	return fail("edited", a.short(f.path)+" was edited by hand: it is left as it is", hint)
}

func (a *app) showDifference(f serviceFile, there string) {
	if !a.json() {
		a.printf("%s", unified(a.short(f.path), there, f.text))
	}
}

// register writes fresh files and has the manager know all. When that fails, nothing is left of those that were not there before.
func register(ctx context.Context, m serviceManager, files, fresh []serviceFile) (err error) {
	var made []string
	defer func() {
		if err == nil {
			return
		}
		for _, path := range made {
			err = errors.Join(err, ignoreAbsent(os.Remove(path)))
		}
	}()
	for _, f := range fresh {
		if _, absent := os.Lstat(f.path); absent != nil {
			made = append(made, f.path)
		}
		if err := f.write(); err != nil {
			return err
		}
	}
	return m.enable(ctx, files)
}

// makeWay stops a daemon that was started by hand, so that the service can take its place, and one that a new socket cannot be
// handed to. It returns its pid, 0 when there was none.
func (a *app) makeWay(ctx context.Context, before serviceState, newSocket bool) (pid int, err error) {
	s, err := ask(ctx, a, ipc.DaemonStatus, ipc.StatusParams{Limit: 1})
	if noDaemon(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if s.Daemon.Pid == before.Pid && !newSocket {
		return 0, nil
	}
	return a.stopDaemon(ctx, defaultStop)
}

func (a *app) printInstalled(ctx context.Context, m serviceManager, now serviceState, files, fresh []serviceFile, tookOver int) {
	s := a.style()
	line := func(label, text string) { a.printf("%s  %s\n", s.dim(fmt.Sprintf("%-7s", label)), text) }
	if now.Package {
		line("file", a.short(now.Path)+" (from a package)")
	} else {
		for _, f := range files {
			note := ""
			if slices.ContainsFunc(fresh, func(w serviceFile) bool { return w.path == f.path }) {
				note = " (written)"
			}
			line("file", a.short(f.path)+note)
		}
	}
	running := fmt.Sprintf("starts at login; running, pid %d", now.Pid)
	if tookOver != 0 {
		running += fmt.Sprintf(" (the daemon that was running, pid %d, has been stopped)", tookOver)
	}
	line("service", running)
	label, text := m.persistence(ctx)
	line(label, text)
	if now.Socket {
		line("socket", "made by the service manager: a client that comes first waits for the daemon")
	}
	if set := a.ownSettings(ctx, m, "LSH_DATABASE_URL", "SUPABASE_DB_URL"); len(set) > 0 {
		line("warn", s.yellow(strings.Join(set, ", ")+": set here, and not for the service; write settings into config.yaml"))
	}
	if path, err := ownPath(); err == nil && passing(path) {
		line("warn", s.yellow("lsh lies in "+a.short(filepath.Dir(path))+", which is cleaned: the service is gone with it; install both binaries elsewhere"))
	}
}

// passing tells whether a path is in a directory that the system cleans.
func passing(path string) bool {
	for _, dir := range []string{os.TempDir(), "/tmp", "/var/tmp", "/dev/shm", "/run"} {
		if strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/") {
			return true
		}
	}
	return false
}
