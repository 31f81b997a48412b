//go:build !linux

package main

// watchTrouble is that of Linux alone.
func watchTrouble([]string) string { return "" }

// watchLimit is that of Linux alone too.
func watchLimit(string) int { return 0 }
