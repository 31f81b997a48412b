package mirror

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// begun is the first of the hours that the tests play in.
var begun = time.Now().Add(-3 * time.Hour).Truncate(time.Minute)

// at is a second of these hours.
func at(second int) time.Time { return begun.Add(time.Duration(second) * time.Second) }

// chance is what doings draw from: a sequence of numbers below a bound.
type chance interface{ IntN(n int) int }

// doing is something that happens to a journal.
type doing func(c chance, m *machine, job string, second int)

// steady are doings that add and end, all are those that also take away.
func steady() []doing {
	return []doing{runs, runs, finish, finish, misses, setJob, override, generation, events}
}

func all() []doing { return append(steady(), cutSlots, forget, rename) }

func someJob(c chance) string { return []string{"backup", "report", "sweep"}[c.IntN(3)] }

// runs are slots that come due: some runs begin, some have ended already, some slots are skipped.
func runs(c chance, m *machine, job string, second int) {
	m.put(func(b *journal.Batch) {
		for i := range 1 + c.IntN(5) {
			r := journal.Run{
				ID: newID(), Job: job, State: "queued", Trigger: "schedule", Attempt: 1 + c.IntN(2), Scheduled: at(second + i), Generation: 3,
				SpecHash: "c0ffee", Live: []byte(`{}`),
			}
			s := journal.Slot{Job: job, At: at(second + i), Outcome: "ran", Reason: "its slot is due", Run: r.ID, Nominal: "2026-11-22 02:30"}
			switch c.IntN(3) {
			case 0:
				r = ended(c, m, r)
			case 1:
				r.State, r.Reason, s.Outcome, s.Reason = "stopped", "another took its place", "skipped", "another took its place of "+token
			}
			b.PutRun(r)
			b.PutSlots(s)
		}
	})
}

// ended is a run at its end.
func ended(c chance, m *machine, r journal.Run) journal.Run {
	took, late, cpu, code := 1234567*time.Microsecond, 89*time.Millisecond, 7*time.Second, c.IntN(2)
	r.State, r.ExitCode, r.Reason = "succeeded", &code, ""
	if code != 0 {
		r.State, r.Reason = "failed", "exit code 1 with --token "+token
		m.source.printed(r.ID, "no such token: "+token+"\n")
	}
	r.Started, r.Ended = r.Scheduled.Add(late), r.Scheduled.Add(late+took+123)
	r.Duration, r.Lateness, r.CPU = &took, &late, &cpu
	r.Pid, r.MaxRSS, r.OutputBytes, r.Survivors, r.Live = 4711, 1<<30, 5, []int{8, 9}, nil
	return r
}

// finish ends runs that are open.
func finish(c chance, m *machine, job string, _ int) {
	open, _, err := m.journal.Runs(journal.RunFilter{Job: job, States: []string{"queued", "running"}, Limit: 20})
	m.check(err)
	m.put(func(b *journal.Batch) {
		for _, r := range open {
			switch c.IntN(3) {
			case 0:
				r.State, r.Started = "running", r.Scheduled.Add(time.Second)
				b.PutRun(r)
			case 1:
				b.PutRun(ended(c, m, r))
			}
		}
	})
}

func misses(c chance, m *machine, job string, second int) {
	n := 1 + c.IntN(5)
	m.put(func(b *journal.Batch) {
		b.PutSlots(journal.Slot{Job: job, At: at(second), Last: at(second + n - 1), Count: n, Outcome: []string{"missed", "skipped"}[c.IntN(2)]})
	})
}

func cutSlots(_ chance, m *machine, job string, second int) {
	m.put(func(b *journal.Batch) { b.CutSlots(job, at(second-500)) })
}

func forget(c chance, m *machine, job string, _ int) {
	runs, _, err := m.journal.Runs(journal.RunFilter{Job: job, States: []string{"succeeded", "failed", "stopped"}, Limit: 20})
	m.check(err)
	held := m.mirror.Held(runs)
	var ids []string
	for _, r := range runs {
		if !held[r.ID] && c.IntN(2) == 0 {
			ids = append(ids, r.ID)
		}
	}
	m.check(m.journal.Forget(ids))
}

// rename gives a job's name away; another may take it over at once.
func rename(c chance, m *machine, job string, _ int) {
	to, other := someJob(c), someJob(c)
	if to == job {
		return
	}
	m.put(func(b *journal.Batch) {
		b.RenameJob(job, to)
		if other != job {
			b.RenameJob(other, job)
		}
	})
}

func setJob(c chance, m *machine, job string, second int) {
	m.put(func(b *journal.Batch) {
		b.PutJob(journal.Job{
			Name: job, Cursor: at(second), Failures: c.IntN(3), LastRun: newID(), Generation: 2, SpecHash: "c0ffee",
			Owner: fmt.Appendf(nil, `{"user": "ann", "pid": 12, "token": %q}`, token), Gone: c.IntN(2) == 0,
		})
	})
}

func override(c chance, m *machine, job string, second int) {
	id := fmt.Sprint("o", c.IntN(5))
	m.put(func(b *journal.Batch) {
		b.PutOverride(journal.Override{
			ID: id, Job: job, Kind: "pause", Until: at(second + 60), Owner: []byte(`{"user": "ann"}`), Reason: "not now, " + token, Created: at(second),
		})
		if c.IntN(2) == 0 {
			b.EndOverride(id, at(second), "over")
		}
	})
}

func generation(_ chance, m *machine, _ string, second int) {
	m.put(func(b *journal.Batch) {
		b.AddGeneration(journal.Generation{
			Number: 1 + second, Hash: fmt.Sprint("hash", second), Accepted: at(second).Add(1234567), Summary: []byte(`{"added": ["backup"]}`),
			Reason: "the file has changed", Jobs: 3, Commit: "c0ffee",
		})
	})
}

// events happen, each with the next number.
func events(c chance, m *machine, job string, second int) {
	heads, err := m.journal.Heads()
	m.check(err)
	m.put(func(b *journal.Batch) {
		for i := range 1 + c.IntN(4) {
			b.AddEvent(journal.Event{
				Seq: heads.NewestEvent + 1 + int64(i), Time: time.Now(), Kind: "paused", Job: job, Run: newID(), Slot: at(second), Count: i,
				Message: "paused by " + token,
			})
		}
	})
}

// live has a machine live through some steps, ten seconds each. It may be looked at after each.
func (m *machine) live(c chance, steps int, after func(step int)) {
	for i := range steps {
		m.doings[c.IntN(len(m.doings))](c, m, someJob(c), m.second)
		m.second += 10
		if after != nil {
			after(i)
		}
	}
}

// dice are chances that are the same each time.
func dice(seed uint64) chance { return rand.New(rand.NewPCG(seed, 1)) }
