package daemon

import (
	"fmt"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
)

// journalRecovered is told that the journal is written again.
func (d *Daemon) journalRecovered(r journal.Recovery) {
	d.box.post(func(l *loop) {
		l.emit(ipc.Event{Kind: "journal.recovered", Message: recoveryWords(r)})
	})
}

// recoveryWords say what a time without a journal has cost.
func recoveryWords(r journal.Recovery) string {
	away := config.FormatDuration(since(r.Since, r.Until).Round(time.Second))
	text := fmt.Sprintf("the journal is written again after %s: %d rows that were kept in memory are in it", away, r.Kept)
	if r.Rows > 0 {
		text += fmt.Sprintf(", %d were lost", r.Rows)
	}
	return text
}

// lossWords say what is missing in the journal.
func lossWords(l journal.Loss) string {
	return fmt.Sprintf("%d rows of the journal were lost while it could not be written, between %s and %s: runs and slots of that time may be missing",
		l.Rows, l.Since.Format(time.RFC3339), l.Until.Format(time.RFC3339))
}
