package daemon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon"
	"github.com/lsh-project/lsh/ipc"
)

// home is a daemon with a directory of its own: real files, processes and
// sockets.
type home struct {
	t      *testing.T
	paths  config.Paths
	daemon *daemon.Daemon
	client *ipc.Client
	stop   func()
}

// newHome starts a daemon on a jobs file. It is stopped with the test.
func newHome(t *testing.T, jobs string, change ...func(*daemon.Options)) *home {
	t.Helper()
	dir, err := os.MkdirTemp("", "lsh") // short: a socket's path has 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	h := &home{t: t, paths: config.Paths{
		JobsFile: filepath.Join(dir, "jobs.yaml"), Socket: filepath.Join(dir, "tmp.sock"), RuntimeSocket: filepath.Join(dir, "run.sock"),
		PidFile: filepath.Join(dir, "pid"), StateDir: filepath.Join(dir, "state"),
	}}
	h.write(jobs)
	h.start(change...)
	return h
}

// start starts a daemon on what the home has.
func (h *home) start(change ...func(*daemon.Options)) {
	t := h.t
	t.Helper()
	o := daemon.Options{Paths: h.paths, Apply: "auto", Version: "test", Log: slog.New(slog.DiscardHandler), Host: config.LocalHost()}
	for _, f := range change {
		f(&o)
	}
	var err error
	h.daemon, err = daemon.New(o)
	if err != nil {
		t.Fatal(err)
	}
	d := h.daemon
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := d.Run(ctx); err != nil {
			t.Errorf("run: %s", err)
		}
	})
	h.stop = sync.OnceFunc(func() {
		cancel()
		d.StopNow()
		wg.Wait()
	})
	t.Cleanup(h.stop)
	<-h.daemon.Ready()
	client, err := ipc.Dial(t.Context(), []string{h.paths.Socket})
	if err != nil {
		t.Fatal(err)
	}
	h.client = client
	t.Cleanup(func() { client.Close() })
}

// write replaces the jobs file as an editor does.
func (h *home) write(jobs string) {
	h.t.Helper()
	if err := os.WriteFile(h.paths.JobsFile+".new", []byte("version: 1\n"+jobs), 0o600); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Rename(h.paths.JobsFile+".new", h.paths.JobsFile); err != nil {
		h.t.Fatal(err)
	}
}

// call calls a method and fails the test on an error.
func call[P, R any](h *home, m ipc.Method[P, R], p P) R {
	h.t.Helper()
	r, err := m.Call(h.t.Context(), h.client, p)
	if err != nil {
		h.t.Fatalf("%s: %s", m.Name, err)
	}
	return r
}

// until waits for a condition, which a slow machine may take long to reach.
func (h *home) until(what string, f func() bool) {
	h.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if f() {
			return
		}
		if time.Now().After(end) {
			s, _ := json.MarshalIndent(call(h, ipc.DaemonStatus, ipc.StatusParams{}), "", " ")
			h.t.Fatalf("waited in vain until %s; status is\n%s", what, s)
		}
	}
}

func (h *home) source() ipc.Source {
	return call(h, ipc.DaemonStatus, ipc.StatusParams{}).Daemon.Config
}

func (h *home) job(name string) ipc.JobDetail {
	h.t.Helper()
	return call(h, ipc.JobsGet, ipc.JobGetParams{Job: name})
}

// run runs a job to its end.
func (h *home) run(name string) ipc.Run {
	h.t.Helper()
	got := call(h, ipc.JobsRun, ipc.RunParams{Job: name})
	return call(h, ipc.RunsWait, ipc.RunGetParams{Run: got.Run.ID})
}

func (h *home) output(id string) string {
	h.t.Helper()
	return string(call(h, ipc.RunsOutput, ipc.OutputParams{Run: id}).Data)
}

func TestARunToldFromOutside(t *testing.T) {
	h := newHome(t, `
jobs:
  greet:
    command: echo "hello $NAME"; echo "$LSH_JOB $LSH_TRIGGER $LSH_ATTEMPT" >&2; umask; pwd; exit 3
    env: {NAME: ann}
    umask: "027"
    dir: /
    success: [0, 3]
`)
	r := h.run("greet")
	if r.State != ipc.RunSucceeded || *r.ExitCode != 3 || r.Trigger != "manual" || r.Generation != 1 {
		t.Errorf("run %+v", r)
	}
	if got, want := h.output(r.ID), "hello ann\ngreet manual 1\n0027\n/\n"; got != want {
		t.Errorf("output %q, want %q", got, want)
	}
	if r.OutputBytes != int64(len(h.output(r.ID))) {
		t.Errorf("%d bytes of output recorded", r.OutputBytes)
	}
}

