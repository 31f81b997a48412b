package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/daemon/pgtest"
	"github.com/lsh-project/lsh/ipc"
)

// syncedHome is a crashHome that syncs to a database, over a network that may break. The worker finds its database in the environment,
// so such tests are not parallel.
func syncedHome(t *testing.T, jobs string) (*crashHome, *pgtest.Database, *pgtest.Proxy) {
	t.Helper()
	db := pgtest.Start(t)
	network := pgtest.NewProxy(t, db.Address(pgtest.Transaction))
	made, err := mirror.Init(t.Context(), mirror.InitOptions{AdminURL: network.URL(db.AdminURL(pgtest.Transaction)), User: db.Name})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("LSH_TEST_DATABASE", made.URL)
	return newCrashHomeOf(t, jobs, ""), db, network
}

// insist asks the worker that answers, and the next one where it dies meanwhile.
func insist[P, R any](h *crashHome, m ipc.Method[P, R], p P) R {
	h.t.Helper()
	for {
		c := h.client()
		r, err := m.Call(h.t.Context(), c, p)
		c.Close()
		if err == nil {
			return r
		}
		if _, refused := err.(*ipc.Error); refused {
			h.t.Fatalf("%s: %v", m.Name, err)
		}
	}
}

// sync has all that waits arrive.
func (h *crashHome) sync() {
	h.t.Helper()
	var r ipc.SyncNowResult
	for range 20 {
		if r = insist(h, ipc.SyncNow, ipc.SyncNowParams{}); r.Done {
			return
		}
	}
	h.t.Fatalf("not all arrives: %+v, %+v", r.Sync, r.Sync.Error)
}

// save writes another jobs file, as an editor does.
func (h *crashHome) save(jobs string) {
	h.t.Helper()
	path := filepath.Join(h.dir, "jobs.yaml")
	if err := os.WriteFile(path+".new", []byte(jobs), 0o600); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		h.t.Fatal(err)
	}
}

// rest lets no more slots come, waits until nothing runs, and has all arrive. A pause alone would not do: each slot of it is told.
func (h *crashHome) rest(jobs string) {
	h.t.Helper()
	h.save(strings.ReplaceAll(jobs, `, schedule: "* * * * * *"`, ""))
	insist(h, ipc.DaemonReload, ipc.ReloadParams{})
	h.quiet()
	h.sync()
}

// Workers die and the database goes away and comes back, all the while jobs run: in the end the database says what the journal says.
func TestTheReplicaOfAKilledDaemon(t *testing.T) {
	const jobs = `version: 1
defaults: {overlap: allow, timezone: UTC}
jobs:
  works: {command: 'sleep 0.1', schedule: "* * * * * *"}
  fails: {command: 'echo no such thing; exit 3', schedule: "* * * * * *"}
  long:  {command: 'sleep 2.5', schedule: "* * * * * *", overlap: skip}
  paused: {command: 'true', schedule: "* * * * * *"}
`
	h, db, _ := syncedHome(t, jobs)
	pid := h.worker(0)
	for i := range 6 {
		time.Sleep(700 * time.Millisecond)
		switch i {
		case 1:
			insist(h, ipc.JobsPause, ipc.SelectParams{Jobs: []string{"paused"}, Reason: "enough"})
			db.Stop(t)
		case 2:
			h.save(strings.Replace(jobs, "  works: {", "  added: {command: 'true', schedule: \"* * * * * *\"}\n  renamed: {moved_from: works, ", 1))
		case 3:
			db.Resume(t)
			insist(h, ipc.JobsResume, ipc.SelectParams{Jobs: []string{"paused"}})
		case 4:
			h.save(jobs)
			db.Restart(t)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		pid = h.worker(pid)
	}
	h.rest(jobs)
	h.equal(db)
	if n := db.Query(t, "select count(*) from lsh.hosts"); n[0] != "1" {
		t.Errorf("there are %s hosts", n[0])
	}
	// What failed has told why.
	for _, missing := range db.Query(t, `select r.id from lsh.runs r left join lsh.run_output o on (o.host_id, o.run_id) = (r.host_id, r.id)
		where r.state = 'failed' and o.tail is distinct from E'no such thing\n'`) {
		t.Errorf("run %s has no output in the database, or another", missing)
	}
	h.stop()
}

// A month without the database, in small: what a job does not keep by itself is kept until the database has it, and then no longer.
func TestTheDatabaseIsAwayForTheWholeLifeOfRuns(t *testing.T) {
	const jobs = `version: 1
defaults: {timezone: UTC}
jobs:
  many: {command: ["true"], overlap: allow, output: {keep_runs: 20}}
  tick: {command: ["true"], schedule: "* * * * * *"}
`
	const runs, keep = 1500, 20
	h, db, network := syncedHome(t, jobs)
	network.Refuse()
	network.Cut()
	pid := h.worker(0)
	c := h.client()
	ids := map[string]bool{}
	run := func() {
		r, err := ipc.JobsRun.Call(t.Context(), c, ipc.RunParams{Job: "many"})
		if err != nil {
			t.Fatal(err)
		}
		ids[r.Run.ID] = true
	}
	for i := range runs {
		if i == runs/2 { // another worker still knows what waits
			c.Close()
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			h.worker(pid)
			c = h.client()
		}
		run()
	}
	s := insist(h, ipc.SyncStatus, ipc.Empty{})
	if s.State != ipc.SyncRetrying || s.Backlog < runs || s.Error == nil || s.Error.Hint == "" {
		t.Errorf("sync is %+v, error %+v", s, s.Error)
	}
	if n := h.kept("many"); n != runs {
		t.Errorf("the journal keeps %d of %d runs that the database does not have", n, runs)
	}

	network.Admit(t)
	h.sync()
	for _, line := range db.Query(t, "select id from lsh.runs where job = 'many' and state = 'succeeded'") {
		delete(ids, line)
	}
	if len(ids) > 0 {
		t.Errorf("%d runs have not arrived", len(ids))
	}
	for deadline := time.Now().Add(30 * time.Second); h.kept("many") > keep+keep/10+1; {
		run()
		if time.Now().After(deadline) {
			t.Fatalf("the journal still keeps %d runs", h.kept("many"))
		}
		h.sync()
	}
	c.Close()
	h.rest(jobs)
	h.equal(db)

	// Nothing of it was a job's concern.
	for _, late := range db.Query(t, "select id, lateness_ms from lsh.runs where job = 'tick' and lateness_ms > 2000 and state = 'succeeded'") {
		t.Errorf("run %s ms late", late)
	}
	if missed := db.Query(t, "select at, outcome, reason from lsh.slots where job = 'tick' and outcome = 'missed'"); len(missed) > 0 {
		t.Errorf("slots were missed: %q", missed)
	}
	h.stop()
}

// kept is how many runs the journal has of a job.
func (h *crashHome) kept(job string) int {
	h.t.Helper()
	page := insist(h, ipc.RunsList, ipc.RunsListParams{Job: job, Limit: 10_000})
	return len(page.Runs)
}
