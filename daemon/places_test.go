package daemon

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// delayed has a job fail once and wait for a second attempt until an instant.
func (w *world) delayed(job string, until time.Time) {
	w.t.Helper()
	w.do(job, func(l *loop, e *entry) { l.request(e, "", nil) })
	pass(1500 * time.Millisecond)
	w.do(job, func(l *loop, e *entry) {
		if len(e.runs) != 1 || e.runs[0].NotBefore.IsZero() {
			w.t.Fatalf("no further attempt waits: %d runs", len(e.runs))
		}
		r := e.runs[0]
		r.NotBefore = until
		l.change(r, func(rec *ipc.Run) { rec.NotBefore = until })
		l.mark(e)
	})
}

func TestADelayKeepsNoPlaceFromOthers(t *testing.T) {
	for _, c := range []struct{ name, file string }{
		{"of the group", "groups: {heavy: {max_parallel: 1}}\n"},
		{"of the daemon", "groups: {heavy: {max_parallel: 9}}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.end()
				if c.name == "of the daemon" {
					w.box.do(func(l *loop) { l.places.total = 1 })
				}
				w.load(c.file + `jobs:
  flaky: {command: [1s], success: [9], group: heavy, retry: {max: 1, delay: 1000h, max_delay: 1000h}}
  b: {command: [20m], group: heavy}
  c: {command: [1m], group: heavy}
  d: {command: [1m], group: heavy}
`)
				w.delayed("flaky", time.Now().Add(10*time.Minute))
				w.do("b", func(l *loop, e *entry) { l.request(e, "", nil) })
				pass(time.Second)
				if got := w.job("b"); got.State != ipc.JobRunning {
					t.Fatalf("b is %s beside a job that waits for nothing but its delay: %+v", got.State, got.Queued)
				}
				w.do("c", func(l *loop, e *entry) { l.request(e, "", nil) })
				pass(15 * time.Minute) // the delay is over, and b is in progress
				w.do("d", func(l *loop, e *entry) { l.request(e, "", nil) })
				pass(15 * time.Minute)
				c, flaky, d := w.runs("c")[0], w.runs("flaky")[1], w.runs("d")[0]
				if !c.StartedAt.Before(flaky.StartedAt) || !flaky.StartedAt.Before(d.StartedAt) {
					t.Errorf("c began at %s, the further attempt at %s, d at %s", c.StartedAt, flaky.StartedAt, d.StartedAt)
				}
			})
		})
	}
}

func TestTheLineIsTheSameAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`groups: {heavy: {max_parallel: 1}}
jobs:
  flaky: {command: [1s], success: [9], group: heavy, retry: {max: 1, delay: 1000h, max_delay: 1000h}}
  b: {command: [1h], group: heavy}
  c: {command: [1m], group: heavy}
`)
		w.delayed("flaky", time.Now().Add(10*time.Minute))
		for _, job := range []string{"b", "c"} {
			w.do(job, func(l *loop, e *entry) { l.request(e, "", nil) })
		}
		pass(time.Second)
		w = w.restart(20 * time.Minute) // b is lost, c has waited longer than the further attempt
		defer w.end()
		pass(5 * time.Minute)
		if c, flaky := w.runs("c")[0], w.runs("flaky")[1]; !c.StartedAt.Before(flaky.StartedAt) {
			t.Errorf("c began at %s, the further attempt at %s", c.StartedAt, flaky.StartedAt)
		}
	})
}
