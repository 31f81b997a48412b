//go:build !linux

package watch

import "os"

// lease is always free here: the system does not tell who has a file open for writing.
func lease(*os.File) (release func(), free bool) { return func() {}, true }
