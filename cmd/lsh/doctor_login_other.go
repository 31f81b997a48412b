//go:build !linux

package main

import "context"

// serviceTroubles is of systemd alone: launchd gives nothing up.
func serviceTroubles(context.Context) serviceTrouble { return serviceTrouble{} }

// serviceProgram is not looked for in a plist.
func serviceProgram(string) string { return "" }

// takeOut is of a unit.
func takeOut([]string, string) string { return "" }
