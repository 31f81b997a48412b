package main

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// clockSlack is how far ahead a time may be that was written by the same clock: it is steered now and then.
const clockSlack = time.Minute

// checkClock looks whether the clock was set back, and whether somebody keeps it right.
func checkClock(_ context.Context, s *subject, r *diagnosis) {
	now := s.now()
	r.ok("%s", now.Format("2006-01-02 15:04:05 -07:00"))
	if s.inside != nil {
		if ahead := s.inside.Integrity.NewestAt.Sub(now); ahead > clockSlack {
			r.wrong(setClock(), "the clock was set back: the journal knows of %s, in %s; no slot until then runs a second time",
				s.inside.Integrity.NewestAt.In(now.Location()).Format(time.DateTime), span(ahead))
		}
	}
	if len(r.findings) == 0 {
		journal := filepath.Join(s.stateDir, "journal.db")
		if info, err := os.Stat(journal); err == nil && info.ModTime().Sub(now) > clockSlack {
			r.wrong(setClock()+"; if the clock is right:  touch "+s.arg(journal), "the clock was set back, or the journal comes from elsewhere: %s was written at %s, in %s",
				s.short(journal), info.ModTime().Format(time.DateTime), span(info.ModTime().Sub(now)))
		}
	}
	if made := programTime(); made.Sub(now) > clockSlack && len(r.findings) == 0 {
		r.wrong(setClock(), "the clock is not right: lsh was written to this disk at %s, in %s", made.In(now.Location()).Format(time.DateTime), span(made.Sub(now)))
	}
	kept, err := clockKept()
	switch {
	case len(r.findings) > 0: // it was not kept right
	case err != nil:
		r.unknown("whether somebody keeps the clock right: %s", err)
	case !kept:
		r.note(setClock(), "nobody keeps the clock right: the kernel calls it not synchronised")
	}
}

// programTime is when this program's file was written, as far as that is known.
func programTime() time.Time {
	self, err := os.Executable()
	if err != nil {
		return time.Time{}
	}
	info, err := os.Stat(self)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
