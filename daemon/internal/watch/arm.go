package watch

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"syscall"

	"github.com/fsnotify/fsnotify"
)

// arming is one walk over all paths: it watches what the walk comes by, and gathers the edges.
type arming struct {
	events  *fsnotify.Watcher
	before  map[string]fs.FileInfo // what was watched until now
	watched map[string]fs.FileInfo // what is watched now, by path without links
	edges   edges
	trouble string // why events alone cannot be trusted; empty when they can
}

// arm watches all that paths and globs depend on, lets go of what they no longer depend on, and returns the result.
func arm(events *fsnotify.Watcher, before map[string]fs.FileInfo, paths, globs []string) *arming {
	a := &arming{events: events, before: before, watched: map[string]fs.FileInfo{}, edges: newEdges()}
	for _, path := range paths {
		at, err := resolve(path, a.look)
		if err != nil {
			continue // the reader meets the same error and says so; the edges up to it are watched
		}
		if at.info != nil && at.info.Mode().IsRegular() {
			a.watchFile(at.real, at.info)
		}
	}
	for _, pattern := range globs {
		expand(pattern, a.look, a.match)
	}
	for path := range maps.Keys(before) {
		if _, kept := a.watched[path]; !kept {
			_ = events.Remove(path) // an error means that the kernel has let go of it before
		}
	}
	return a
}

func (a *arming) look(dir, name string) {
	a.watch(dir)
	a.edges.addName(dir, name)
}

func (a *arming) match(dir, pattern string) {
	a.watch(dir)
	a.edges.addPattern(dir, pattern)
}

// watch asks for the events of a directory.
func (a *arming) watch(path string) {
	if _, done := a.watched[path]; done {
		return
	}
	info, err := os.Lstat(path)
	if err != nil {
		return // gone since it was looked up, which is an event of the directory above
	}
	err = a.renew(path, info)
	if err != nil && !absent(err) {
		a.worry("watch " + path + ": " + limit(err, "fs.inotify.max_user_watches"))
		return
	}
	if kind := remote(path); kind != "" {
		a.worry("watch " + path + ": changes made elsewhere on " + kind + " are not announced here")
	}
}

// watchFile asks for the events of a file, because a write through another hard link is no event of this directory. It is
// no worry when there are none to be had (the file may be unreadable): all other changes the directory tells.
func (a *arming) watchFile(path string, info fs.FileInfo) { _ = a.renew(path, info) }

// renew asks for the events of path even if it is watched already: the kernel drops a watch by itself when a directory is
// removed or moved, and one made anew may have the old inode number. What was watched is let go of first, also when it
// looks the same: it may be replaced at this very moment, and would stay watched where it has gone. Events that get lost
// by that are none too few, since whoever arms reads afterwards.
func (a *arming) renew(path string, info fs.FileInfo) error {
	if _, ok := a.before[path]; ok {
		_ = a.events.Remove(path)
	}
	a.watched[path] = info
	return a.events.Add(path)
}

func (a *arming) worry(reason string) {
	if a.trouble == "" {
		a.trouble = reason
	}
}

// limit puts the kernel's two misleading words for "too many watches" right, and names the setting that mends it.
func limit(err error, setting string) string {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) {
		return "too many watches or open files on this system (see " + setting + ")"
	}
	return err.Error()
}
