package process

import "fmt"

// wrapUmask gives the same command with its umask set by a shell, for where a thread cannot have its own.
func wrapUmask(umask uint32, exe string, argv []string) (shell string, wrapped []string) {
	const script = `umask "$1" && shift && exec "$@"`
	wrapped = []string{"sh", "-c", script, "sh", fmt.Sprintf("%04o", umask), exe}
	return "/bin/sh", append(wrapped, argv[1:]...)
}
