package mirror

import (
	"encoding/json"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

// state is what is remembered of the replica between workers. Where the replica stands, the database says; this is what is true while
// it cannot be asked.
type state struct {
	Host     string    `json:"host"`
	Database string    `json:"database"`
	Kind     string    `json:"kind,omitempty"`
	Acked    int64     `json:"acked"`
	Event    int64     `json:"event"`
	LastAck  time.Time `json:"last_ack,omitzero"`
	// Synced is up to when all that had happened has arrived.
	Synced    time.Time `json:"synced,omitzero"`
	Aside     int       `json:"aside,omitempty"`
	LastAside string    `json:"last_aside,omitempty"`
	// AsideKeys are those of the rows that can be sent again, as far as they are remembered.
	AsideKeys []journal.Change `json:"aside_keys,omitempty"`
	Snapshot  *snapshot        `json:"snapshot,omitempty"`
}

// saveEvery bounds how often the state is written when nothing but its times has changed.
const saveEvery = 30 * time.Second

// recall reads the state. Of another database, or of another host, it says nothing about this one; where the settings name none that can
// be used, it is of the last one.
func (m *Mirror) recall(database string) {
	fresh := state{Host: m.host.ID, Database: database}
	data, err := m.journal.Replica()
	if err != nil {
		m.log.Warn("read state of replica", "err", err)
	}
	var s state
	if json.Unmarshal(data, &s) != nil || s.Host != fresh.Host || database != "" && s.Database != database {
		s = fresh
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = s
}

// save writes the state, unless that was done just now and may wait.
func (m *Mirror) save(atOnce bool) {
	now := time.Now()
	if m.target == nil {
		return // of which database it would be is not known
	}
	if !atOnce && now.Sub(m.saved) < saveEvery {
		return
	}
	m.saved = now
	text, _ := json.Marshal(m.state)
	if err := m.journal.SaveReplica(text); err != nil {
		m.log.Warn("save state of replica", "err", err)
	}
}
