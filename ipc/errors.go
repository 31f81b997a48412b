package ipc

// Error is an error answer.
type Error struct {
	Code    int       `json:"code"`
	Message string    `json:"message"`
	Data    ErrorData `json:"data,omitzero"`
}

// ErrorData is what ours carry beyond the standard.
type ErrorData struct {
	Code     string    `json:"code,omitempty"` // a word
	Hint     string    `json:"hint,omitempty"` // the next thing to type
	Problems []Problem `json:"problems,omitempty"`
	Plan     *Plan     `json:"plan,omitempty"`
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// The standard codes of JSON-RPC 2.0, section 5.1.
const (
	CodeParse          = -32700
	CodeInvalidRequest = -32600
	CodeMethodNotFound = -32601
	CodeInvalidParams  = -32602
	CodeInternal       = -32603
)

// Our codes, each with the word that Data.Code carries.
const (
	CodeUnknownJob    = -31001 // unknown_job
	CodeUnknownRun    = -31002 // unknown_run
	CodeInvalidConfig = -31003 // invalid_config, with Data.Problems
	CodeHeld          = -31004 // held, with Data.Plan
	CodeStalePlan     = -31005 // stale_plan
	CodeNotConverged  = -31006 // not_converged: accepted, but not in time
	CodeRefused       = -31007 // refused: the gate said no
	CodeStopping      = -31008 // stopping: the daemon is
	CodeBusy          = -31009 // busy: limits, or a writer has the file open
)
