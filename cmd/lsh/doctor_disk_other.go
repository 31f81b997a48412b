//go:build !linux

package main

import "golang.org/x/sys/unix"

func spaceOf(dir string) (space, error) {
	var fs unix.Statfs_t
	var st unix.Stat_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return space{}, err
	}
	if err := unix.Stat(dir, &st); err != nil {
		return space{}, err
	}
	return space{
		device: uint64(st.Dev), bytes: fs.Blocks * uint64(fs.Bsize), available: uint64(max(fs.Bavail, 0)) * uint64(fs.Bsize),
		inodes: fs.Files, free: uint64(max(fs.Ffree, 0)), readOnly: fs.Flags&unix.MNT_RDONLY != 0,
	}, nil
}