func TestAChangeIsAppliedOnSave(t *testing.T) {
	file := "jobs: {long: {command: sleep 100, schedule: '@start'}, other: {command: 'true', schedule: '0 3 * * *'}}"
	h := newHome(t, file)
	h.until("long runs", func() bool { return h.job("long").State == ipc.JobRunning })
	pid := h.job("long").Running[0].Pid
	h.write(strings.Replace(file, "0 3", "30 3", 1) + "\n")
	h.until("it is applied", func() bool { return h.source().State == ipc.SourceAccepted && h.job("other").Next.Minute() == 30 })
	if got := h.job("long"); got.Running[0].Pid != pid || got.Generation != 1 {
		t.Errorf("long was touched: %+v", got)
	}
}

func TestABadFileHurtsNothing(t *testing.T) {
	good := "jobs: {a: {command: 'true', schedule: '0 3 * * *'}}"
	cases := []struct{ name, jobs, state string }{
		{"two mistakes", "jobs: {a: {comand: 'true', schedule: '0 33 * * *'}}", ipc.SourceInvalid},
		{"not YAML", "jobs: [", ipc.SourceInvalid},
		{"all jobs gone", "jobs: {}", ipc.SourceHeld},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, good)
			before := h.job("a")
			h.write(c.jobs)
			h.until("the file is "+c.state, func() bool { return h.source().State == c.state })
			if got := h.job("a"); !got.Next.Equal(before.Next) || got.Generation != 1 {
				t.Errorf("a is %+v", got)
			}
			if c.state == ipc.SourceInvalid && len(h.source().Problems) == 0 {
				t.Error("no problems are told")
			}
			h.write(good)
			h.until("the good file is back", func() bool { return h.source().State == ipc.SourceAccepted })
		})
	}
}

func TestAMissingFileKeepsTheJobs(t *testing.T) {
	h := newHome(t, "jobs: {a: {command: 'true'}}")
	if err := os.Remove(h.paths.JobsFile); err != nil {
		t.Fatal(err)
	}
	h.until("it is missing", func() bool { return h.source().State == ipc.SourceMissing })
	if r := h.run("a"); r.State != ipc.RunSucceeded {
		t.Errorf("run %+v", r)
	}
	h.write("jobs: {a: {command: 'true'}}")
	h.until("it is back", func() bool { return h.source().State == ipc.SourceAccepted })
}

func TestHeldChangesWaitForApply(t *testing.T) {
	h := newHome(t, "jobs: {a: {command: 'true'}}", func(o *daemon.Options) { o.Apply = daemon.ApplyManual })
	h.write("jobs: {a: {command: 'true'}, b: {command: 'true'}}")
	h.until("it is held", func() bool { return h.source().State == ipc.SourceHeld })
	plan := h.source().Plan
	if plan == nil || len(plan.Changes) != 1 || plan.Changes[0].Job != "b" {
		t.Fatalf("plan %+v", plan)
	}
	if got := call(h, ipc.ConfigPlan, ipc.PlanParams{}); got.ID != plan.ID {
		t.Errorf("plan %s, held %s", got.ID, plan.ID)
	}
	_, err := ipc.ConfigApply.Call(t.Context(), h.client, ipc.ApplyParams{Plan: "p-00000000"})
	if e, is := errors.AsType[*ipc.Error](err); !is || e.Code != ipc.CodeStalePlan {
		t.Errorf("a stale plan: %v", err)
	}
	got := call(h, ipc.ConfigApply, ipc.ApplyParams{Plan: plan.ID})
	if !got.Applied || !got.Converged || got.Generation != 2 {
		t.Errorf("applied %+v", got)
	}
	if h.source().State != ipc.SourceAccepted || h.job("b").State != ipc.JobManual {
		t.Errorf("source %+v", h.source())
	}
}

