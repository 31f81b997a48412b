//go:build !linux

package main

// watchTrouble is that of Linux alone.
func watchTrouble([]string) string { return "" }
