package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/lsh-project/lsh/ipc"
)

const (
	startIt = "lsh daemon start"
	again   = "lsh daemon restart"
	anew    = "lsh daemon stop && lsh daemon start"
)

// checkDaemon looks whether there is a daemon that answers, one only, with a keeper, and of the program that is
// installed.
func checkDaemon(ctx context.Context, s *subject, r *diagnosis) {
	d := s.daemon
	if d == nil {
		s.checkAbsent(r)
		s.checkOthers(r)
		return
	}
	s.checkOthers(r)
	r.ok("running, pid %d, version %s", d.Pid, d.Version)
	if d.Stopping {
		r.note("", "it is stopping")
	}
	installed := version
	if s.checkup != nil {
		installed = s.checkup.Version
	}
	restart := again
	if d.Keeper.State != ipc.KeeperPresent {
		restart = anew
	}
	if d.Version != installed && (s.checkup != nil || d.Version != unstamped && installed != unstamped) {
		r.warn(restart, "the daemon is of version %s, what is installed is %s", d.Version, installed)
	}
	if d.Version == installed && replacedDaemon(listenerAt(s.reached)) {
		r.note(restart, "its program has been replaced since it started")
	}
	switch d.Keeper.State {
	case ipc.KeeperNone:
		r.warn(anew, "it has no keeper: if it dies, nobody starts another, and nobody sees how running jobs end")
	case ipc.KeeperGone:
		r.warn(anew, "its keeper is gone: if it dies, nobody starts another, and nobody sees how running jobs end")
	}
	if d.Keeper.State == ipc.KeeperPresent && stoppedProcess(d.Keeper.Pid) == d.Keeper.Pid {
		r.warn(fmt.Sprintf("kill -CONT %d", d.Keeper.Pid), "its keeper, process %d, was stopped by a signal: if the daemon dies, nobody starts another", d.Keeper.Pid)
	}
	if s.inside == nil {
		f := explain(s.insideErr)
		r.warn(restart, "cannot tell what the daemon finds: %s", f.message)
		return
	}
	if s.inside.LastEnd != "" {
		r.note("lsh daemon logs", "the worker before this one %s; %s so far", s.inside.LastEnd, countOf(d.Keeper.Workers, "worker"))
	}
	if s.inside.SettingsChanged && (s.checkup == nil || len(s.checkup.Problems) == 0) { // with which none would start
		r.warn(restart, "%s is not what the daemon was started with", s.short(s.configFile))
	}
}

// checkAbsent says why nobody answers.
func (s *subject) checkAbsent(r *diagnosis) {
	pid := 0
	if s.checkup != nil {
		pid = s.checkup.Pid
	}
	hung := ""
	for _, p := range s.sockets {
		if p.hung() {
			hung = cmp.Or(hung, p.path)
		}
	}
	switch {
	case pid != 0 && stoppedProcess(pid) != 0:
		stopped := stoppedProcess(pid)
		r.wrong(fmt.Sprintf("kill -CONT %d", stopped), "the daemon does not answer: its process %d was stopped by a signal", stopped)
	case hung != "" && pid != 0:
		if worker := listenerAt(hung); worker != pid && programOf(worker) == "lshd" {
			r.wrong(fmt.Sprintf("kill -9 %d", worker), "the daemon (pid %d) does not answer in %s: its worker, process %d, hangs; jobs outlive it, and its keeper starts another", pid, span(answerWithin), worker)
			return
		}
		r.wrong(fmt.Sprintf("kill -9 %d && %s", pid, startIt), "the daemon (pid %d) does not answer in %s", pid, span(answerWithin))
	case hung != "":
		who, hint := "who listens at "+s.short(hung), "lsh daemon logs says more"
		switch listener := listenerAt(hung); {
		case listener != 0 && programOf(listener) == "systemd":
			if why, mend := s.cannotStart(); why != "" {
				r.wrong(mend, "systemd listens at %s for the daemon, which cannot start: %s", s.short(hung), why)
				return
			}
			who, hint = "systemd listens at "+s.short(hung)+" for the daemon, which", "systemctl --user status "+serviceUnit
		case listener != 0:
			who, hint = fmt.Sprintf("process %d, which listens at %s,", listener, s.short(hung)), fmt.Sprintf("kill %d && %s", listener, startIt)
		}
		r.wrong(hint, "%s does not answer in %s", who, span(answerWithin))
	case pid != 0:
		text := fmt.Sprintf("the daemon (pid %d) is there, and does not listen: it is starting, or it cannot", pid)
		hint := fmt.Sprintf("lsh daemon logs says why; kill %d ends it, and then %s", pid, startIt)
		if why := lastFailure(s.logFile); why != "" {
			text = fmt.Sprintf("the daemon (pid %d) has no worker that answers: %s", pid, why)
			hint = fmt.Sprintf("mend that: it tries again by itself; or kill %d, and then %s", pid, startIt)
		}
		r.wrong(hint, "%s", text)
	default:
		if why, mend := s.cannotStart(); why != "" {
			r.wrong(mend, "it is not running, and cannot start: %s", why)
			return
		}
		r.wrong(startIt, "it is not running: no job runs")
	}
}

// cannotStart is what keeps any daemon from starting, and what mends that; "" when nothing is known to.
func (s *subject) cannotStart() (why, mend string) {
	if s.checkup == nil || len(s.checkup.Problems) == 0 {
		return "", ""
	}
	p := s.checkup.Problems[0]
	return p.Message, settingHint(p)
}

// checkOthers looks for a second daemon of this user.
func (s *subject) checkOthers(r *diagnosis) {
	known, mine := map[int]bool{}, ""
	if s.daemon != nil {
		known[s.daemon.Pid], mine = true, realPath(s.daemon.Config)
	}
	for _, p := range slices.Concat(s.sockets, s.others) {
		if p.daemon == nil || known[p.daemon.Pid] {
			continue
		}
		known[p.daemon.Pid] = true
		hint := "lsh daemon stop --socket " + s.arg(p.path)
		if realPath(p.daemon.Config) == mine {
			r.warn(hint, "a second daemon (pid %d, at %s) runs the same jobs file: every slot runs twice", p.daemon.Pid, s.short(p.path))
		} else {
			r.note(hint, "another daemon of yours (pid %d) is at %s, with the jobs of %s", p.daemon.Pid, s.short(p.path), s.short(p.daemon.Config.Path))
		}
	}
}

// realPath is the jobs file itself.
func realPath(c ipc.Source) string { return cmp.Or(c.RealPath, c.Path) }
