package journal

import (
	"context"
	"time"
)

const (
	// eventsKept and changesKept bound the two sequences: who has not read that far begins anew.
	eventsKept  = 100_000
	changesKept = 200_000
	// lossesKept is how long losses are told.
	lossesKept = 30 * 24 * time.Hour
	// commandsKept is how long it is known that a command is done: much longer than one that is not stays in force.
	commandsKept = 30 * 24 * time.Hour
)

// Maintain does the upkeep that no turn should wait for: it checks a large file, and cuts the sequences. It is called now and then.
func (j *Journal) Maintain(ctx context.Context) {
	if err := j.maintain(ctx); err != nil && ctx.Err() == nil {
		j.log.Warn("maintain journal", "path", j.path, "err", err)
	}
}

func (j *Journal) maintain(ctx context.Context) error {
	if j.size() > smallFile {
		if err := check(ctx, j.readers); isDamage(err) {
			j.mu.Lock()
			defer j.mu.Unlock()
			j.fail(err)
			j.publish()
			return err
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.wrong != nil || ctx.Err() != nil {
		return ctx.Err()
	}
	defer j.publish()
	if err := j.writer.transact(false, func() error {
		if err := j.writer.do("DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - ?", eventsKept); err != nil {
			return err
		}
		if err := j.writer.do("DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - ?", changesKept); err != nil {
			return err
		}
		if err := j.writer.do("DELETE FROM commands WHERE done < ?", time.Now().Add(-commandsKept).UnixNano()); err != nil {
			return err
		}
		return j.writer.do("DELETE FROM losses WHERE until < ?", time.Now().Add(-lossesKept).UnixNano())
	}); err != nil {
		return err
	}
	return j.readLosses()
}
