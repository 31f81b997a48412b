package main

import (
	"context"
	"strings"

	"github.com/lsh-project/lsh/ipc"
)

// startsBy is the service manager that is to start the daemon: where it is installed, and nobody asks for another daemon than the
// installed one by args or LSH_*. Else it is nil.
func (a *app) startsBy(ctx context.Context, args []string) serviceManager {
	if len(args) > 0 {
		return nil
	}
	m, err := newServiceManager(a)
	if err != nil || len(a.ownSettings(ctx, m)) > 0 {
		return nil
	}
	// What cannot be asked of the manager is no reason not to start.
	st, err := m.state(ctx)
	if err != nil || st.Reason != "" || st.State == serviceAbsent || st.Package && !st.Enabled {
		return nil
	}
	return m
}

// ownSettings are the variables of this environment that make a daemon another one than the service manager's, which does not have
// them, and those of more that it does not have.
func (a *app) ownSettings(ctx context.Context, m serviceManager, more ...string) []string {
	var set []string
	for _, name := range append([]string{
		"LSH_APPLY", "LSH_CONFIG", "LSH_JOBS_FILE", "LSH_LOG_FILE", "LSH_LOG_FORMAT", "LSH_LOG_LEVEL", "LSH_MAX_PARALLEL",
		"LSH_PID_FILE", "LSH_SOCKET", "LSH_STATE_DIR",
	}, more...) {
		if value, _ := a.getenv(name); value != "" && !m.hands(ctx, name, value) {
			set = append(set, name)
		}
	}
	return set
}

// startService has the service manager start the daemon, and says how that went.
func (a *app) startService(ctx context.Context, m serviceManager) error {
	if s, err := ask(ctx, a, ipc.DaemonStatus, ipc.StatusParams{Limit: 1}); err == nil {
		e := ipc.Errorf(0, "daemon is already running: pid %d", s.Daemon.Pid)
		return a.refusedStart(ctx, nil, "the "+e.Message, "look at it: lsh status; end it: lsh daemon stop")
	}
	// What is wrong with the settings is better said by whoever reads them than by the service manager.
	if _, err := askSettings(ctx, nil); err != nil {
		return err
	}
	now, err := a.awaitService(ctx, m)
	if err != nil {
		return err
	}
	d := now.Daemon
	if a.json() {
		return a.printJSON(started{d.Pid, d.Sockets, d.Warnings})
	}
	a.printf("daemon started as a service: pid %d\n", d.Pid)
	for _, w := range d.Warnings {
		a.printf("%s\n", a.style().yellow(oneLine(w)))
	}
	a.warnOfFile(ctx, a.warnOfSockets(d.Sockets))
	return nil
}

// awaitService starts the service and asks how it stands.
func (a *app) awaitService(ctx context.Context, m serviceManager) (ipc.Status, error) {
	done := a.waiting("starting the daemon")
	defer done()
	if err := m.start(ctx); err != nil {
		hint := "lsh doctor; without the service manager: lsh daemon run" // the log has nothing of a program that is gone
		if st, unknown := m.state(ctx); unknown == nil && masked(st.Path) {
			hint = unmask(st.Path)
		}
		return ipc.Status{}, fail("not_ready", "start the daemon as a service: "+serviceCause(err), hint)
	}
	return a.nextWorker(ctx, 0)
}

// serviceCause is what a service manager has complained of, without its advice.
func serviceCause(err error) string {
	text, _, _ := strings.Cut(err.Error(), " See \"")
	return text
}
