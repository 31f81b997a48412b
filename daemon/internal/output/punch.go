package output

import "errors"

// ErrNoHoles says that the file system cannot drop the middle of a file.
var ErrNoHoles = errors.New("the file system cannot drop the middle of a file")
