package ipc

// hintedError is an error of this side of the socket with the next thing to
// type, as [Error] has for the other side's.
type hintedError struct{ message, hint string }

func hinted(message, hint string) error { return &hintedError{message, hint} }

func (e *hintedError) Error() string { return e.message }

// Hint is the next thing to type.
func (e *hintedError) Hint() string { return e.hint }
