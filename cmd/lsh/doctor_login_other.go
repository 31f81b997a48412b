//go:build !linux

package main

import "context"

// serviceFailed is of systemd alone: launchd gives nothing up.
func serviceFailed(context.Context) string { return "" }

// serviceProgram is not looked for in a plist.
func serviceProgram(string) string { return "" }
