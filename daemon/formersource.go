package daemon

import (
	"encoding/json"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
)

// formerSource is the content last seen and the verdict on it. It is durable,
// so that a restart neither applies a change that is held nor undoes a
// rollback: only new content is acted on.
type formerSource struct {
	Sum      string     `json:"sum"`
	Verdict  ipc.Source `json:"verdict"`
	Zone     []byte     `json:"zone"` // of the system by which the applied jobs go
	Replaced replaced   `json:"replaced,omitzero"`
}

// replaced is a jobs file that something else is applied in place of. It stays
// held for as long as it says the same, whatever becomes of what it names: an
// env file that changes is no reason to undo a rollback.
type replaced struct {
	Hash   string `json:"hash"` // of the configuration
	Reason string `json:"reason"`
}

// keepVerdict writes a verdict on the files' content, in the turn that acts on it.
func (l *loop) keepVerdict(sum string, verdict ipc.Source, by replaced) {
	verdict.Plan = nil // it is made anew
	l.batch.PutSource(journal.Source{Data: asJSON(formerSource{sum, verdict, l.zone[:], by})})
}

// readFormerSource is nil when there is none.
func readFormerSource(row journal.Source) *formerSource {
	var f formerSource
	if json.Unmarshal(row.Data, &f) != nil || f.Sum == "" {
		return nil
	}
	return &f
}

// recall takes over the verdict of an earlier worker when the files still hold
// what it was about. It is asked about the first content of this worker only.
func (s *source) recall(f *loaded) bool {
	former := s.former
	s.former = nil
	if former == nil {
		return false
	}
	s.replaced = former.Replaced
	if former.Sum != f.sum {
		return false
	}
	verdict := former.Verdict
	if verdict.State == ipc.SourceHeld && f.config != nil {
		var plan draft
		if s.box.do(func(l *loop) { plan = l.draft(f, ipc.ApplyParams{}) }) {
			verdict.Plan = plan.wire(s.table)
			verdict.Plan.Held = verdict.Reason
		}
	}
	s.conclude(f, verdict)
	return true
}
