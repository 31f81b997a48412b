package daemon_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// events are those after a number, for as long as the test may take.
func (h *home) events(after int64) <-chan ipc.Event {
	h.t.Helper()
	c, err := ipc.Dial(h.t.Context(), []string{h.paths.Socket})
	if err != nil {
		h.t.Fatal(err)
	}
	events := make(chan ipc.Event, 1000)
	c.Notifications(func(_ string, params json.RawMessage) {
		var n ipc.EventNotification
		if err := json.Unmarshal(params, &n); err != nil {
			h.t.Error(err)
		}
		events <- n.Event
	})
	if _, err := ipc.EventsSubscribe.Call(h.t.Context(), c, ipc.EventsParams{After: after}); err != nil {
		h.t.Fatal(err)
	}
	late := time.AfterFunc(20*time.Second, func() {
		h.t.Error("the event did not come")
		close(events)
	})
	h.t.Cleanup(func() {
		late.Stop()
		c.Close()
	})
	return events
}

// A number that no event has yet is no reason to tell of the past.
func TestEventsBeyondTheEndAreThoseToCome(t *testing.T) {
	h := newHome(t, "jobs: {a: {command: 'true'}}")
	h.run("a")
	sub := call(h, ipc.EventsSubscribe, ipc.EventsParams{})
	if kept := call(h, ipc.EventsList, ipc.EventsListParams{}).Events; sub.Last != kept[len(kept)-1].Seq {
		t.Errorf("the last event is said to be %d, and is %d", sub.Last, kept[len(kept)-1].Seq)
	}
	coming := h.events(1_000_000)
	h.run("a")
	if first := <-coming; first.Seq != sub.Last+1 {
		t.Errorf("the first event is %+v", first)
	}
}
