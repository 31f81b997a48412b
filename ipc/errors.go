package ipc

import (
	"fmt"
	"reflect"
)

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

// Hint is the next thing to type; "" when there is none.
func (e *Error) Hint() string { return e.Data.Hint }

// Line is the message and, in brackets, the hint.
func (e *Error) Line() string {
	if e.Hint() == "" {
		return e.Message
	}
	return e.Message + " (" + e.Hint() + ")"
}

// Errorf is an error answer with the word of its code and no hint. A text
// among args is cut after 200 characters, and the message after 1000: much of
// what errors repeat comes from the client, at any length.
func Errorf(code int, format string, args ...any) *Error {
	return &Error{Code: code, Message: sentence(format, args), Data: ErrorData{Code: wordOf(code)}}
}

// WithHint is e with the next thing to type, cut like the message of Errorf.
func (e *Error) WithHint(format string, args ...any) *Error {
	hinted := *e
	hinted.Data.Code = wordOf(e.Code)
	hinted.Data.Hint = sentence(format, args)
	return &hinted
}

func sentence(format string, args []any) string {
	short := make([]any, len(args))
	for i, arg := range args {
		short[i] = arg
		if v := reflect.ValueOf(arg); v.Kind() == reflect.String {
			short[i] = cutShort(v.String(), mostEchoed)
		}
	}
	return cutShort(fmt.Sprintf(format, short...), mostSaid)
}

// cutShort is text of at most so many characters, with a sign where it was cut.
func cutShort(text string, most int) string {
	if len(text) <= most {
		return text
	}
	n := 0
	for i := range text {
		if n == most {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// wordOf is the word of a code; "" for a code that is not ours.
func wordOf(code int) string {
	for _, known := range ErrorCodes() {
		if known.Code == code {
			return known.Word
		}
	}
	return ""
}

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
	CodeNotFound      = -31010 // not_found: no such generation or override
	CodeNoDatabase    = -31011 // no_database: none is set
	CodeDatabase      = -31012 // database: it cannot be used
)

// ErrorCode describes one code.
type ErrorCode struct {
	Code int
	Word string // of Data.Code
	Doc  string // one sentence
}

// ErrorCodes are all codes that an answer can carry.
func ErrorCodes() []ErrorCode {
	return []ErrorCode{
		{CodeParse, "parse_error", "The line is not JSON in UTF-8."},
		{CodeInvalidRequest, "invalid_request", "The JSON is not a request, or it is too large."},
		{CodeMethodNotFound, "unknown_method", "There is no such method."},
		{CodeInvalidParams, "invalid_params", "A parameter is unknown, missing, or of the wrong type."},
		{CodeInternal, "internal", "Something went wrong inside the daemon; its log says more."},
		{CodeUnknownJob, "unknown_job", "There is no such job."},
		{CodeUnknownRun, "unknown_run", "There is no such run."},
		{CodeInvalidConfig, "invalid_config", "The jobs file is invalid; `data.problems` lists every mistake."},
		{CodeHeld, "held", "The change waits for a confirmation; `data.plan` is the change."},
		{CodeStalePlan, "stale_plan", "The plan is no longer what applying would do."},
		{CodeNotConverged, "not_converged", "Accepted, but the jobs do not stand as the file says within the time given."},
		{CodeRefused, "refused", "The run was refused: paused, already running, not on this host."},
		{CodeStopping, "stopping", "The daemon is stopping."},
		{CodeBusy, "busy", "A limit is reached, or the file is still being written: try again."},
		{CodeNotFound, "not_found", "There is no such generation or override."},
		{CodeNoDatabase, "no_database", "No database is set: the state is not synced."},
		{CodeDatabase, "database", "The database cannot be used; the message says why, and the hint what to do."},
	}
}
