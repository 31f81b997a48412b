package daemon_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

func TestAPipeInPlaceOfAnEnvFileHoldsUpNothing(t *testing.T) {
	h := newHome(t, "jobs: {a: {command: 'true', env_file: a.env}, b: {command: 'true'}}")
	env := filepath.Join(filepath.Dir(h.paths.JobsFile), "a.env")
	if err := syscall.Mkfifo(env, 0o600); err != nil {
		t.Fatal(err)
	}
	h.write("jobs: {a: {command: 'true', env_file: a.env}, b: {command: 'true'}, c: {command: 'true'}}")
	h.until("c is there", func() bool {
		return h.source().State == ipc.SourceAccepted && len(call(h, ipc.JobsList, ipc.JobsListParams{}).Jobs) == 3
	})
	if r := h.run("a"); r.State != ipc.RunFailed || !strings.Contains(r.Reason, "not a regular file") {
		t.Errorf("run %+v", r)
	}
}

func TestAVanishedEnvFileStopsNoRun(t *testing.T) {
	h := newHome(t, "jobs: {}")
	env := filepath.Join(filepath.Dir(h.paths.JobsFile), "a.env")
	if err := os.WriteFile(env, []byte("A=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.write("jobs: {a: {command: sleep 100, env_file: a.env, on_change: restart}}")
	h.until("a is there", func() bool { return len(call(h, ipc.JobsList, ipc.JobsListParams{}).Jobs) == 1 })
	pid := call(h, ipc.JobsRun, ipc.RunParams{Job: "a"}).Run.Pid
	if err := os.Remove(env); err != nil {
		t.Fatal(err)
	}
	h.until("status says that it is missing", func() bool {
		return strings.Contains(strings.Join(call(h, ipc.DaemonStatus, ipc.StatusParams{}).Daemon.Warnings, "\n"), env)
	})
	if got := h.job("a").Running; len(got) != 1 || got[0].Pid != pid {
		t.Errorf("running %+v, want pid %d", got, pid)
	}
}

func TestApplyWaitsForARestart(t *testing.T) {
	file := "jobs: {a: {command: 'trap \"\" TERM; while :; do sleep 0.1; done', on_change: restart, stop: {grace: 1s}}}"
	h := newHome(t, file)
	old := call(h, ipc.JobsRun, ipc.RunParams{Job: "a"}).Run.Pid
	h.write(strings.Replace(file, "sleep 0.1", "sleep 0.2", 1))
	h.until("the restart is under way", func() bool { return h.job("a").Generation == 2 })
	if got := call(h, ipc.ConfigApply, ipc.ApplyParams{}); !got.Converged {
		t.Errorf("applied %+v", got)
	}
	if got := h.job("a").Running; len(got) != 1 || got[0].Pid == old || got[0].Attempt != 2 {
		t.Errorf("running %+v, the old pid is %d", got, old)
	}
}

func TestApplyStopsWhatWasRemoved(t *testing.T) {
	h := newHome(t, "jobs: {a: {command: sleep 100}, b: {command: 'true'}}")
	run := call(h, ipc.JobsRun, ipc.RunParams{Job: "a"}).Run
	h.write("jobs: {b: {command: 'true'}}")
	h.until("a is removed", func() bool { return h.job("a").State == ipc.JobRemoved })
	got := call(h, ipc.ConfigApply, ipc.ApplyParams{StopRemoved: true})
	if len(got.Stopped) != 1 || got.Stopped[0].Pid != run.Pid || !got.Converged {
		t.Errorf("applied %+v", got)
	}
	if r := call(h, ipc.RunsWait, ipc.RunGetParams{Run: run.ID}); r.State != ipc.RunStopped {
		t.Errorf("run %+v", r)
	}
}

func TestAnotherFileInPlaceOfTheJobsFile(t *testing.T) {
	h := newHome(t, "jobs: {a: {command: 'true'}}")
	draft := filepath.Join(filepath.Dir(h.paths.JobsFile), "draft.yaml")
	if err := os.WriteFile(draft, []byte("version: 1\njobs: {b: {command: 'true'}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	call(h, ipc.ConfigApply, ipc.ApplyParams{File: draft})
	if got := h.source(); got.State != ipc.SourceHeld || !strings.Contains(got.Reason, draft) {
		t.Errorf("source %+v", got)
	}
	h.job("b")
	call(h, ipc.DaemonReload, ipc.ReloadParams{})
	if got := h.source(); got.State != ipc.SourceAccepted {
		t.Errorf("source %+v", got)
	}
	h.job("a")
}

func TestARollbackOutlivesAChangedEnvFile(t *testing.T) {
	h := newHome(t, "jobs: {}")
	env := filepath.Join(filepath.Dir(h.paths.JobsFile), "a.env")
	save := func(text string) {
		t.Helper()
		if err := os.WriteFile(env, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	save("A=1\n")
	h.write("jobs: {a: {command: 'true', env_file: a.env}}")
	h.until("a is there", func() bool { return call(h, ipc.DaemonStatus, ipc.StatusParams{}).Daemon.Generation == 2 })
	h.write("jobs: {a: {command: 'true', env_file: a.env}, b: {command: 'true'}}")
	h.until("b is there", func() bool { return call(h, ipc.DaemonStatus, ipc.StatusParams{}).Daemon.Generation == 3 })

	call(h, ipc.ConfigRollback, ipc.RollbackParams{Number: 3})
	if got := h.source(); got.State != ipc.SourceAccepted || got.Path != h.paths.JobsFile {
		t.Errorf("rolled back to what the file says, it is %+v", got)
	}
	call(h, ipc.ConfigRollback, ipc.RollbackParams{Number: 2})
	rolledBack := func(when string) {
		t.Helper()
		if got := h.source(); got.State != ipc.SourceHeld || !strings.Contains(got.Reason, "generation 2 was rolled back to") {
			t.Errorf("%s the file is %+v", when, got)
		}
		if jobs := call(h, ipc.JobsList, ipc.JobsListParams{}).Jobs; len(jobs) != 1 {
			t.Errorf("%s the jobs are %+v", when, jobs)
		}
	}
	rolledBack("at first")
	save("A=2\n")
	time.Sleep(700 * time.Millisecond) // it is seen within 150 ms
	rolledBack("with another env file")

	h.stop()
	save("A=3\n")
	h.start()
	h.until("the file is looked at", func() bool { return h.source().State != "" })
	rolledBack("after a restart with yet another")
	h.write("jobs: {a: {command: 'true', env_file: a.env}, c: {command: 'true'}}")
	h.until("the next change goes back to the file", func() bool {
		return h.source().State == ipc.SourceAccepted && len(call(h, ipc.JobsList, ipc.JobsListParams{}).Jobs) == 2
	})
}
