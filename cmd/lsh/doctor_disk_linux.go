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
		device: uint64(st.Dev), bytes: fs.Blocks * uint64(fs.Bsize), available: fs.Bavail * uint64(fs.Bsize),
		inodes: fs.Files, free: fs.Ffree, // btrfs counts none
		readOnly: fs.Flags&unix.ST_RDONLY != 0,
	}, nil
}
