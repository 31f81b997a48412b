package daemon

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

func TestAnAdHocJobIsKeptThoughItsDefinitionCannotBeUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const file = "groups: {heavy: {max_parallel: 1}}\njobs: {b: {command: [1s]}}"
		const definition = "{command: [1s], schedule: \"@hourly\", timezone: UTC, group: heavy}"
		w := newWorld(t)
		w.load(file)
		w.addAdHoc("cleanup", definition)
		w.do("cleanup", func(l *loop, e *entry) {
			l.pause(e, ipc.Override{ID: "p", Job: e.name, Kind: ipc.OverridePause, Until: l.now.Add(time.Hour), CreatedAt: l.now})
		})
		pass(30 * time.Minute)
		w.load(`jobs: {b: {command: [1s]}}`)
		for range 2 { // the second worker finds what the first one has left
			w = w.restart(time.Second)
			pass(time.Second)
			got := w.job("cleanup")
			if got.State != ipc.JobDisabled || got.Owner != ownerOperator || got.AddedBy.User != "ann" || len(got.Overrides) != 1 {
				t.Fatalf("the job is %+v", got)
			}
			if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "heavy") {
				t.Errorf("what is wrong is told by %q", got.Warnings)
			}
		}
		answered := make(chan error, 1)
		w.do("cleanup", func(l *loop, e *entry) { l.request(e, "", func(_ *ipc.Run, err error) { answered <- err }) })
		pass(time.Second)
		if err := <-answered; err == nil || !strings.Contains(err.Error(), "its definition cannot be used") {
			t.Errorf("a run is refused by %v", err)
		}
		pass(2 * time.Hour) // 01:00 and 02:00 do not run
		boot, err := w.loop.journal.Boot()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range boot.Jobs {
			if row.Name == "cleanup" && (row.Gone || row.Definition != definition || row.Owner == nil) {
				t.Errorf("the journal has %+v", row)
			}
		}

		w.load(file)
		s := &source{box: w.box, quiet: reader{host: testHost(""), key: []byte("key")}}
		s.rereadAdHoc()
		if got := w.job("cleanup"); got.State != ipc.JobScheduled || len(got.Warnings) != 0 {
			t.Errorf("with its group in the file again the job is %+v", got)
		}
		pass(time.Hour)
		if got := w.slots("cleanup"); len(got) != 2 || got[0].Count != 2 || got[0].Outcome != ipc.OutcomeMissed || !strings.Contains(got[0].Reason, "heavy") || got[1].Outcome != ipc.OutcomeRan {
			t.Errorf("the ledger has %+v", got)
		}
		w = w.restart(time.Second)
		defer w.end()
		if got := w.job("cleanup"); got.State != ipc.JobScheduled {
			t.Errorf("the next worker has it %s", got.State)
		}
	})
}

func TestAnAdHocJobWhoseGroupLeavesTheFileRunsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load("groups: {heavy: {max_parallel: 1}}\njobs: {}")
		w.addAdHoc("cleanup", `{command: [1s], group: heavy, schedule: "@hourly"}`)
		w.load(`jobs: {b: {command: [1s]}}`)
		s := &source{box: w.box, quiet: reader{host: testHost(""), key: []byte("key")}}
		s.rereadAdHoc()
		if got := w.job("cleanup"); got.State != ipc.JobDisabled || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "heavy") {
			t.Errorf("the job is %+v", got)
		}
		pass(2 * time.Hour)
		if runs := w.runs("cleanup"); len(runs) > 1 { // that of midnight
			t.Errorf("it runs: %v", runs)
		}
	})
}

func TestABrokenAdHocJobCanBeRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load("groups: {heavy: {max_parallel: 1}}\njobs: {}")
		w.addAdHoc("cleanup", "{command: [1s], group: heavy}")
		w.load(`jobs: {b: {command: [1s]}}`)
		w = w.restart(time.Second)
		w.do("cleanup", func(l *loop, e *entry) { l.removeAdHoc(e, false) })
		pass(time.Second)
		if _, there := w.table.find("cleanup"); there {
			t.Error("it is still there")
		}
		w = w.restart(time.Second)
		defer w.end()
		if _, there := w.table.find("cleanup"); there {
			t.Error("it is back")
		}
	})
}
