package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
)

// unstamped is the version of a program that was built without one.
const unstamped = "dev"

// checkPrograms looks whether lsh and lshd belong together, and whether it is this lsh that is typed.
func checkPrograms(_ context.Context, s *subject, r *diagnosis) {
	if s.lshdErr != nil {
		f := explain(s.lshdErr)
		r.wrong(f.hint, "%s: the daemon cannot be started", f.message)
		return
	}
	switch c := s.checkup; {
	case c == nil:
		f := explain(s.checkupErr)
		r.wrong("install lsh and lshd of one version into one directory", "%s cannot be used: %s", s.short(s.lshd), f.message)
	case c.Version != version && c.Version != unstamped && version != unstamped:
		r.warn("install both of one version into one directory", "lsh is %s, and %s is %s", version, s.short(s.lshd), c.Version)
	default:
		r.ok("lsh %s, lshd is %s", version, s.short(s.lshd))
	}
	s.checkTyped(r)
}

// checkTyped looks which lsh the shell finds.
func (s *subject) checkTyped(r *diagnosis) {
	self, err := os.Executable()
	if err != nil {
		r.unknown("where this lsh lies: %s", err)
		return
	}
	typed, err := exec.LookPath("lsh")
	if err != nil {
		r.note(`add  export PATH="`+filepath.Dir(self)+`:$PATH"  to your shell's profile`, "lsh is not in PATH; this one is %s", s.short(self))
		return
	}
	mine, err1 := os.Stat(self)
	other, err2 := os.Stat(typed)
	if err1 == nil && err2 == nil && !os.SameFile(mine, other) {
		r.warn("rm "+s.arg(typed)+", or put "+s.short(filepath.Dir(self))+" before its directory in PATH",
			"the lsh in PATH is another: %s, and this one is %s", s.short(typed), s.short(self))
	}
}
