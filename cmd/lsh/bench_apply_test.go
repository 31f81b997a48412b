package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// debounce is how long the daemon waits for a file to come to rest.
const debounce = 150 * time.Millisecond

// BenchmarkSaveToApplied is what a person waits for: from the save, with one
// job changed, until a client has been told that the file is accepted. The
// bar is 400 ms beyond the debounce with 10,000 jobs.
func BenchmarkSaveToApplied(b *testing.B) {
	for _, count := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("%djobs", count), func(b *testing.B) {
			const saves = 15
			h := newBenchHome(b)
			text := manyJobs(count) + "  changing: {command: work, schedule: '@yearly', description: 'save %d'}\n"
			h.save(fmt.Sprintf(text, 0))
			h.start()
			client := h.client()
			accepted := make(chan time.Time, saves)
			client.Notifications(func(_ string, params json.RawMessage) {
				now := time.Now()
				var n ipc.EventNotification
				if err := json.Unmarshal(params, &n); err != nil {
					b.Error(err)
				}
				if strings.HasPrefix(n.Event.Kind, "config.") {
					accepted <- now
				}
			})
			mustCall(b, client, ipc.EventsSubscribe, ipc.EventsParams{})
			var all []time.Duration
			for i := 1; i <= saves; i++ {
				saved := h.save(fmt.Sprintf(text, i))
				all = append(all, (<-accepted).Sub(saved)-debounce)
				for generation := 0; generation != 1+i; { // the event may be ahead of the status
					got := mustCall(b, client, ipc.DaemonStatus, ipc.StatusParams{Limit: 1}).Daemon
					if generation = got.Generation; got.Config.State != ipc.SourceAccepted || generation > 1+i {
						b.Fatalf("generation %d after %d saves: %+v", generation, i, got.Config)
					}
				}
			}
			report(b, map[string]float64{"ms_beyond_debounce": milliseconds(median(all))})
		})
	}
}
