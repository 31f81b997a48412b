package daemon

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/keeper"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// Of a run that was about to be started the keeper has seen the end, if it has begun; or else the ends of others.
func TestADeadProcessIsOfTheRunWhoseTagItBears(t *testing.T) {
	const run, other = "01a20de7-2e9a-7376-8779-621de5b973be", "01a20de7-2a18-76c3-8a74-208b92faf319"
	now := time.Now()
	mine, others := process.Tag(run), process.Tag(other)
	for _, c := range []struct {
		name    string
		records []keeper.Record
		want    int // pid; 0: nobody can tell
	}{
		{"its own", []keeper.Record{{Pid: 10, Start: 100, Leader: true, Tag: mine, Code: 7}}, 10},
		{"one that another run has left behind", []keeper.Record{{Pid: 11, Start: 101, Leader: true, Tag: others, Code: 44}}, 0},
		{"one without a tag", []keeper.Record{{Pid: 12, Start: 100, Leader: true, Code: 44}}, 0},
		{"a member of it", []keeper.Record{{Pid: 13, Start: 100, Tag: mine, Code: 44}}, 0},
		{"its own, and what it has left behind", []keeper.Record{
			{Pid: 15, Start: 102, Leader: true, Tag: mine, Code: 44}, {Pid: 14, Start: 100, Leader: true, Tag: mine, Code: 7},
		}, 14},
		{"both of the same hundredth of a second", []keeper.Record{
			{Pid: 15, Start: 100, Leader: true, Tag: mine, Code: 44}, {Pid: 14, Start: 100, Leader: true, Tag: mine, Code: 7},
		}, 14},
	} {
		t.Run(c.name, func(t *testing.T) {
			live, err := json.Marshal(liveFacts{Phase: reconciler.Starting, Boot: "boot"})
			if err != nil {
				t.Fatal(err)
			}
			f := &former{
				boot:    journal.Boot{Open: []journal.Run{{ID: run, Job: "a", State: ipc.RunQueued, Attempt: 1, Scheduled: now, Live: live}}},
				forking: map[string]bool{run: true}, begun: map[string]process.Proc{}, orphan: map[child]process.Exit{},
				read: func() ([]keeper.Record, int64) { return c.records, 0 },
			}
			f.review()
			f.identify()
			if got := f.begun[run]; got.Pid != c.want {
				t.Errorf("the run is taken for %+v, want pid %d", got, c.want)
			}
		})
	}
}
