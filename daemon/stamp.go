package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// stampAge is how old the last change of a file must be for its stamp to be
// trusted: file systems tell times in steps of some milliseconds.
const stampAge = time.Second

// stampOf is what the file system says of files without reading them, the
// time of their last change of any kind included; "" when it cannot be
// trusted, since something has changed just now. With it the safety poll of
// a large file costs nothing.
func stampOf(paths, globs []string, now time.Time) string {
	var b strings.Builder
	for _, pattern := range globs {
		names, _ := filepath.Glob(pattern)
		fmt.Fprintf(&b, "%q ", names)
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			fmt.Fprintf(&b, "%v ", err)
			continue
		}
		st := info.Sys().(*syscall.Stat_t)
		changed := changeTime(st)
		if now.Sub(changed) < stampAge {
			return ""
		}
		fmt.Fprintf(&b, "%d:%d %d %d %d ", st.Dev, st.Ino, info.Size(), info.ModTime().UnixNano(), changed.UnixNano())
	}
	return b.String()
}
