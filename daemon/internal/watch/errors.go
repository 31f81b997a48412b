package watch

// BusyError says that the content cannot be trusted now and that a later look may succeed.
type BusyError struct {
	Path   string // as it was asked for
	Reason string // what was seen, in words
}

func (e *BusyError) Error() string { return "read " + e.Path + ": " + e.Reason }

// MissingError says that the path leads to nothing.
type MissingError struct {
	Path      string // as it was asked for
	Component string // the first part of the way that is not there, with links resolved
}

func (e *MissingError) Error() string {
	if e.Component == e.Path {
		return "read " + e.Path + ": it does not exist"
	}
	return "read " + e.Path + ": " + e.Component + " does not exist"
}

// UnfitError says that what the path leads to cannot be read as a file until somebody mends it.
type UnfitError struct {
	Path   string // as it was asked for
	Reason string // what is wrong with it, in words
}

func (e *UnfitError) Error() string { return "read " + e.Path + ": " + e.Reason }
