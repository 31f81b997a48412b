package daemon

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
)

// The next worker's plan can be made before it is there, with the slots that were
// missed meanwhile.
func TestAPlanWithoutADaemonTellsWhatWasMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t) // it is midnight
		w.load(`jobs:
  hourly: {command: [1s], schedule: "@hourly", catch_up: one}
  paused: {command: [1s], schedule: "@hourly", catch_up: all}
  daily: {command: [1s], schedule: "@daily", catch_up: all}`)
		w.do("paused", func(l *loop, e *entry) {
			l.pause(e, ipc.Override{ID: "p", Job: "paused", Kind: ipc.OverridePause, CreatedAt: l.now})
		})
		pass(90 * time.Minute)
		w.box.post(func(l *loop) { l.leaving, l.leaveBy = true, l.now })
		w.shut()
		time.Sleep(5 * time.Hour)
		boot, _, err := journal.Look(w.dir)
		if err != nil {
			t.Fatal(err)
		}
		host := testHost("")
		r := reader{host: host, key: []byte("key"), env: &envMemory{texts: map[string][]byte{}}}
		l, err := stillLife(boot, r)
		if err != nil {
			t.Fatal(err)
		}
		missed := l.missed(func(*entry) bool { return true })
		if len(missed) != 1 || missed[0].Job != "hourly" || missed[0].Slots != 5 || missed[0].Runs != 1 || missed[0].From.Hour() != 2 {
			t.Errorf("missed are %+v", missed)
		}
		next := "version: 1\ndefaults: {timezone: UTC}\njobs: {hourly: {command: [1s], schedule: \"@hourly\", catch_up: one}}\n"
		cfg, err := config.Load("/home/ann/jobs.yaml", testHost(next))
		if err != nil {
			t.Fatal(err)
		}
		d := l.draft(&loaded{config: cfg, specs: r.specs(cfg, readEnvFile)}, ipc.ApplyParams{})
		if plan := d.wire(l.table); plan.BaseGeneration != 1 || len(plan.Changes) != 2 || len(plan.Overrides) != 1 || plan.Summary["stop"] != 2 {
			t.Errorf("plan is %+v", plan)
		}
	})
}
