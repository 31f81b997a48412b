//go:build !linux

package main

import "github.com/lsh-project/lsh/ipc"

// launchArgs are the flags for what a running daemon was told when it was
// started: only its status tells, and not where it has it from.
func launchArgs(d ipc.Daemon) (env, argv []string) {
	if d.Apply == "" {
		return nil, nil
	}
	return []string{"--apply=" + d.Apply}, nil
}
