package logfile

import (
	"fmt"
	"os"

	"github.com/lsh-project/lsh/daemon/internal/ownfile"
)

// The sizes of a daemon's log: at most four files of 10 MiB.
const (
	maxSize = 10 << 20 // bytes, then the file is renamed
	keep    = 3        // files beside the one in use
)

// rotate puts the full file aside and opens a new one. When it cannot, the
// file in use stays and gets more room, as far as the bound on all goes.
func (f *File) rotate() {
	if ownfile.IsAt(f.out, f.path) {
		for i := keep - 1; i >= 1; i-- {
			// One that is missing, or not ours to rename, is no
			// reason to leave the others.
			_ = os.Rename(f.aside(i), f.aside(i+1))
		}
		if err := os.Rename(f.path, f.aside(1)); err != nil {
			f.makeRoom()
			return
		}
	}
	if err := f.reopen(); err != nil {
		f.makeRoom()
	}
}

func (f *File) makeRoom() {
	if f.limit < (keep+1)*f.max {
		f.limit += f.max
		return
	}
	if err := f.out.Truncate(0); err != nil {
		return
	}
	f.size, f.limit = 0, f.max
}

func (f *File) aside(i int) string { return fmt.Sprintf("%s.%d", f.path, i) }