func TestAnIncludeThatVanishesIsHeld(t *testing.T) {
	h := newHome(t, "jobs: {}\n")
	dir := filepath.Dir(h.paths.JobsFile)
	include := filepath.Join(dir, "more.yaml")
	if err := os.WriteFile(include, []byte("jobs: {b: {command: 'true'}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.write("include: ['more*.yaml']\njobs: {a: {command: 'true'}, c: {command: 'true'}}")
	h.until("b is there", func() bool {
		_, err := ipc.JobsGet.Call(t.Context(), h.client, ipc.JobGetParams{Job: "b"})
		return err == nil
	})
	if err := os.Remove(include); err != nil {
		t.Fatal(err)
	}
	h.until("it is held", func() bool { return h.source().State == ipc.SourceHeld })
	h.job("b")
}

func TestAnEnvFileIsPartOfTheProcess(t *testing.T) {
	h := newHome(t, "jobs: {a: {command: 'echo $COLOUR', env_file: colours.env}}")
	env := filepath.Join(filepath.Dir(h.paths.JobsFile), "colours.env")
	for _, colour := range []string{"red", "blue"} {
		before := h.job("a").SpecHash
		if err := os.WriteFile(env, []byte("COLOUR="+colour+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		h.until("the change is seen", func() bool { return h.job("a").SpecHash != before })
		if r := h.run("a"); h.output(r.ID) != colour+"\n" {
			t.Errorf("output %q", h.output(r.ID))
		}
	}
}

func TestStopReachesTheWholeTree(t *testing.T) {
	h := newHome(t, `
jobs:
  tree:
    command: |
      trap '' TERM
      (trap '' TERM; setsid sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' &
       sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done') &
      echo $$
      while :; do sleep 1; done
    timeout: 1s
    stop: {grace: 200ms}
`)
	r := h.run("tree")
	if r.State != ipc.RunTimedOut || r.Signal != "KILL" {
		t.Errorf("run %+v", r)
	}
	pids := strings.Fields(h.output(r.ID))
	if len(pids) != 3 {
		t.Fatalf("pids %q", pids)
	}
	h.until("all of it is gone", func() bool {
		for _, pid := range pids {
			if _, err := os.Stat("/proc/" + pid); err == nil {
				return false
			}
		}
		return true
	})
}

func TestSurvivorsAreShownAndStopped(t *testing.T) {
	h := newHome(t, "jobs: {leaves: {command: 'sleep 1000 & echo $!'}}")
	r := h.run("leaves")
	pid := strings.TrimSpace(h.output(r.ID))
	if r.State != ipc.RunSucceeded || fmt.Sprint(r.Survivors) != "["+pid+"]" {
		t.Errorf("run %+v, pid %s", r, pid)
	}
	call(h, ipc.JobsStop, ipc.SelectParams{Jobs: []string{"leaves"}})
	h.until("it is gone", func() bool {
		_, err := os.Stat("/proc/" + pid)
		return err != nil
	})
}

func TestSurvivorsEndWithTheDaemon(t *testing.T) {
	h := newHome(t, "jobs: {leaves: {command: 'sleep 1000 & echo $!'}, leaves-late: {command: 'sleep 1; sleep 1000 & echo $!'}}")
	early := strings.TrimSpace(h.output(h.run("leaves").ID))
	late := call(h, ipc.JobsRun, ipc.RunParams{Job: "leaves-late"}).Run
	call(h, ipc.DaemonStop, ipc.StopDaemonParams{Timeout: ipc.InSeconds(20 * time.Second)})
	for _, pid := range []func() string{
		func() string { return early },
		func() string {
			text, _ := os.ReadFile(filepath.Join(h.paths.StateDir, "output", "leaves-late", late.ID+".log"))
			return strings.TrimSpace(string(text))
		},
	} {
		h.until("it is gone", func() bool {
			_, err := os.Stat("/proc/" + pid())
			return pid() != "" && err != nil
		})
	}
}

func TestASecondDaemonIsRefused(t *testing.T) {
	h := newHome(t, "jobs: {}")
	_, err := daemon.New(daemon.Options{Paths: h.paths, Log: slog.New(slog.DiscardHandler), Host: config.LocalHost()})
	if e, is := errors.AsType[*daemon.RunningError](err); !is || e.Pid != os.Getpid() {
		t.Errorf("second daemon: %v", err)
	}
}

func TestFollowingOutput(t *testing.T) {
	h := newHome(t, "jobs: {slow: {command: 'echo one; sleep 0.3; echo two; sleep 0.3; printf three'}}")
	var got strings.Builder
	ended := make(chan ipc.Run, 1)
	h.client.Notifications(func(method string, params json.RawMessage) {
		var c ipc.OutputChunk
		if err := json.Unmarshal(params, &c); err != nil {
			t.Error(err)
		}
		got.Write(c.Data)
		if c.End {
			ended <- *c.Run
		}
	})
	r := call(h, ipc.JobsRun, ipc.RunParams{Job: "slow"})
	first := call(h, ipc.RunsOutput, ipc.OutputParams{Run: r.Run.ID, Follow: true})
	select {
	case r := <-ended:
		if text := string(first.Data) + got.String(); text != "one\ntwo\nthree" || r.State != ipc.RunSucceeded {
			t.Errorf("output %q, run %+v", text, r)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the end was not told")
	}
	for lines, want := range map[int]string{0: "", 1: "three", 2: "two\nthree", 9: "one\ntwo\nthree"} {
		tail := call(h, ipc.RunsOutput, ipc.OutputParams{Job: "slow", Tail: &lines})
		if string(tail.Data) != want {
			t.Errorf("tail %d is %q, want %q", lines, tail.Data, want)
		}
	}
}

func TestARunByHandTellsWhoAsked(t *testing.T) {
	h := newHome(t, "jobs: {a: {command: 'true'}}")
	got := call(h, ipc.JobsRun, ipc.RunParams{Job: "a", Reason: "before the update"})
	r := call(h, ipc.RunsWait, ipc.RunGetParams{Run: got.Run.ID})
	want := fmt.Sprintf("asked for by %s (pid %d): \"before the update\"", config.UserName(os.Getuid()), os.Getpid())
	if r.State != ipc.RunSucceeded || r.Reason != want {
		t.Errorf("run %+v, want %s", r, want)
	}
}

func TestTheGateAnswersByHand(t *testing.T) {
	h := newHome(t, "jobs: {a: {command: sleep 100}, off: {command: 'true', enabled: false}}")
	call(h, ipc.JobsRun, ipc.RunParams{Job: "a"})
	for job, want := range map[string]string{
		"a": "is in progress (overlap: skip)", "off": "the job is disabled (enabled: false)", "b": "no such job: b",
	} {
		_, err := ipc.JobsRun.Call(t.Context(), h.client, ipc.RunParams{Job: job})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", job, err, want)
		}
	}
	call(h, ipc.JobsStop, ipc.SelectParams{Jobs: []string{"a"}, Reason: "enough"})
	r := call(h, ipc.RunsWait, ipc.RunGetParams{Run: h.job("a").LastRuns[0].ID})
	if r.State != ipc.RunStopped || r.Reason != `stopped by the operator: "enough"` {
		t.Errorf("run %+v", r)
	}
}

func TestNoChildIsLeftBehind(t *testing.T) {
	h := newHome(t, "jobs: {quick: {command: 'true', overlap: allow}, bad: {command: [no-such-program]}}")
	for range 20 {
		h.run("quick")
	}
	if r := h.run("bad"); r.State != ipc.RunFailed || !strings.Contains(r.Reason, "no-such-program") {
		t.Errorf("run %+v", r)
	}
	h.stop()
	var status syscall.WaitStatus
	if pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
		t.Errorf("child %d is left: %v", pid, err)
	}
}

func TestATimeoutReachesWhatLeftTheGroup(t *testing.T) {
	h := newHome(t, `
jobs:
  leaves:
    command: setsid sleep 1000 & echo $!; exec sleep 1000
    timeout: 500ms
    stop: {grace: 300ms}
`)
	r := h.run("leaves")
	if r.State != ipc.RunTimedOut || r.Signal != "TERM" {
		t.Errorf("run %+v", r)
	}
	pid := strings.TrimSpace(h.output(r.ID))
	h.until("what left the group is gone", func() bool {
		_, err := os.Stat("/proc/" + pid)
		return err != nil
	})
}

func TestOverridesAreCountedAndNamed(t *testing.T) {
	h := newHome(t, "jobs: {timed: {command: 'true', schedule: '0 3 * * *'}, manual: {command: 'true'}}")
	skipped := call(h, ipc.JobsSkip, ipc.SelectParams{All: true}).Jobs
	if len(skipped) != 1 || skipped[0].Name != "timed" {
		t.Errorf("skipped %+v", skipped)
	}
	call(h, ipc.JobsPause, ipc.SelectParams{Jobs: []string{"manual"}, Reason: "migration"})
	drift := call(h, ipc.ConfigDiff, ipc.DiffParams{Kind: ipc.DiffDrift})
	if len(drift.Changes) != 2 || drift.Changes[0].Reason != "migration" {
		t.Errorf("drift %+v", drift)
	}
	owner := h.job("manual").Overrides[0].Owner
	if owner.UID != os.Getuid() || owner.Pid != os.Getpid() {
		t.Errorf("owner %+v", owner)
	}
	if got := call(h, ipc.ConfigApply, ipc.ApplyParams{ResetOverrides: true}); got.OverridesEnded != 2 {
		t.Errorf("%d overrides ended", got.OverridesEnded)
	}
	if got := h.job("timed").Overrides; len(got) != 0 {
		t.Errorf("overrides %+v", got)
	}
}

func TestParametersOutOfRangeAreRefused(t *testing.T) {
	h := newHome(t, "jobs: {a: {command: 'true', schedule: '0 3 * * *'}}")
	for _, c := range []struct{ method, params string }{
		{"daemon.status", `{"limit":-1}`},
		{"jobs.list", `{"limit":-1}`},
		{"jobs.next", `{"limit":-3}`},
		{"runs.list", `{"limit":-1}`},
		{"runs.output", `{"job":"a","tail":-1}`},
		{"runs.output", `{"job":"a","offset":-1}`},
		{"config.apply", `{"timeout":-1}`},
		{"config.apply", `{"file":"jobs.yaml"}`},
		{"config.plan", `{"file":"jobs.yaml"}`},
		{"config.diff", `{"kind":"sideways"}`},
		{"daemon.stop", `{"timeout":-1}`},
		{"jobs.pause", `{"jobs":["a"],"for":1e300}`},
		{"jobs.pause", `{"jobs":["a"],"for":0}`},
		{"jobs.pause", `{"jobs":["a"],"until":"2001-01-01T00:00:00Z"}`},
		{"jobs.pause", `{"jobs":["a"],"all":true}`},
		{"jobs.pause", `{}`},
		{"jobs.resume", `{"jobs":["a"],"for":3}`},
	} {
		_, err := h.client.Call(t.Context(), c.method, json.RawMessage(c.params))
		if e, is := errors.AsType[*ipc.Error](err); !is || e.Code != ipc.CodeInvalidParams {
			t.Errorf("%s %s: %v", c.method, c.params, err)
		}
	}
}

func TestADaemonWithoutAFileWaitsForOne(t *testing.T) {
	h := newHome(t, "jobs: {}", func(o *daemon.Options) {
		if err := os.Remove(o.Paths.JobsFile); err != nil {
			t.Fatal(err)
		}
	})
	got := h.source()
	if got.State != ipc.SourceMissing || got.Path != h.paths.JobsFile || !strings.Contains(got.Reason, "does not exist") {
		t.Errorf("source %+v", got)
	}
	h.write("jobs: {a: {command: 'true'}}")
	h.until("it is taken", func() bool { return h.source().State == ipc.SourceAccepted })
}

func TestAJobThatIsGoneIsNotPaused(t *testing.T) {
	h := newHome(t, "jobs: {a: {command: sleep 100}, b: {command: 'true'}}")
	call(h, ipc.JobsRun, ipc.RunParams{Job: "a"})
	h.write("jobs: {b: {command: 'true'}}")
	h.until("a is removed", func() bool { return h.job("a").State == ipc.JobRemoved })
	if _, err := ipc.JobsPause.Call(t.Context(), h.client, ipc.SelectParams{Jobs: []string{"a"}}); err == nil || !strings.Contains(err.Error(), "pause a: the job is gone") {
		t.Errorf("pause of a job that is gone: %v", err)
	}
	if got := call(h, ipc.JobsPause, ipc.SelectParams{All: true}).Jobs; len(got) != 1 || got[0].Name != "b" {
		t.Errorf("paused %+v", got)
	}
	if got := call(h, ipc.OverridesList, ipc.OverridesParams{}).Overrides; len(got) != 1 || got[0].Job != "b" {
		t.Errorf("overrides %+v", got)
	}
}
