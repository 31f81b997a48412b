package daemon

import (
	"log/slog"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
)

// A subscriber that reads slowly is told of every event all the same, once and
// in order.
func TestSlowSubscriberLosesNoEvent(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	j, err := journal.Open(t.TempDir(), log)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	d := &Daemon{log: log, journal: j, events: newHub()}
	s, cancel := d.events.subscribe("")
	defer cancel()

	const all = 3 * eventsWaiting
	reads, told := make(chan struct{}), make(chan int64)
	go d.pushEvents(t.Context(), s, 0, func(e ipc.Event) error {
		<-reads
		told <- e.Seq
		return nil
	})
	publish := func(seq int64) {
		var b journal.Batch
		b.AddEvent(journal.Event{Seq: seq, Time: time.Now(), Kind: "run.asked", Message: "a test"})
		j.Write(&b) // as a turn does, before it tells
		d.events.publish(ipc.Event{Seq: seq})
	}
	for seq := int64(1); seq <= all; seq++ {
		publish(seq)
	}
	close(reads)
	for want := int64(1); want <= all; want++ {
		if got := <-told; got != want {
			t.Fatalf("event %d comes after %d", got, want-1)
		}
	}
	publish(all + 1)
	if got := <-told; got != all+1 {
		t.Errorf("event %d comes at the end", got)
	}
}
