package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What a file system should have left: at the first the daemon is about to lose something, at the second somebody should make room
// in time. Of a small one, a share of it.
const (
	leastBytes, fewBytes   = 20 << 20, 200 << 20
	leastInodes, fewInodes = 50, 1000
	leastShare, fewShare   = 50, 10 // one part of so many
)

// space is a file system as far as it matters here.
type space struct {
	device    uint64
	bytes     uint64 // in all
	available uint64 // of them, to this user
	inodes    uint64 // in all; 0 where they cannot run out
	free      uint64 // of them
	readOnly  bool
}

// checkDisk looks at the file systems of the state directory, of the log, of the sockets, and of temporary files.
func checkDisk(_ context.Context, s *subject, r *diagnosis) {
	told := map[uint64]bool{}
	var free []string
	for _, dir := range []string{s.stateDir, filepath.Dir(s.logFile), filepath.Dir(s.pidFile), os.TempDir()} {
		dir = existing(dir)
		fs, err := spaceOf(dir)
		if err != nil {
			r.unknown("how much room there is in %s: %s", s.short(dir), bareError(err))
			continue
		}
		if told[fs.device] {
			continue
		}
		told[fs.device] = true
		if s.checkSpace(r, dir, fs) {
			free = append(free, fmt.Sprintf("%s free in %s", sizeText(int64(fs.available)), s.short(dir)))
		}
	}
	r.ok("%s", strings.Join(free, ", "))
}

// checkSpace tells whether one file system is well.
func (s *subject) checkSpace(r *diagnosis, dir string, fs space) bool {
	usage := "make room: see  du -xhd1 " + s.arg(dir) + " | sort -h"
	files := "remove files: see  du -xd1 --inodes " + s.arg(dir) + " | sort -n"
	if fs.readOnly {
		r.wrong("sudo mount -o remount,rw \"$(df -P "+s.arg(dir)+" | awk 'NR==2 {print $6}')\"", "the file system of %s is read-only", s.short(dir))
		return false
	}
	bytes, inodes := scarcity(fs.available, fs.bytes, leastBytes, fewBytes), scarcity(fs.free, fs.inodes, leastInodes, fewInodes)
	switch bytes {
	case stateError:
		r.wrong(usage, "the disk of %s is full: %s left", s.short(dir), sizeText(int64(fs.available)))
	case stateWarning:
		r.warn(usage, "the disk of %s is almost full: %s left", s.short(dir), sizeText(int64(fs.available)))
	}
	switch inodes {
	case stateError:
		r.wrong(files, "the file system of %s has no room for more files: %d left (inodes)", s.short(dir), fs.free)
	case stateWarning:
		r.warn(files, "the file system of %s has room for %d more files only (inodes)", s.short(dir), fs.free)
	}
	return bytes == stateOK && inodes == stateOK
}

// scarcity is how bad it is that so much is left of all. Where there is none at all, it is not counted.
func scarcity(left, all, least, few uint64) string {
	switch {
	case all == 0:
		return stateOK
	case left <= min(least, all/leastShare):
		return stateError
	case left <= min(few, all/fewShare):
		return stateWarning
	}
	return stateOK
}

// existing is the nearest directory above a path that is there.
func existing(path string) string {
	for ; path != filepath.Dir(path); path = filepath.Dir(path) {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return path
		}
	}
	return path
}
