package mirror

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

// registration is what lsh.register answers.
type registration struct {
	verdict string // new, known, taken or busy
	acked   point
	ackedBy string
	schema  int64
}

const (
	verdictTaken  = "taken"
	verdictBusy   = "busy"
	verdictFenced = "fenced"
	verdictBehind = "behind"
)

// introduction is what a worker says of its host.
type introduction struct {
	Hostname  string  `json:"hostname"`
	User      string  `json:"os_user"`
	Machine   string  `json:"machine_id"`
	OS        string  `json:"os"`
	Arch      string  `json:"arch"`
	Version   string  `json:"version"`
	StartedAt instant `json:"started_at"`
	Patient   bool    `json:"patient"`
}

// call makes one call within its time, and measures the clocks.
func (m *Mirror) call(ctx context.Context, conn *pgx.Conn, query string, args []any, into ...any) error {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	var server time.Time
	sent := time.Now()
	err := conn.QueryRow(ctx, query, args...).Scan(append(into, &server)...)
	if err != nil {
		return err
	}
	took := time.Since(sent)
	// By the wall clock, without the monotonic part. What is measured is right to half the way's time.
	offset := server.Sub(sent.Round(0).Add(took / 2))
	m.mu.Lock()
	m.offset = &offset
	m.mu.Unlock()
	return nil
}

func (m *Mirror) register(ctx context.Context) (r registration, err error) {
	h := m.options.Host
	text, _ := json.Marshal(introduction{
		Hostname: storable(h.Name), User: storable(h.User), Machine: m.host.Machine, OS: h.OS, Arch: h.Arch, Version: h.Version,
		StartedAt: instantOf(m.started), Patient: m.fenced,
	})
	var by *string
	err = m.call(ctx, m.conn, `select verdict, acked, acked_event, acked_by::text, schema_version, server_now
 from lsh.register($1::uuid, $2::uuid, $3::jsonb)`, []any{m.host.ID, m.journal.Opening(), string(text)},
		&r.verdict, &r.acked.change, &r.acked.event, &by, &r.schema)
	if by != nil {
		r.ackedBy = *by
	}
	return r, err
}

// pushed is what lsh.push answers.
type pushed struct {
	verdict  string
	acked    point
	commands []Command
}

// address gives a batch the rest of what it says. Only one that is alone on its way asks for commands and tells of them: of two, the second
// would be answered with those that the first has brought.
func (m *Mirror) address(b *batch, alone bool) {
	b.Status = m.status
	if alone {
		b.Accept, b.CommandsDone = m.options.Database.AcceptCommands, m.done
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.offset != nil {
		b.ClockOffsetMS = millis(m.offset)
	}
}

func (m *Mirror) push(ctx context.Context, conn *pgx.Conn, b *batch) (p pushed, err error) {
	var commands *string
	err = m.call(ctx, conn, `select verdict, acked, acked_event, commands::text, server_now from lsh.push($1::uuid, $2::uuid, $3::bigint, $4::jsonb)`,
		[]any{m.host.ID, m.journal.Opening(), b.upto, b.encode()}, &p.verdict, &p.acked.change, &p.acked.event, &commands)
	if err != nil || commands == nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(*commands), &p.commands); err != nil {
		return p, fmt.Errorf("read commands: %w", err)
	}
	return p, nil
}

// goesOn tells whether a journal goes on from one of which a worker has brought the database to a point: whether all that the
// database has had of that worker was in this journal, too, when the next one began.
func goesOn(openings []journal.Opening, heads journal.Heads, by string, acked point) bool {
	if acked == (point{}) {
		return true
	}
	for i, o := range openings {
		if o.ID != by {
			continue
		}
		had := point{heads.NewestChange, heads.NewestEvent}
		if i+1 < len(openings) {
			had = point{openings[i+1].Change, openings[i+1].Event}
		}
		if acked.event == 0 && had.event > 0 {
			return false // another journal has begun a new life, whose events come last: some rows may have its numbers
		}
		return acked.change <= had.change && acked.event <= had.event
	}
	return false
}
