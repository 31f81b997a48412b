package daemon

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/keeper"
	"github.com/lsh-project/lsh/daemon/pgtest"
	"github.com/lsh-project/lsh/ipc"
)

var kills = flag.Int("kills", 6, "how often the worker is killed at random, and at each point on its road")

// TestMain turns the test binary into a keeper, and into the worker that the
// keeper starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch {
		case os.Args[1] == "as-keeper":
			os.Exit(keeper.Main(os.Args[2:]))
		case strings.HasPrefix(os.Args[1], "--keeper-fd="):
			os.Exit(asWorker(os.Args[1:]))
		}
	}
	flag.Parse()
	os.Exit(pgtest.Main(m))
}

// asWorker is the worker of a crashHome. It ends itself as kill -9 does at the
// point that LSH_TEST_POINT names, one time in some.
func asWorker(args []string) int {
	dir := os.Getenv("LSH_TEST_DIR")
	out, err := os.OpenFile(filepath.Join(dir, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 1
	}
	log := slog.New(slog.NewTextHandler(out, nil))
	fd, _ := strconv.Atoi(strings.TrimPrefix(args[0], "--keeper-fd="))
	link, err := AttachKeeper(fd)
	if err != nil {
		log.Error("attach", "err", err)
		return 1
	}
	ctx, stop := context.WithCancel(context.Background())
	d, err := New(Options{
		Paths: crashPaths(dir), Apply: "auto", Version: "test", Log: log, Host: config.LocalHost(), Keeper: link,
		Database: config.Database{URL: os.Getenv("LSH_TEST_DATABASE")}, Signal: func(os.Signal) { stop() },
	})
	if err != nil {
		log.Error("new", "err", err)
		return 1
	}
	if point := os.Getenv("LSH_TEST_POINT"); point != "" {
		d.spawner.probe = func(at string) {
			if at == point && rand.IntN(6) == 0 && exists(filepath.Join(dir, "armed")) {
				note(dir, "killed at "+point)
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
	}
	if err := d.Run(ctx); err == ErrRestart {
		return ExitRestart
	}
	return 0
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func crashPaths(dir string) config.Paths {
	return config.Paths{
		JobsFile: filepath.Join(dir, "jobs.yaml"), Socket: filepath.Join(dir, "tmp.sock"), RuntimeSocket: filepath.Join(dir, "run.sock"),
		PidFile: filepath.Join(dir, "pid"), StateDir: filepath.Join(dir, "state"),
	}
}

// note appends a line to the account of what truly happened.
func note(dir, line string) {
	f, err := os.OpenFile(filepath.Join(dir, "truth"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	fmt.Fprintln(f, line)
}

// crashHome is a keeper with its worker, whose jobs keep an account of their
// own.
type crashHome struct {
	t      *testing.T
	dir    string
	keeper *exec.Cmd
}

// crashJobs end with a code each, of which nobody tells but their process.
const crashJobs = `version: 1
defaults: {overlap: allow, output: {keep_runs: 100000}, timezone: UTC}
jobs:
  quick: {command: 'echo "begin $LSH_RUN_ID $LSH_SCHEDULED_AT" >> $T/truth; exit 3', schedule: "* * * * * *", env: {T: DIR}}
  half:  {command: 'echo "begin $LSH_RUN_ID $LSH_SCHEDULED_AT" >> $T/truth; sleep 0.$((RANDOM_SEED + $$ % 9)); exit 4', schedule: "* * * * * *", env: {T: DIR, RANDOM_SEED: "1"}}
  slow:  {command: 'echo "begin $LSH_RUN_ID $LSH_SCHEDULED_AT" >> $T/truth; sleep 3; exit 5', schedule: "* * * * * *", env: {T: DIR}}
  fatal: {command: 'echo "begin $LSH_RUN_ID $LSH_SCHEDULED_AT" >> $T/truth; sleep 0.3; kill -9 $$', schedule: "*/2 * * * * *", env: {T: DIR}}
  leaves: {command: 'echo "begin $LSH_RUN_ID $LSH_SCHEDULED_AT" >> $T/truth; setsid sh -c "sleep 0.2; exit 44" & exit 13', schedule: "*/2 * * * * *", env: {T: DIR}}
`

func newCrashHome(t *testing.T, point string) *crashHome {
	t.Helper()
	return newCrashHomeOf(t, crashJobs, point)
}

// newCrashHomeOf is one of other jobs.
func newCrashHomeOf(t *testing.T, jobs, point string) *crashHome {
	t.Helper()
	dir, err := os.MkdirTemp("", "lsh")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.WriteFile(filepath.Join(dir, "jobs.yaml"), []byte(strings.ReplaceAll(jobs, "DIR", dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	h := &crashHome{t: t, dir: dir}
	h.start(point)
	return h
}

func (h *crashHome) start(point string) {
	h.t.Helper()
	h.keeper = exec.Command(os.Args[0], "as-keeper", "--", os.Args[0])
	h.keeper.Env = append(os.Environ(), "LSH_TEST_DIR="+h.dir, "LSH_TEST_POINT="+point)
	if err := h.keeper.Start(); err != nil {
		h.t.Fatal(err)
	}
	keeper := h.keeper
	h.t.Cleanup(func() {
		if keeper.ProcessState == nil {
			_ = keeper.Process.Kill()
			_ = keeper.Wait()
		}
	})
	h.worker(0)
}

// client reaches the worker that answers.
func (h *crashHome) client() *ipc.Client {
	h.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		c, err := ipc.Dial(h.t.Context(), []string{filepath.Join(h.dir, "tmp.sock")})
		if err == nil {
			return c
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(h.dir, "log"))
			h.t.Fatalf("no worker answers: %v\n%s", err, log[max(0, len(log)-4000):])
		}
	}
}

// worker is the pid of the worker that answers, another than before.
func (h *crashHome) worker(before int) int {
	h.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		c := h.client()
		s, err := ipc.DaemonStatus.Call(h.t.Context(), c, ipc.StatusParams{Limit: 1})
		c.Close()
		if err == nil && s.Daemon.WorkerPid != before {
			return s.Daemon.WorkerPid
		}
	}
	h.t.Fatal("there is no other worker")
	return 0
}

// stop ends the daemon as SIGTERM does, once nothing runs any more.
func (h *crashHome) stop() {
	h.t.Helper()
	_ = h.keeper.Process.Signal(syscall.SIGTERM)
	if err := h.keeper.Wait(); err != nil {
		h.t.Errorf("keeper: %v", err)
	}
}

// quiet lets no more slots come, and waits until nothing runs.
func (h *crashHome) quiet() {
	h.t.Helper()
	c := h.client()
	defer func() { c.Close() }()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		_, err := ipc.JobsPause.Call(h.t.Context(), c, ipc.SelectParams{All: true})
		if err == nil {
			var s ipc.Status
			s, err = ipc.DaemonStatus.Call(h.t.Context(), c, ipc.StatusParams{})
			busy := false
			for _, j := range s.Jobs {
				busy = busy || len(j.Running)+len(j.Queued) > 0
			}
			if err == nil && !busy {
				return
			}
		}
		if err != nil {
			c.Close()
			c = h.client()
		}
		if time.Now().After(deadline) {
			h.t.Fatal("it does not come to rest")
		}
	}
}

// truth is what the jobs have written: begun runs with their slots.
func (h *crashHome) truth() (begun map[string]string, kills int) {
	h.t.Helper()
	f, err := os.Open(filepath.Join(h.dir, "truth"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0
	}
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	begun = map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if words[0] == "killed" {
			kills++
			continue
		}
		if _, twice := begun[words[1]]; twice {
			h.t.Errorf("run %s has begun twice", words[1])
		}
		begun[words[1]] = words[2]
	}
	return begun, kills
}

// audit holds the journal to the truth: each nominal second has one outcome,
// no slot ran twice, and each run has the end that its process had. It counts the
// runs of which nobody can tell.
func (h *crashHome) audit() (runs, lost int) {
	h.t.Helper()
	begun, _ := h.truth()
	c := h.client()
	defer c.Close()
	known := map[string]bool{}
	for job, code := range map[string]int{"quick": 3, "half": 4, "slow": 5, "fatal": -1, "leaves": 13} {
		page, err := ipc.RunsList.Call(h.t.Context(), c, ipc.RunsListParams{Job: job, Limit: 10_000})
		if err != nil {
			h.t.Fatal(err)
		}
		slots, late := map[time.Time]string{}, map[time.Time]string{}
		for _, r := range page.Runs {
			runs++
			known[r.ID] = true
			if other, twice := slots[r.ScheduledAt]; twice {
				h.t.Errorf("%s: slot %s has the runs %s and %s", job, r.ScheduledAt, other, r.ID)
			}
			slots[r.ScheduledAt] = r.ID
			_, began := begun[r.ID]
			switch {
			case r.State == ipc.RunLost:
				lost++
				if r.ExitCode != nil || r.Signal != "" {
					h.t.Errorf("%s: run %s is lost and has an end: %+v", job, r.ID, r)
				}
				continue
			case !began && r.State == ipc.RunStopped && strings.Contains(r.Reason, "more than 1m late"):
				late[r.ScheduledAt] = r.ID // the worker was killed again and again before its start
			case !began:
				h.t.Errorf("%s: run %s is %s and has never begun: %s", job, r.ID, r.State, r.Reason)
			case r.StartedAt.IsZero() || r.EndedAt.IsZero():
				h.t.Errorf("%s: run %s has no start or no end: %+v", job, r.ID, r)
			case code == -1 && r.Signal != "KILL", code != -1 && (r.ExitCode == nil || *r.ExitCode != code):
				h.t.Errorf("%s: run %s (pid %d) has not ended with %d: %s", job, r.ID, r.Pid, code, r.Reason)
			case job == "slow" && r.EndedAt.Sub(r.StartedAt) < 2900*time.Millisecond:
				h.t.Errorf("%s: run %s took from %s to %s", job, r.ID, r.StartedAt, r.EndedAt)
			}
		}
		h.auditLedger(c, job, slots, late)
	}
	for id, slot := range begun {
		if !known[id] {
			h.t.Errorf("run %s of slot %s is forgotten", id, slot)
		}
	}
	return runs, lost
}

// auditLedger wants one outcome for each slot: that of its run.
func (h *crashHome) auditLedger(c *ipc.Client, job string, ran, late map[time.Time]string) {
	h.t.Helper()
	why, err := ipc.JobsWhy.Call(h.t.Context(), c, ipc.WhyParams{Job: job, Limit: 10_000})
	if err != nil {
		h.t.Fatal(err)
	}
	step := time.Second
	if job == "fatal" || job == "leaves" {
		step = 2 * time.Second
	}
	var next time.Time
	for _, s := range why.Slots {
		if s.Outcome == ipc.OutcomePending {
			continue
		}
		if !next.IsZero() && !s.At.Equal(next) {
			h.t.Errorf("%s: the slot of %s is not in the ledger; then comes %s %s", job, next, s.At, s.Outcome)
		}
		last := s.At
		if s.Count > 1 {
			last = s.Last
		}
		next = last.Add(step)
		if s.Outcome == ipc.OutcomeRan && ran[s.At] != s.RunID {
			h.t.Errorf("%s: slot %s ran as %s, and is of run %s", job, s.At, s.RunID, ran[s.At])
		}
		if s.Outcome == ipc.OutcomeMissed && (s.RunID == "" || late[s.At] != s.RunID) {
			h.t.Errorf("%s: slot %s was missed (%d)", job, s.At, s.Count)
		}
	}
}

func TestKilledAtRandom(t *testing.T) {
	t.Parallel()
	h := newCrashHome(t, "")
	pid := h.worker(0)
	for i := range *kills {
		time.Sleep(time.Duration(rand.IntN(600)) * time.Millisecond)
		away := i%6 == 5 // and left dead for a while
		if away {
			_ = h.keeper.Process.Signal(syscall.SIGSTOP)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if away {
			time.Sleep(2500 * time.Millisecond)
			_ = h.keeper.Process.Signal(syscall.SIGCONT)
		}
		pid = h.worker(pid)
	}
	h.quiet()
	runs, lost := h.audit()
	t.Logf("%d kills: %d runs, %d lost", *kills, runs, lost)
	// One run at most is between its fork and the note of it.
	if lost > *kills {
		t.Errorf("%d of %d runs are lost by %d kills", lost, runs, *kills)
	}
	h.stop()
}

func TestKilledOnTheRoad(t *testing.T) {
	for _, point := range []string{"deciding", "decided", "forked", "noted", "ended", "tallied"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			h := newCrashHome(t, point)
			armed := filepath.Join(h.dir, "armed")
			if err := os.WriteFile(armed, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
				if _, n := h.truth(); n >= *kills/2 {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("it is not killed")
				}
			}
			if err := os.Remove(armed); err != nil {
				t.Fatal(err)
			}
			h.quiet()
			runs, lost := h.audit()
			_, n := h.truth()
			t.Logf("%d kills: %d runs, %d lost", n, runs, lost)
			// One run at most is between its fork and the note of it.
			if lost > n {
				t.Errorf("%d runs are lost by %d kills", lost, n)
			}
			h.stop()
		})
	}
}

// With keeper and worker killed together nobody sees the ends of what runs: such runs
// are lost, and those that go on are found again.
func TestKeeperAndWorkerKilledTogether(t *testing.T) {
	t.Parallel()
	h := newCrashHome(t, "")
	for range max(1, *kills/6) {
		time.Sleep(3500 * time.Millisecond) // of each second there is a run that takes three
		pid := h.worker(0)
		_ = h.keeper.Process.Kill()
		_ = syscall.Kill(pid, syscall.SIGKILL)
		_ = h.keeper.Wait()
		time.Sleep(1500 * time.Millisecond) // a run of each second ends meanwhile
		h.start("")
	}
	h.quiet()
	runs, lost := h.audit()
	t.Logf("%d runs, %d lost", runs, lost)
	if lost == 0 {
		t.Error("no run is lost: an end was invented")
	}
	h.stop()
}

// A stop is for the daemon, whichever worker comes to carry it out.
func TestAStopOutlivesTheWorker(t *testing.T) {
	for name, do := range map[string]func(h *crashHome, worker int){
		"that was told of it": func(h *crashHome, worker int) {
			_ = h.keeper.Process.Signal(syscall.SIGTERM)
			time.Sleep(300 * time.Millisecond) // it waits for the runs in progress
			_ = syscall.Kill(worker, syscall.SIGKILL)
		},
		"that has died before": func(h *crashHome, worker int) {
			_ = syscall.Kill(worker, syscall.SIGKILL)
			_ = h.keeper.Process.Signal(syscall.SIGTERM)
		},
		"that a client told": func(h *crashHome, worker int) {
			c := h.client()
			defer c.Close()
			if _, err := ipc.DaemonStop.Call(h.t.Context(), c, ipc.StopDaemonParams{Timeout: ipc.InSeconds(time.Minute)}); err != nil {
				h.t.Fatal(err)
			}
			_ = syscall.Kill(worker, syscall.SIGKILL)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newCrashHome(t, "")
			worker := h.worker(0)
			time.Sleep(1200 * time.Millisecond) // slow runs are in progress
			do(h, worker)
			ended := make(chan error, 1)
			go func() { ended <- h.keeper.Wait() }()
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("keeper: %v", err)
				}
			case <-time.After(60 * time.Second):
				t.Error("the daemon goes on")
				_ = h.keeper.Process.Kill()
				<-ended
			}
		})
	}
}
