package mirror

import "encoding/json"

// Command is a row of lsh.commands: what somebody asks of this host from elsewhere. None of it has been checked.
type Command struct {
	ID     string          `json:"id"`
	Job    string          `json:"job"`
	Action string          `json:"action"`  // run, pause, resume or skip
	Args   json.RawMessage `json:"args"`    // reason; of a pause also until (RFC 3339) or for (seconds)
	SentBy string          `json:"sent_by"` // role of the database
}
