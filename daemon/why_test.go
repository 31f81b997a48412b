package daemon

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// why is what jobs.why answers.
func (w *world) why(job, when string, limit int) ipc.WhyResult {
	w.t.Helper()
	d := &Daemon{journal: w.loop.journal, table: w.table}
	result, err := d.why(w.t.Context(), ipc.WhyParams{Job: job, Time: when, Limit: limit})
	if err != nil {
		w.t.Fatal(err)
	}
	return result
}

// In 2000 the clock of New York went from 02:00 to 03:00 on 2 April.
func TestWhyOfATimeThatDoesNotExist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer func() { w.end() }()
		w.load(`jobs:
  night: {command: [1s], schedule: "30 2 * * *", timezone: America/New_York}
  lost: {command: [1s], schedule: "30 2 * * *", timezone: America/New_York, dst: {gap: skip}}
  three: {command: [1s], schedule: "0 3 * * *", timezone: America/New_York}
  often: {command: [1s], schedule: "*/15 * 2 4 *", timezone: America/New_York}`)
		ask := func(when string) {
			t.Helper()
			for _, c := range []struct{ job, at, want string }{
				{"night", "2000-04-02 02:30", ipc.OutcomeCollapsed},
				{"night", "2000-04-02 02:17", ""},
				{"lost", "2000-04-02 02:30", ipc.OutcomeSkipped},
				{"lost", "2000-04-02", ipc.OutcomeSkipped},
				{"lost", "2000-04-02 02:17", ""},
				{"three", "2000-04-02 02:17", ""},
				{"often", "2000-04-02 02:15", ""},
			} {
				if when == "before" && c.want == ipc.OutcomeCollapsed {
					c.want = ipc.OutcomePending
				}
				got := w.why(c.job, c.at, 0)
				switch {
				case c.want == "" && (len(got.Slots) > 0 || !strings.Contains(got.Note, "does not exist on 2 April 2000")):
					t.Errorf("%s it, %s at %s: %+v", when, c.job, c.at, got)
				case c.want != "" && (len(got.Slots) != 1 || got.Slots[0].Outcome != c.want || got.Slots[0].Nominal != "2000-04-02T02:30:00"):
					t.Errorf("%s it, %s at %s: %+v, want %s", when, c.job, c.at, got, c.want)
				}
			}
		}
		ask("before")
		pass(95 * 24 * time.Hour)
		ask("after")
		if got := w.why("lost", "1999-04-04 02:30", 0); len(got.Slots) > 0 {
			t.Errorf("before the job was there: %+v", got.Slots)
		}
	})
}

func TestWhyOfASlotAfterTheOneThatIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer func() { w.end() }()
		w.load(`jobs: {backup: {command: [1s], schedule: "@daily"}}`)
		w.do("backup", func(l *loop, e *entry) {
			l.pause(e, ipc.Override{ID: "p", Job: "backup", Kind: ipc.OverridePause, CreatedAt: l.now, Until: l.now.Add(36 * time.Hour)})
			l.skipNext(e, ipc.Override{ID: "s", Job: "backup", Kind: ipc.OverrideSkip, CreatedAt: l.now})
		})
		for day, want := range map[string]string{
			"2000-01-02": "it will not run: paused", "2000-01-03": "it will not run: skipped", "2000-01-04": "it is due", "2000-01-08": "it is due",
		} {
			got := w.why("backup", day, 0).Slots
			if len(got) != 1 || !strings.HasPrefix(got[0].Reason, want) {
				t.Errorf("on %s: %+v, want %s", day, got, want)
			}
		}
	})
}

func TestWhyOfATimeBetweenTheSlotsOfAStretch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t) // it is midnight
		w.load(`jobs: {hourly: {command: [1s], schedule: "@hourly", catch_up: none}}`)
		pass(90 * time.Minute)
		w = w.restart(5 * time.Hour)
		defer w.end()
		pass(10 * time.Minute)
		for at, n := range map[string]int{"03:00": 1, "04:00": 1, "03:17": 0, "2000-01-01T04:00:00Z": 1, "2000-01-01T04:00:01Z": 0, "2000-01-01": 19, "today": 19, "yesterday": 0, "today 04:00": 1} {
			if got := w.why("hourly", at, 0).Slots; len(got) != n || n == 1 && got[0].Outcome != ipc.OutcomeMissed {
				t.Errorf("at %s: %+v, want %d entries", at, got, n)
			}
		}
	})
}

// All of a day is told, and where a limit cuts it, that it does.
func TestWhyOfAWholeDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer func() { w.end() }()
		w.load(`jobs: {often: {command: [1s], schedule: "*/5 * * * *"}}`)
		pass(36*time.Hour + time.Minute)
		if got := w.why("often", "2000-01-02", whyAtMost); len(got.Slots) != 288 || got.Slots[0].Outcome != ipc.OutcomeRan || got.Older || got.Later {
			t.Errorf("today: %d entries, the first is %+v", len(got.Slots), got.Slots[0])
		}
		got := w.why("often", "2000-01-02", 10)
		if len(got.Slots) != 20 || !got.Older || !got.Later || got.Slots[9].Nominal != "2000-01-02T12:00:00" || got.Slots[10].Outcome != ipc.OutcomePending {
			t.Errorf("today, cut: %+v", got)
		}
	})
}

// What a slot came to is what its last attempt did.
func TestWhyOfASlotThatWasTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t) // it is midnight
		defer func() { w.end() }()
		const rest = `schedule: "0 5 1,2 1 *", overlap: allow, retry: {max: 2, delay: 1000h, max_delay: 1000h}}}`
		w.load(`jobs: {flaky: {command: [1s], success: [9], ` + rest)
		pass(30 * time.Hour)
		for _, s := range w.why("flaky", "", 0).Slots {
			if s.Outcome != ipc.OutcomeRan || s.Run == nil || s.Run.ID == s.RunID || s.Attempts < 2 {
				t.Errorf("while the second attempt waits: %+v, run %+v", s, s.Run)
			}
		}
		w.load(`jobs: {flaky: {command: [1s], ` + rest)
		pass(200 * 24 * time.Hour)
		first := map[string]bool{}
		for _, r := range w.runs("flaky") {
			first[r.ID] = r.Attempt == 1
		}
		got := w.why("flaky", "", 0).Slots
		if len(got) != 2 {
			t.Fatalf("%d slots, want 2: %+v", len(got), got)
		}
		for _, s := range got {
			if !first[s.RunID] || s.Run.State != ipc.RunSucceeded || s.Attempts != s.Run.Attempt || s.Attempts < 2 || !s.Run.ScheduledAt.Equal(s.At) {
				t.Errorf("%+v, run %+v", s, s.Run)
			}
		}
	})
}
