package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lsh-project/lsh/ipc"
)

// largeJournal is from what size on a journal is worth a note, in bytes.
const largeJournal = 1 << 30

// checkJournal looks whether the journal is whole and can be written.
func checkJournal(_ context.Context, s *subject, r *diagnosis) {
	if d := s.daemon; d != nil {
		if d.Journal.State == ipc.JournalDegraded {
			r.wrong("make room on the disk, or make it writable: it is tried again by itself; see  df "+s.arg(s.stateDir), "the journal cannot be written: %s", d.Journal.Reason)
		}
		if d.Journal.Lost > 0 {
			r.note("", "%s of the journal were lost while it could not be written, until %s", countOf(d.Journal.Lost, "row"), moment(d.Journal.LostUntil.In(s.now().Location()), s.now()))
		}
	}
	if s.inside == nil {
		r.unknown("whether the journal is whole: %s", s.unasked())
		return
	}
	if info, err := os.Stat(s.stateDir); err == nil && !info.IsDir() {
		r.unknown("whether the journal is whole: %s is no directory", s.short(s.stateDir))
		return
	}
	i := s.inside.Integrity
	if t := lookAt(i.Path); t.info != nil && t.info.Mode().IsRegular() && t.owner == s.uid && t.info.Mode().Perm() != 0o600 {
		r.warn("chmod 600 "+s.arg(i.Path), "the journal %s has the mode %04o, and not 0600; the next start sets it", s.short(i.Path), t.info.Mode().Perm())
		if i.State == ipc.IntegrityUnusable {
			return // by that
		}
	}
	aside := s.arg(filepath.Join(filepath.Dir(s.stateDir), filepath.Base(s.stateDir)+".damaged"))
	switch i.State {
	case ipc.IntegrityAbsent:
		r.ok("none yet: the first start makes it")
	case ipc.IntegrityOK:
		r.ok("%s, %s, whole", s.short(i.Path), sizeText(i.Bytes))
	case ipc.IntegrityDamaged:
		hint, then := startIt, "; the next start begins a new one and keeps this one under another name"
		if s.daemon != nil {
			hint, then = fmt.Sprintf("lsh daemon stop && mkdir -p %s && mv %s* %s/ && lsh daemon start", aside, s.arg(i.Path), aside), ""
		}
		r.wrong(hint, "the journal %s: %s%s", s.short(i.Path), i.Reason, then)
	case ipc.IntegrityUnusable:
		r.wrong(cmp.Or(i.Hint, "ls -l "+s.arg(s.stateDir)), "%s", i.Reason)
	case ipc.IntegrityUnknown:
		r.note("", "cannot tell whether the journal (%s) is whole: %s", sizeText(i.Bytes), i.Reason)
	}
	if i.SetAside != "" {
		r.warn("rm "+s.arg(i.SetAside)+"*", "the journal was damaged once and a new one was begun; the damaged one, to be moved away or removed, is %s", s.short(i.SetAside))
	}
	if i.Bytes > largeJournal {
		r.note("keep fewer runs: output: {keep_runs: N} under defaults in the jobs file", "the journal is large: %s", sizeText(i.Bytes))
	}
}

// sizeText is a number of bytes for people.
func sizeText(n int64) string {
	const unit = 1024
	if n < unit {
		return countOf(int(n), "byte")
	}
	value, name := float64(n)/unit, "KiB"
	for _, next := range []string{"MiB", "GiB", "TiB"} {
		if value < unit {
			break
		}
		value, name = value/unit, next
	}
	if value < 10 {
		return fmt.Sprintf("%.1f %s", value, name)
	}
	return fmt.Sprintf("%.0f %s", value, name)
}
