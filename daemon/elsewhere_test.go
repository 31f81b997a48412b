package daemon

import (
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/ipc"
)

// remote is the daemon around a world, as far as commands from elsewhere need it.
func (w *world) remote() *Daemon {
	d := &Daemon{
		log: slog.New(slog.DiscardHandler), box: w.box, journal: w.loop.journal, table: w.table,
		ready: make(chan struct{}), stopped: make(chan struct{}),
	}
	close(d.ready)
	return d
}

// asked has something done from elsewhere, and gives the result.
func (w *world) asked(c mirror.Command) string {
	w.t.Helper()
	result, err := w.remote().command(w.t.Context(), c)
	if err != nil {
		w.t.Fatal(err)
	}
	return result
}

func fromAnn(id, action, job, args string) mirror.Command {
	return mirror.Command{ID: id, Job: job, Action: action, Args: json.RawMessage(args), SentBy: "ann"}
}

// messages are those of a kind of event, in order.
func (w *world) messages(kind string) []string {
	w.t.Helper()
	events, err := w.loop.journal.Events(0, "", 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, e := range events {
		if e.Kind == kind {
			all = append(all, e.Message)
		}
	}
	return all
}

func TestACommandFromElsewhereRunsAJobOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {a: {command: [2s]}}`)
		c := fromAnn("c1", "run", "a", `{"reason": "new data"}`)
		first := w.asked(c)
		pass(time.Minute)
		if again := w.asked(c); again != first {
			t.Errorf("done again, the result is %q, and was %q", again, first)
		}
		w = w.restart(time.Minute)
		defer w.end()
		if again := w.asked(c); again != first {
			t.Errorf("the next worker's result is %q, and was %q", again, first)
		}
		pass(time.Minute)
		runs := w.runs("a")
		if len(runs) != 1 {
			t.Fatalf("%d runs", len(runs))
		}
		if want := "run " + runs[0].ID + " begins"; first != want {
			t.Errorf("result is %q, want %q", first, want)
		}
		if r := runs[0]; r.Trigger != "manual" || r.State != ipc.RunSucceeded {
			t.Errorf("run is %+v", r)
		}
		if asked := w.messages("run.asked"); len(asked) != 1 || asked[0] != "asked for by ann from elsewhere: lsh.commands" {
			t.Errorf("events tell %q", asked)
		}
		if started := w.messages("run.started"); len(started) != 1 || started[0] != `asked for by ann from elsewhere: "new data"` {
			t.Errorf("events tell %q", started)
		}
	})
}

func TestARunFromElsewhereWaitsLikeAnyOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [1h], overlap: queue}}`)
		w.asked(fromAnn("c1", "run", "a", ""))
		result := w.asked(fromAnn("c2", "run", "a", `{"reason": "once more"}`))
		runs := w.runs("a")
		if len(runs) != 2 {
			t.Fatalf("%d runs", len(runs))
		}
		if want := "run " + runs[1].ID + " " + runs[1].Reason; result != want {
			t.Errorf("result is %q, want %q", result, want)
		}
		if reason := runs[1].Reason; !strings.HasPrefix(reason, "waits for run ") || !strings.HasSuffix(reason, `: "ann from elsewhere: once more"`) {
			t.Errorf("it waits, and the reason is %q", reason)
		}
		pass(90 * time.Minute)
		if r := w.runs("a")[1]; r.State != ipc.RunRunning || !strings.HasSuffix(r.Reason, `: "ann from elsewhere: once more"`) {
			t.Errorf("an hour later it is %+v", r)
		}
	})
}

func TestAPauseFromElsewhereHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t) // it is midnight
		w.load(`jobs: {hourly: {command: [2s], schedule: "@hourly"}}`)
		pass(30 * time.Minute)
		c := fromAnn("c1", "pause", "hourly", `{"reason": "move"}`)
		first := w.asked(c)
		end := time.Now().Add(24 * time.Hour)
		if want := "paused until " + end.Format(time.RFC3339); first != want {
			t.Errorf("result is %q, want %q", first, want)
		}
		w = w.restart(time.Second)
		defer w.end()
		synctest.Wait()
		o := w.job("hourly").Overrides
		want := ipc.Owner{UID: os.Getuid(), User: "ann", Command: "lsh.commands", From: "elsewhere"}
		if len(o) != 1 || o[0].Kind != ipc.OverridePause || !o[0].Until.Equal(end) || o[0].Owner != want || o[0].Reason != "move" {
			t.Fatalf("overrides are %+v", o)
		}
		pass(25 * time.Hour)
		if again := w.asked(c); again != first || len(w.job("hourly").Overrides) != 0 {
			t.Errorf("after its end, %q again makes %+v", again, w.job("hourly").Overrides)
		}
		if got := w.outcomes("hourly"); got[ipc.OutcomeSkipped] != 24 || got[ipc.OutcomeRan] != 1 {
			t.Errorf("outcomes are %v", got)
		}
		if reason := w.slots("hourly")[0].Reason; !strings.HasSuffix(reason, `: "ann from elsewhere: move"`) {
			t.Errorf("the ledger's reason is %q", reason)
		}
		if set := w.messages("override.set"); len(set) != 1 || set[0] != "paused by ann from elsewhere" {
			t.Errorf("events tell %q", set)
		}
	})
}

