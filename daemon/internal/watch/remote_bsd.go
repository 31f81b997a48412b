//go:build darwin || freebsd

package watch

import "golang.org/x/sys/unix"

// remote names the kind of file system under path when others may change it without the kernel knowing, else "".
func remote(path string) string {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil || st.Flags&unix.MNT_LOCAL != 0 {
		return ""
	}
	return unix.ByteSliceToString(st.Fstypename[:])
}
