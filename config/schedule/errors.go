package schedule

import "fmt"

// Error is a schedule or time zone that cannot be used.
type Error struct {
	Message string // what is wrong
	Hint    string // what to write instead; may be empty
	Offset  int    // where the bad part begins, in bytes from the start of the text
}

// Error returns the message without the hint.
func (e *Error) Error() string { return e.Message }

func errorAt(offset int, hint, format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Hint: hint, Offset: offset}
}
