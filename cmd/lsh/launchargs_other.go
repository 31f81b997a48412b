//go:build !linux

package main

// launchArgs are the flags that a running daemon was started with: nothing
// tells them here, and the paths in its status have to do.
func launchArgs(int) []string { return nil }