func TestTheEndOfAPauseFromElsewhereIsHeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [2s], schedule: "@hourly"}}`)
		week := time.Now().Add(7 * 24 * time.Hour)
		for id, c := range map[string]struct {
			args string
			end  time.Time
		}{
			"c1": {`{"for": 90.5}`, time.Now().Add(90*time.Second + 500*time.Millisecond)},
			"c2": {`{"until": "` + week.Format(time.RFC3339) + `"}`, week},
		} {
			w.asked(fromAnn(id, "pause", "a", c.args))
			if o := w.job("a").Overrides; len(o) != 1 || !o[0].Until.Equal(c.end) {
				t.Errorf("%s makes %+v", c.args, o)
			}
		}
	})
}

func TestAPauseIsResumedFromElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [2s], schedule: "@hourly"}}`)
		w.asked(fromAnn("c1", "pause", "a", `{}`))
		if got := w.asked(fromAnn("c2", "resume", "a", `null`)); got != "resumed" {
			t.Errorf("result is %q", got)
		}
		if o := w.job("a").Overrides; len(o) != 0 {
			t.Errorf("overrides are %+v", o)
		}
		if got := w.asked(fromAnn("c3", "resume", "a", "")); got != "it was not paused" {
			t.Errorf("result is %q", got)
		}
		if ended := w.messages("override.ended"); len(ended) != 1 || ended[0] != "resumed by ann from elsewhere" {
			t.Errorf("events tell %q", ended)
		}
	})
}

func TestASkipFromElsewhereIsOfOneSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [2s], schedule: "@hourly"}}`)
		for range 2 {
			if got := w.asked(fromAnn("c1", "skip", "a", "")); got != "the next slot will be skipped" {
				t.Errorf("result is %q", got)
			}
		}
		pass(150 * time.Minute)
		slots := w.slots("a")
		if len(slots) != 2 || slots[0].Outcome != ipc.OutcomeSkipped || !strings.HasSuffix(slots[0].Reason, `: "ann from elsewhere"`) || slots[1].Outcome != ipc.OutcomeRan {
			t.Errorf("slots are %+v", slots)
		}
	})
}

// killedInTurn lets the worker die before or after the commit of the next turn that writes something.
func (w *world) killedInTurn(at string) {
	w.box.do(func(l *loop) {
		armed := false
		l.later(func() { armed = true })
		l.spawn.probe = func(point string) {
			if !armed || point != at {
				return
			}
			if at == "deciding" {
				l.batch.Reset()
			}
			l.effects, l.leaving, l.leaveBy, l.starting = nil, true, l.now, 0
		}
	})
}

func TestACommandIsDoneOnceThoughTheWorkerIsKilled(t *testing.T) {
	for _, at := range []string{"deciding", "decided"} {
		for _, action := range []string{"run", "pause", "skip"} {
			t.Run(action+" when "+at, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.load(`jobs: {a: {command: [2s], schedule: "@hourly"}}`)
					c := fromAnn("c1", action, "a", "")
					w.killedInTurn(at)
					w.asked(c) // nobody hears of the result
					w = w.restart(time.Minute)
					defer w.end()
					synctest.Wait()
					done := len(w.job("a").Overrides) + len(w.runs("a"))
					if known := at == "decided"; known != (done == 1) {
						t.Fatalf("%d of it is there", done)
					}
					result := w.asked(c)
					pass(time.Minute)
					if o, runs := w.job("a").Overrides, w.runs("a"); len(o)+len(runs) != 1 {
						t.Errorf("overrides are %+v, runs %+v", o, runs)
					}
					if runs := w.runs("a"); action == "run" && (runs[0].State != ipc.RunSucceeded || result != "run "+runs[0].ID+" begins") {
						t.Errorf("result is %q, and the run %+v", result, runs[0])
					}
				})
			})
		}
	}
}

func TestCommandsThatMakeNoSenseAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs:
  a: {command: [2s], schedule: "@hourly"}
  off: {command: [2s], schedule: "@hourly", enabled: false}
  web: {command: [2s], schedule: "@hourly", only: {hosts: [web]}}
  hand: {command: [2s]}
`)
		const args = `refused: args are not like {"reason": "why", "until": "2026-01-31T12:00:00Z"} or {"for": 3600}`
		cases := []struct{ action, job, args, want string }{
			{"run", "x", "", "refused: no such job: x"},
			{"pause", "x", "", "refused: no such job: x"},
			{"stop", "a", "", "refused: no such action: stop (run, pause, resume or skip)"},
			{"run", "off", "", "refused: the job is disabled (enabled: false)"},
			{"run", "web", "", "refused: not for this host: only.hosts is web, this is laptop"},
			{"pause", "web", "", "refused: not for this host: only.hosts is web, this is laptop"},
			{"skip", "hand", "", "refused: no slot of it is coming"},
			{"run", "a", `{"for": 5}`, "refused: run takes no for and no until"},
			{"pause", "a", `[]`, args},
			{"pause", "a", `{"untill": "2100-01-01T00:00:00Z"}`, args},
			{"pause", "a", `{"until": "tomorrow"}`, args},
			{"pause", "a", `{"for": "1h"}`, args},
			{"pause", "a", `{"for": 5, "until": "2001-01-01T00:00:00Z"}`, "refused: for and until exclude each other"},
			{"pause", "a", `{"for": 0}`, "refused: pause for 0 s: it is not between 0 and ten years"},
			{"pause", "a", `{"for": 1e300}`, "refused: pause for 1e+300 s: it is not between 0 and ten years"},
			{"pause", "a", `{"until": "1999-01-01T00:00:00Z"}`, "refused: the end of the pause is not in the future: 1999-01-01T00:00:00Z"},
			{"pause", "a", `{"until": "9999-01-01T00:00:00Z"}`, "refused: the end of the pause is more than ten years away: 9999-01-01T00:00:00Z"},
		}
		ids := map[string]string{}
		for _, c := range cases {
			id := newID()
			ids[id] = c.want
			if got := w.asked(fromAnn(id, c.action, c.job, c.args)); got != c.want {
				t.Errorf("%s %s %s: %q, want %q", c.action, c.job, c.args, got, c.want)
			}
		}
		w.load(`jobs: {x: {command: [1h]}, a: {command: [2s], schedule: "@hourly"}}`)
		w = w.restart(time.Second)
		defer w.end()
		for id, want := range ids {
			if got := w.asked(fromAnn(id, "run", "x", "")); got != want {
				t.Errorf("a refusal is not the last word: %q, and then %q", want, got)
			}
		}
		if runs, o := w.runs("x"), w.job("a").Overrides; len(runs) > 0 || len(o) > 0 {
			t.Errorf("runs are %+v, overrides %+v", runs, o)
		}
	})
}

func TestTextsFromElsewhereAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [2s], schedule: "@hourly"}}`)
		c := fromAnn("c1", "pause", "a", `{"reason": " a\u0000b\u001b[31m\n`+strings.Repeat("ä", 300)+`"}`)
		c.SentBy = "ann\x00" + strings.Repeat("n", 300)
		w.asked(c)
		o := w.job("a").Overrides[0]
		if want := "ab[31m " + strings.Repeat("ä", 192) + "…"; o.Reason != want {
			t.Errorf("reason is %q, want %q", o.Reason, want)
		}
		if want := "ann" + strings.Repeat("n", 60) + "…"; o.Owner.User != want {
			t.Errorf("sender is %q, want %q", o.Owner.User, want)
		}
		if got := w.asked(fromAnn("c2", "run", strings.Repeat("x", 300), "")); len([]rune(got)) > 250 {
			t.Errorf("result is %q", got)
		}
	})
}

func TestACommandIsLeftToTheNextWorker(t *testing.T) {
	for name, end := range map[string]func(*loop){
		"stopping":  func(l *loop) { l.stop(time.Hour) },
		"restarted": func(l *loop) { l.starting++; l.depart("a test") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.load(`jobs: {a: {command: [1h], schedule: "@hourly"}}`)
				w.do("a", func(l *loop, e *entry) { l.request(e, "", nil) })
				pass(time.Second)
				w.box.do(end)
				c := fromAnn("c1", "pause", "a", "")
				if result, err := w.remote().command(t.Context(), c); err == nil {
					t.Errorf("result is %q", result)
				}
				if result, done, err := w.loop.journal.Command("c1"); done || err != nil {
					t.Errorf("it is done: %q, %v", result, err)
				}
				w = w.restart(time.Second)
				defer w.end()
				if result := w.asked(c); !strings.HasPrefix(result, "paused until ") {
					t.Errorf("result is %q", result)
				}
			})
		})
	}
}

// A result that was told must be known after a power cut.
func TestACommandIsOnTheDiskBeforeItIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [2s], schedule: "@hourly"}}`)
		w.box.do(func(l *loop) {
			for _, action := range []string{"run", "pause", "resume", "skip", "nonsense"} {
				l.batch.Durable = false
				l.obey(newOrder(fromAnn(action, action, "a", "")))
				if !l.batch.Durable {
					t.Errorf("that of %s need not be", action)
				}
			}
			l.batch.Durable = true
		})
		pass(time.Minute) // the run has begun and ended
	})
}
