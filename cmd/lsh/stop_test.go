package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// stoppedJobs is an answer of jobs.stop: a job with all that can be stopped,
// one that only waits, one that only left something behind, and an idle one.
func stoppedJobs() []ipc.Job {
	return []ipc.Job{
		{
			Name: "all", State: ipc.JobRunning, Running: []ipc.Run{{ID: "aaaa0001", Pid: 991}}, Queued: []ipc.Run{{ID: "aaaa0002"}},
			LastRun: &ipc.Run{ID: "aaaa0000", Survivors: []int{2940, 2941}},
		},
		{Name: "waits", State: ipc.JobWaiting, Queued: []ipc.Run{{ID: "bbbb0001", Reason: "waits for run cccc0000 (overlap: queue)"}}},
		{Name: "left", State: ipc.JobScheduled, LastRun: &ipc.Run{ID: "cccc0000", Survivors: []int{7}}},
		{Name: "idle", State: ipc.JobScheduled, LastRun: &ipc.Run{ID: "dddd0000"}},
	}
}

func saidBy(print func(a *app)) string {
	var b bytes.Buffer
	a := newApp(nil, &b, &b, func(string) (string, bool) { return "", false }, func() time.Time { return monday })
	print(a)
	a.finish(nil)
	return b.String()
}

func TestStopNamesAllThatItStops(t *testing.T) {
	const stopped = `all: stopping run aaaa0001 (pid 991), 2 processes left by run aaaa0000 (pids 2940, 2941); forgetting run aaaa0002, which waits
waits: forgetting run bbbb0001, which waits
left: stopping 1 process left by run cccc0000 (pid 7)
`
	jobs := stoppedJobs()
	for _, c := range []struct {
		jobs  []ipc.Job
		named bool
		want  string
	}{
		{jobs, true, stopped + "idle: no run in progress\n"},
		{jobs, false, stopped + "nothing to stop in 1 job more\n"},
		{jobs[:3], false, stopped},
		{jobs[3:], false, "nothing to stop in 1 job\n"},
	} {
		if got := saidBy(func(a *app) { a.printStopped(c.jobs, c.named) }); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}

func TestNoteTellsWhatWaitsAndWhatIsLeft(t *testing.T) {
	jobs := stoppedJobs()
	for i, want := range []string{
		"waits for its turn; 2 processes left: pids 2940, 2941",
		"for run cccc0000 (overlap: queue)", // after the state, waiting
		"1 process left: pid 7",
		"",
	} {
		if got := jobNote(jobs[i], monday); got != want {
			t.Errorf("note of %s is %q, want %q", jobs[i].Name, got, want)
		}
	}
}

func TestHistoryTellsWhatARunLeft(t *testing.T) {
	r := ipc.Run{Reason: "exit code 1", Survivors: []int{1, 2, 3, 4, 5, 6, 7}}
	if got, want := runReason(r), "exit code 1; left 7 processes: pids 1, 2, 3, 4, 5, 2 more"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r.Survivors = nil
	if got := runReason(r); got != "exit code 1" {
		t.Errorf("got %q", got)
	}
}
