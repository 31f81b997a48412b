package reconciler_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/reconciler"
)

// noon is when every case of the tables is looked at.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// job is one that is due every hour, changed as a case needs.
func job(t *testing.T, change func(*config.Job)) *config.Job {
	t.Helper()
	j := &config.Job{
		Name: "backup", Enabled: true, Here: true, Success: []int{0},
		Stop: config.Stop{Signal: "TERM", Grace: 10 * time.Second},
	}
	j.Slots = schedule.Set{parse(t, "0 * * * *")}
	if change != nil {
		change(j)
	}
	return j
}

func parse(t *testing.T, text string) *schedule.Schedule {
	t.Helper()
	s, err := schedule.Parse(text, schedule.Options{Location: time.UTC, Seed: "host/backup"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func overlap(o config.Overlap) func(*config.Job) {
	return func(j *config.Job) { j.Overlap = o }
}

// show is a verdict as one line.
func show(v reconciler.Verdict) string {
	a := v.Action
	if a.Op == reconciler.None {
		if v.WakeAt.IsZero() {
			return "rest"
		}
		return "rest until " + v.WakeAt.Sub(noon).String()
	}
	line := a.Op.String()
	if a.Run != "" {
		line += " " + a.Run
	}
	if a.Op == reconciler.Miss {
		line += fmt.Sprintf(" %d", a.Count)
	}
	return line + ": " + a.Reason
}

func TestReconcile(t *testing.T) {
	due := noon.Add(-time.Nanosecond) // the slot of noon has not been dealt with
	running := reconciler.Run{ID: "r1", Phase: reconciler.Running, Stop: config.Stop{Signal: "TERM", Grace: 10 * time.Second}, Attempt: 1}
	with := func(change func(*reconciler.Run)) reconciler.Run {
		r := running
		change(&r)
		return r
	}
	stopping := with(func(r *reconciler.Run) { r.Phase, r.StopBy = reconciler.Stopping, noon.Add(time.Second) })
	queued := reconciler.Run{ID: "r2", Phase: reconciler.Queued}
	manual := []reconciler.Request{{ID: "q1", Trigger: reconciler.TriggerManual}}
	pause := &reconciler.Override{ID: "o1", Until: noon.Add(time.Hour), Reason: "migration"}

	morning := reconciler.Absence{After: noon.Add(-3 * time.Hour), To: noon}
	catchUp := func(c config.CatchUp) func(*config.Job) {
		return func(j *config.Job) { j.CatchUp, j.CatchUpWithin = c, 24*time.Hour }
	}

	// Half a minute ago nobody was there, and each of ten seconds has a slot.
	tens := func(o config.Overlap) func(*config.Job) {
		return func(j *config.Job) { j.Overlap, j.Slots = o, schedule.Set{parse(t, "*/10 * * * * *")} }
	}
	ago := func(seconds int) time.Time { return noon.Add(-time.Duration(seconds) * time.Second) }
	late := with(func(r *reconciler.Run) {
		r.Trigger, r.Slot, r.Admitted = reconciler.TriggerSchedule, ago(30), ago(1)
	})
	lateFor := func(seconds int) reconciler.Run {
		r := late
		r.Admitted = ago(seconds)
		return r
	}
	lateQueued := late
	lateQueued.ID, lateQueued.Phase = "r2", reconciler.Queued

	cases := []struct {
		name    string
		job     func(*config.Job)
		gone    bool
		desired reconciler.Desired
		runs    []reconciler.Run
		cursor  time.Time // noon with an absence
		absence reconciler.Absence
		dealt   []reconciler.Span
		ticket  time.Time // of the next catch-up run
		awake   time.Time // noon when it is not said
		taken   string
		want    string
	}{
		{name: "a slot that is due runs", cursor: due, want: "start: its slot is due"},
		{name: "a slot that was dealt with does not", cursor: noon, want: "rest until 1h0m0s"},
		{name: "a clock set back runs nothing again", cursor: noon.Add(2 * time.Hour), want: "rest until 3h0m0s"},
		{name: "jitter delays", cursor: due, job: func(j *config.Job) { j.Delay = 7 * time.Second }, want: "rest until 7s"},
		{name: "up to a minute late it runs", cursor: noon.Add(-2 * time.Minute), job: func(j *config.Job) { j.Slots = schedule.Set{parse(t, "59 11 * * *")} }, want: "start: its slot is due"},
		{name: "later is missed", cursor: noon.Add(-3 * time.Hour), want: "miss 2: the machine or the daemon was not there; found more than 1m late"},
		{name: "what may yet be caught up is set aside", cursor: noon.Add(-3 * time.Hour), job: catchUp(config.CatchUpAll), want: "set aside: slots were missed: all of them will run"},
		{name: "it takes its turn among other jobs", absence: morning, job: catchUp(config.CatchUpAll), want: "spread: the next missed slot takes its turn among those of other jobs"},
		{name: "a ticket does not keep the next slot waiting", absence: morning, ticket: noon.Add(2 * time.Hour), job: catchUp(config.CatchUpAll), want: "rest until 1h0m0s"},
		{name: "one at a time", absence: morning, ticket: noon, job: catchUp(config.CatchUpAll), want: "start: caught up: it was missed (catch_up: all)"},
		{name: "not beside another run", absence: morning, ticket: noon, job: catchUp(config.CatchUpAll), runs: []reconciler.Run{running}, want: "rest until 1h0m0s"},
		{name: "nor before a further attempt", absence: morning, ticket: noon, job: catchUp(config.CatchUpAll), runs: []reconciler.Run{{ID: "r2", Trigger: reconciler.TriggerRetry, Attempt: 2, NotBefore: noon.Add(time.Minute)}}, want: "rest until 1m0s"},
		{name: "the last stands for all", absence: morning, job: catchUp(config.CatchUpOne), want: "collapse: catch_up: one: a later slot stands for it"},
		{name: "what comes due meanwhile is an ordinary slot", cursor: due, absence: reconciler.Absence{After: noon.Add(-3 * time.Hour), To: due}, ticket: noon.Add(time.Second), job: catchUp(config.CatchUpAll), want: "start: its slot is due"},
		{name: "a policy that is none by then", absence: morning, job: catchUp(config.CatchUpNone), want: "miss 3: the machine or the daemon was not there; found more than 1m late"},

		{name: "nothing is scheduled by hand", job: func(j *config.Job) { j.Slots = nil }, want: "rest"},
		{name: "a disabled job has no slots", cursor: due, job: func(j *config.Job) { j.Enabled = false }, want: "rest"},
		{name: "nor has one of another host", cursor: due, job: func(j *config.Job) { j.Here = false }, want: "rest"},
		{name: "a removed job rests", gone: true, cursor: due, want: "rest"},

		{name: "a pause accounts for its slots", cursor: due, desired: reconciler.Desired{Pause: pause}, want: `skip: paused until 2026-03-10 13:00 +00:00: "migration"`},
		{name: "a pause ends by itself", cursor: noon, desired: reconciler.Desired{Pause: &reconciler.Override{ID: "o1", Until: noon}}, want: "expire: the pause has reached its end"},
		{name: "its end is a time to look", cursor: noon, job: func(j *config.Job) { j.Slots = nil }, desired: reconciler.Desired{Pause: pause}, want: "rest until 1h0m0s"},
		{name: "the next slot is skipped", cursor: due, desired: reconciler.Desired{Skips: []reconciler.Override{{ID: "o2"}}}, want: "skip: skipped by the operator"},

		{name: "also when it was missed", cursor: noon.Add(-3 * time.Hour), desired: reconciler.Desired{Skips: []reconciler.Override{{ID: "o2", Since: noon.Add(-150 * time.Minute)}}}, want: "skip: skipped by the operator"},
		{name: "not one that was due before that was said", cursor: noon.Add(-3 * time.Hour), desired: reconciler.Desired{Skips: []reconciler.Override{{ID: "o2", Since: noon.Add(-90 * time.Minute)}}}, want: "miss 1: the machine or the daemon was not there; found more than 1m late"},
		{name: "nor one of before that is caught up", absence: morning, ticket: noon, job: catchUp(config.CatchUpAll), desired: reconciler.Desired{Skips: []reconciler.Override{{ID: "o2", Since: noon.Add(time.Minute)}}}, want: "start: caught up: it was missed (catch_up: all)"},

		{name: "overlap skip", cursor: due, runs: []reconciler.Run{running}, want: "skip: run r1 is in progress (overlap: skip)"},
		{name: "overlap queue", cursor: due, job: overlap(config.OverlapQueue), runs: []reconciler.Run{running}, want: "enqueue: waits for run r1 (overlap: queue)"},
		{name: "overlap queue holds one", cursor: due, job: overlap(config.OverlapQueue), runs: []reconciler.Run{running, queued}, want: "skip: run r1 is in progress and run r2 waits (overlap: queue)"},
		{name: "overlap replace waits first", cursor: due, job: overlap(config.OverlapReplace), runs: []reconciler.Run{running}, want: "enqueue: replaces run r1 (overlap: replace)"},
		{name: "then the former is stopped", cursor: noon, job: overlap(config.OverlapReplace), runs: []reconciler.Run{running, queued}, want: "terminate r1: replaced by the next run (overlap: replace)"},
		{name: "then the newer one is waited for", cursor: noon, job: overlap(config.OverlapReplace), runs: []reconciler.Run{stopping, queued}, want: "rest until 1s"},
		{name: "then it begins", cursor: noon, job: overlap(config.OverlapReplace), runs: []reconciler.Run{queued}, want: "launch r2: its turn has come"},
		{name: "a still newer one replaces what waits", cursor: due, job: overlap(config.OverlapReplace), runs: []reconciler.Run{stopping, queued}, want: "drop r2: replaced by a newer run before it began (overlap: replace)"},
		{name: "overlap allow", cursor: due, job: overlap(config.OverlapAllow), runs: []reconciler.Run{running}, want: "start: its slot is due"},
		{name: "what lingers does not overlap", cursor: due, runs: []reconciler.Run{with(func(r *reconciler.Run) {
			r.Phase, r.Lingering, r.StopBy = reconciler.Stopping, true, noon.Add(time.Second)
		})}, want: "start: its slot is due"},

		{name: "a late slot waits for a late run as long as it would have run by then", cursor: ago(30), job: tens(config.OverlapSkip), runs: []reconciler.Run{late}, want: "rest until 9s"},
		{name: "and begins when that has ended", cursor: ago(30), job: tens(config.OverlapSkip), want: "start: its slot is due"},
		{name: "then overlap decides: skip", cursor: ago(30), job: tens(config.OverlapSkip), runs: []reconciler.Run{lateFor(10)}, want: "skip: run r1 is in progress (overlap: skip)"},
		{name: "then overlap decides: queue", cursor: ago(30), job: tens(config.OverlapQueue), runs: []reconciler.Run{lateFor(10)}, want: "enqueue: waits for run r1 (overlap: queue)"},
		{name: "then overlap decides: replace", cursor: ago(30), job: tens(config.OverlapReplace), runs: []reconciler.Run{lateFor(10)}, want: "enqueue: replaces run r1 (overlap: replace)"},
		{name: "the slot after it waits for longer", cursor: ago(20), job: tens(config.OverlapQueue), runs: []reconciler.Run{lateFor(10), queued}, want: "rest until 10s"},
		{name: "under overlap allow none waits", cursor: ago(30), job: tens(config.OverlapAllow), runs: []reconciler.Run{late}, want: "start: its slot is due"},
		{name: "but for one that has no place", cursor: ago(30), job: tens(config.OverlapAllow), taken: "group full", runs: []reconciler.Run{lateQueued}, want: "rest until 9s"},
		{name: "nor does a slot that came due since the daemon is awake", cursor: ago(30), awake: ago(25), job: tens(config.OverlapSkip), runs: []reconciler.Run{late}, want: "skip: run r1 is in progress (overlap: skip)"},
		{name: "nor does a slot that came due after the run was let in", cursor: ago(10), job: tens(config.OverlapSkip), runs: []reconciler.Run{late}, want: "skip: run r1 is in progress (overlap: skip)"},
		{name: "nor one that meets a run by hand", cursor: ago(30), job: tens(config.OverlapSkip), runs: []reconciler.Run{with(func(r *reconciler.Run) {
			r.Trigger, r.Admitted = reconciler.TriggerManual, ago(1)
		})}, want: "skip: run r1 is in progress (overlap: skip)"},
		{name: "nor one that meets a caught up run", cursor: ago(30), job: tens(config.OverlapSkip), runs: []reconciler.Run{with(func(r *reconciler.Run) {
			r.Trigger, r.Slot, r.Admitted = reconciler.TriggerCatchUp, ago(30), ago(1)
		})}, want: "skip: run r1 is in progress (overlap: skip)"},
		{name: "nor one that meets a further attempt", cursor: ago(30), job: tens(config.OverlapSkip), runs: []reconciler.Run{with(func(r *reconciler.Run) {
			r.Trigger, r.Slot, r.Admitted, r.Attempt = reconciler.TriggerRetry, ago(30), ago(1), 2
		})}, want: "skip: run r1 is in progress (overlap: skip)"},
		{name: "one that has waited for too long is missed", cursor: ago(80), job: tens(config.OverlapSkip), runs: []reconciler.Run{with(func(r *reconciler.Run) {
			r.Trigger, r.Slot, r.Admitted = reconciler.TriggerSchedule, ago(80), ago(1)
		})}, want: "miss 1: the machine or the daemon was not there; found more than 1m late"},

		{name: "slots to come that the ledger has are no time to look", cursor: noon, dealt: []reconciler.Span{{From: noon.Add(time.Hour), To: noon.Add(2 * time.Hour)}, {From: noon.Add(3 * time.Hour), To: noon.Add(3 * time.Hour)}}, want: "rest until 4h0m0s"},
		{name: "they are passed over together", cursor: ago(30), job: tens(config.OverlapSkip), dealt: []reconciler.Span{{From: ago(20), To: ago(20)}, {From: ago(10), To: ago(10)}}, want: "pass: it has been accounted for already"},

		{name: "a full group queues", cursor: due, taken: "group full", want: "enqueue: group full"},
		{name: "one run at most waits", cursor: due, taken: "group full", runs: []reconciler.Run{queued}, want: "skip: run r2 waits already"},
		{name: "and is not begun while there is no place", cursor: noon, taken: "group full", runs: []reconciler.Run{queued}, want: "rest until 1h0m0s"},

		{name: "a request runs", cursor: noon, desired: reconciler.Desired{Requests: manual}, want: "start: asked for by hand"},
		{name: "a request passes the same gate: pause", cursor: noon, desired: reconciler.Desired{Requests: manual, Pause: pause}, want: `refuse: paused until 2026-03-10 13:00 +00:00: "migration"`},
		{name: "a request passes the same gate: overlap", cursor: noon, desired: reconciler.Desired{Requests: manual}, runs: []reconciler.Run{running}, want: "refuse: run r1 is in progress (overlap: skip)"},
		{name: "a request passes the same gate: host", cursor: noon, job: func(j *config.Job) { j.Here, j.NotHere = false, "only.hosts: web-*" }, desired: reconciler.Desired{Requests: manual}, want: "refuse: not for this host: only.hosts: web-*"},
		{name: "a request of a removed job", gone: true, desired: reconciler.Desired{Requests: manual}, want: "refuse: the job is gone from the file"},
		{name: "a request is spent before a slot", cursor: due, desired: reconciler.Desired{Requests: manual}, want: "start: asked for by hand"},

		{name: "a timeout is a time to look", cursor: noon, runs: []reconciler.Run{with(func(r *reconciler.Run) { r.Timeout = noon.Add(time.Minute) })}, want: "rest until 1m0s"},
		{name: "when it is up the run is stopped", cursor: noon, runs: []reconciler.Run{with(func(r *reconciler.Run) { r.Timeout = noon })}, want: "terminate r1: its timeout is up"},
		{name: "grace is waited for", cursor: noon, runs: []reconciler.Run{stopping}, want: "rest until 1s"},
		{name: "then it is killed", cursor: noon, runs: []reconciler.Run{with(func(r *reconciler.Run) { r.Phase, r.StopBy = reconciler.Stopping, noon })}, want: "kill r1: still there 10s after TERM"},
		{name: "also when its job is gone", gone: true, runs: []reconciler.Run{with(func(r *reconciler.Run) { r.Phase, r.StopBy = reconciler.Stopping, noon })}, want: "kill r1: still there 10s after TERM"},
		{name: "what is left of a killed group is looked for", gone: true, runs: []reconciler.Run{with(func(r *reconciler.Run) {
			r.Phase, r.StopBy, r.Killed, r.Lingering = reconciler.Stopping, noon, true, true
		})}, want: "rest until 200ms"},
		{name: "once", gone: true, runs: []reconciler.Run{with(func(r *reconciler.Run) { r.Phase, r.StopBy, r.Killed = reconciler.Stopping, noon, true })}, want: "rest"},
		{name: "the operator's stop", cursor: noon, runs: []reconciler.Run{with(func(r *reconciler.Run) { r.Halt = "stopped by the operator" })}, want: "terminate r1: stopped by the operator"},

		{name: "a changed process finishes", cursor: noon, desired: reconciler.Desired{Spec: "new"}, runs: []reconciler.Run{running}, want: "rest until 1h0m0s"},
		{name: "on_change restart: the successor waits first", cursor: noon, job: func(j *config.Job) { j.OnChange.Action = config.ChangeRestart }, desired: reconciler.Desired{Spec: "new"}, runs: []reconciler.Run{running}, want: "enqueue: the job has changed (on_change: restart)"},
		{name: "on_change restart: then the former is stopped", cursor: noon, job: func(j *config.Job) { j.OnChange.Action = config.ChangeRestart }, desired: reconciler.Desired{Spec: "new"}, runs: []reconciler.Run{running, queued}, want: "terminate r1: the job has changed (on_change: restart)"},
		{name: "on_change signal", cursor: noon, job: func(j *config.Job) { j.OnChange = config.OnChange{Action: config.ChangeSignal, Signal: "HUP"} }, desired: reconciler.Desired{Spec: "new"}, runs: []reconciler.Run{running}, want: "tell r1: the job has changed (on_change: signal:HUP)"},
		{name: "on_change signal: once", cursor: noon, job: func(j *config.Job) { j.OnChange = config.OnChange{Action: config.ChangeSignal, Signal: "HUP"} }, desired: reconciler.Desired{Spec: "new"}, runs: []reconciler.Run{with(func(r *reconciler.Run) { r.Told = "new" })}, want: "rest until 1h0m0s"},

		{name: "a removed job drops what waits", gone: true, runs: []reconciler.Run{queued}, want: "drop r2: the job is gone from the file"},
		{name: "a paused job too", cursor: noon, desired: reconciler.Desired{Pause: pause}, runs: []reconciler.Run{queued}, want: `drop r2: paused until 2026-03-10 13:00 +00:00: "migration"`},
		{name: "shutdown begins nothing", cursor: due, desired: reconciler.Desired{Shutdown: true}, want: "rest"},
		{name: "shutdown drops what waits", cursor: noon, desired: reconciler.Desired{Shutdown: true}, runs: []reconciler.Run{running, queued}, want: "drop r2: the daemon stops"},
		{name: "shutdown refuses", desired: reconciler.Desired{Shutdown: true, Requests: manual}, want: "refuse: the daemon stops"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := c.desired
			if !c.gone {
				d.Job = job(t, c.job)
			}
			o := reconciler.Observed{Cursor: c.cursor, Absence: c.absence, Dealt: c.dealt, CatchUpAt: c.ticket, Awake: noon, Runs: c.runs}
			if !c.awake.IsZero() {
				o.Awake = c.awake
			}
			if c.cursor.IsZero() && c.absence.Open() {
				o.Cursor = noon
			}
			got := reconciler.Reconcile(d, o, reconciler.Places{Taken: c.taken}, noon)
			if show(got) != c.want {
				t.Errorf("got  %s\nwant %s", show(got), c.want)
			}
		})
	}
}

func TestNextIsWhatWillRun(t *testing.T) {
	cases := []struct {
		name  string
		pause *reconciler.Override
		skips int
		want  time.Duration
	}{
		{"undisturbed", nil, 0, time.Hour},
		{"one skipped", nil, 1, 2 * time.Hour},
		{"paused until half past two", &reconciler.Override{Until: noon.Add(150 * time.Minute)}, 0, 3 * time.Hour},
		{"paused until the very slot", &reconciler.Override{Until: noon.Add(2 * time.Hour)}, 0, 2 * time.Hour},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := reconciler.Desired{Job: job(t, nil), Pause: c.pause, Skips: make([]reconciler.Override, c.skips)}
			v := reconciler.Reconcile(d, reconciler.Observed{Cursor: noon}, reconciler.Places{}, noon)
			if got := v.Next.Sub(noon); got != c.want {
				t.Errorf("next in %s, want %s", got, c.want)
			}
		})
	}
	ledger := reconciler.Observed{Cursor: noon, Dealt: []reconciler.Span{
		{From: noon.Add(time.Hour), To: noon.Add(2 * time.Hour)}, {From: noon.Add(4 * time.Hour), To: noon.Add(4 * time.Hour)},
	}}
	for skips, want := range []time.Duration{3 * time.Hour, 5 * time.Hour} {
		d := reconciler.Desired{Job: job(t, nil), Skips: make([]reconciler.Override, skips)}
		v := reconciler.Reconcile(d, ledger, reconciler.Places{}, noon)
		if got := v.Next.Sub(noon); got != want {
			t.Errorf("beside what the ledger has, and %d skipped, next in %s, want %s", skips, got, want)
		}
	}
	held := reconciler.Observed{Cursor: noon.Add(-time.Second), Awake: noon, Runs: []reconciler.Run{{
		ID: "r1", Phase: reconciler.Running, Trigger: reconciler.TriggerSchedule, Attempt: 1, Slot: noon.Add(-time.Second), Admitted: noon,
	}}}
	v := reconciler.Reconcile(reconciler.Desired{Job: job(t, nil)}, held, reconciler.Places{}, noon)
	if next, wake := v.Next.Sub(noon), v.WakeAt.Sub(noon); next != time.Hour || wake != time.Second {
		t.Errorf("while a slot is held next is in %s, and the next look in %s", next, wake)
	}
	d := reconciler.Desired{Job: job(t, nil), Pause: &reconciler.Override{}}
	if v = reconciler.Reconcile(d, reconciler.Observed{Cursor: noon}, reconciler.Places{}, noon); !v.Next.IsZero() {
		t.Errorf("paused without end, yet next is %s", v.Next)
	}
}
