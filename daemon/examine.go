package daemon

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
)

const (
	// examineWithin is how long an examination reads the journal, and looks for the programs of jobs.
	examineWithin = 1500 * time.Millisecond
	// failsOften is from how many failures in a row on a job is told of.
	failsOften = 3
	// pausedLong is how old a pause without an end is before it may have been forgotten.
	pausedLong = 7 * 24 * time.Hour
)

// examine is what only the daemon can tell.
func (d *Daemon) examine(ctx context.Context, _ ipc.Empty) (ipc.Examination, error) {
	var applied *config.Config
	if !d.box.do(func(l *loop) { applied = l.applied }) {
		return ipc.Examination{}, stopping()
	}
	x := d.looker.examination(ctx, applied, d.options.Paths.StateDir)
	x.SettingsChanged = d.settings != fileSum(d.options.Paths.ConfigFile)
	x.Warnings = append(slices.Clone(d.options.Warnings), d.lock.Warnings()...)
	if gone := d.source.gone.Load(); gone != nil {
		x.MissingEnvFiles = *gone
	}
	if polling, reason := d.source.watcher.Mode(); polling {
		x.Polling = reason
	}
	if k := d.options.Keeper; k != nil && k.Last() != nil && k.Last().Code != ExitRestart {
		last := k.Last()
		x.LastEnd = lastEnd(last.Code, syscall.Signal(last.Signal)) + " at " + last.Ended.Format(time.DateTime)
	}
	d.countNeeds(&x, time.Now())
	return x, nil
}

// countNeeds counts the jobs that somebody should look at.
func (d *Daemon) countNeeds(x *ipc.Examination, now time.Time) {
	for _, e := range d.table.all() {
		v := e.view.Load()
		if v.broken != "" {
			x.Unusable.Add(e.name)
		}
		if v.failures >= failsOften {
			x.Failing.Add(e.name)
		}
		for _, o := range v.lives().overrides {
			if o.Kind == ipc.OverridePause && o.Until.IsZero() && now.Sub(o.CreatedAt) >= pausedLong {
				x.Paused.Add(e.name)
			}
		}
	}
}

// looker looks at what may take long.
type looker struct {
	base []string // environment that runs have a part of
	home string
	// busy are the looks that have not come back: each takes a thread for as long as a dead network mount lets it hang.
	journal, programs atomic.Bool
}

// examination is what can be told of a configuration and of the journal in a directory.
func (l *looker) examination(ctx context.Context, applied *config.Config, stateDir string) ipc.Examination {
	x := ipc.Examination{Path: variable(l.base, "PATH")}
	if tz, set := os.LookupEnv("TZ"); set {
		x.TZ = &tz
	}
	if applied != nil {
		for _, f := range applied.Files {
			x.Files = append(x.Files, f.Path)
		}
		x.EnvFiles, x.Includes = applied.EnvFiles, applied.Includes
	}
	ctx, cancel := context.WithTimeout(ctx, examineWithin)
	defer cancel()
	file := aside(ctx, &l.journal, func() ipc.Integrity { return integrity(ctx, stateDir) })
	needed := aside(ctx, &l.programs, func() *needs { return needsOf(ctx, applied, l.base, l.home) })
	var whole bool
	if x.Integrity, whole = <-file; !whole {
		x.Integrity = ipc.Integrity{State: ipc.IntegrityUnknown, Reason: "its directory does not answer"}
	}
	n, ok := <-needed
	if ok {
		x.Missing, x.MissingMore = n.missing()
	}
	if !ok || ctx.Err() != nil {
		x.Unknown = append(x.Unknown, fmt.Sprintf("whether the programs and directories of all jobs are there: to look at them takes longer than %s, as on a dead network mount", examineWithin))
	}
	return x
}

// aside has f looked up beside the caller. The answer is closed without a value when ctx ends before, or an earlier f
// still hangs.
func aside[T any](ctx context.Context, busy *atomic.Bool, f func() T) <-chan T {
	answer := make(chan T, 1)
	if !busy.CompareAndSwap(false, true) {
		close(answer)
		return answer
	}
	done := make(chan T, 1)
	go func() {
		defer busy.Store(false)
		done <- f()
	}()
	go func() {
		defer close(answer)
		select {
		case v := <-done:
			answer <- v
		case <-ctx.Done():
			select {
			case v := <-done:
				answer <- v
			case <-time.After(graceOfLook):
			}
		}
	}()
	return answer
}

// graceOfLook is how long a look that was told to end has to say what it has.
const graceOfLook = 100 * time.Millisecond

// integrity is the journal in a directory.
func integrity(ctx context.Context, dir string) ipc.Integrity {
	f := journal.Examine(ctx, dir)
	w := ipc.Integrity{State: ipc.IntegrityOK, Path: f.Path, Bytes: f.Bytes, NewestAt: f.Newest, SetAside: f.SetAside}
	switch {
	case f.Absent:
		w.State = ipc.IntegrityAbsent
	case f.Err != nil:
		w.State, w.Reason = ipc.IntegrityUnusable, f.Err.Error()
		if f.Damage {
			w.State = ipc.IntegrityDamaged
		}
		if h, knows := errors.AsType[interface {
			error
			Hint() string
		}](f.Err); knows {
			w.Hint = h.Hint()
		}
	case !f.Whole:
		w.State, w.Reason = ipc.IntegrityUnknown, fmt.Sprintf("it could not be read to its end in %s", examineWithin)
	}
	return w
}

// fileSum is of a file's content; of none where it cannot be read.
func fileSum(path string) [sha256.Size]byte {
	text, err := readEnvFile(path)
	if err != nil {
		return [sha256.Size]byte{}
	}
	return sha256.Sum256(text)
}
