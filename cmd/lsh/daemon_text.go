package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// printDaemon is the head of status: the daemon, then the jobs file with all
// that is wrong with it, then warnings.
func (a *app) printDaemon(d ipc.Daemon) {
	s, now := a.style(), a.now()
	line := labels{app: a, margin: len("daemon  "), least: leastColumn}.line
	daemon := fmt.Sprintf("running since %s (%s), pid %d, generation %d, version %s",
		moment(d.StartedAt.In(now.Location()), now), age(now.Sub(d.StartedAt)), d.Pid, d.Generation, d.Version)
	if d.Stopping {
		daemon = "stopping: " + daemon
	}
	line("daemon", daemon, nil)

	state, paint := a.fileState(d.Config)
	line("file", a.filePath(d.Config.Path, d.Config.RealPath)+": "+state, paint)
	for _, p := range d.Config.Problems {
		a.printf("\n%s\n", strings.TrimRight(config.RenderWithin(config.Problem(p), s.on, a.width()), "\n"))
	}
	if d.Config.State == ipc.SourceHeld && d.Config.Plan != nil {
		line("held", strings.TrimSuffix(planSummary(*d.Config.Plan), ".")+": lsh plan shows it, lsh apply confirms it", s.yellow)
	}
	if d.Keeper.State == ipc.KeeperNone {
		line("keeper", "none: if the daemon dies, nobody sees how running jobs end", s.yellow)
	}
	if d.Sync != nil && d.Sync.State != ipc.SyncOK {
		line("sync", syncTrouble(*d.Sync)+"; lsh sync status says more", s.yellow)
	}
	for _, sock := range d.Sockets {
		if sock.Error != "" {
			line("socket", a.short(sock.Path)+": "+sock.Error, s.yellow)
		}
	}
	for _, w := range d.Warnings {
		line("warn", w, s.yellow)
	}
}

// fileState is how the jobs file stands, in words and in a colour.
func (a *app) fileState(c ipc.Source) (string, func(string) string) {
	s := a.style()
	text := c.State
	switch c.State {
	case ipc.SourceAccepted:
		if !c.AcceptedAt.IsZero() {
			text += " " + ago(c.AcceptedAt, a.now())
		}
		return text, nil
	case ipc.SourceInvalid:
		if len(c.Problems) > 0 {
			text += fmt.Sprintf(" (%s)", countOf(len(c.Problems), "problem"))
		} else {
			text += ": " + c.Reason
		}
		if !c.AcceptedAt.IsZero() {
			text += "; the last good jobs go on"
		}
		return text, s.red
	}
	if c.Reason != "" {
		text += ": " + c.Reason
	}
	return text, s.yellow
}

// filePath is a path and where it leads: "~/.config/lsh/jobs.yaml → ~/dotfiles/jobs.yaml".
func (a *app) filePath(path, real string) string {
	if real == "" || real == path {
		return a.short(path)
	}
	return a.short(path) + " → " + a.short(real)
}

// short is path with the home directory as ~.
func (a *app) short(path string) string {
	home, _ := a.getenv("HOME")
	if home == "" || home == "/" {
		return path
	}
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(home, "/"))
	if !ok || rest != "" && !os.IsPathSeparator(rest[0]) {
		return path
	}
	return "~" + rest
}

// countOf is "1 problem", "2 problems".
func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
