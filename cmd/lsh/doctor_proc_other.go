//go:build !linux

package main

// stoppedProcess cannot be told here without asking another program.
func stoppedProcess(int) int { return 0 }

// listenerAt is as little known.
func listenerAt(string) int { return 0 }

// programOf is not known.
func programOf(int) string { return "" }

// replacedDaemon cannot be told either.
func replacedDaemon(int) bool { return false }
