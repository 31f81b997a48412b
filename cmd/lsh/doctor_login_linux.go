package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// serviceFailed is why systemd has given the service up, in its own word; "" when it has not.
func serviceFailed(ctx context.Context) string {
	unit, err := properties(ctx, serviceUnit, "ActiveState", "Result")
	if err != nil || unit["ActiveState"] != "failed" {
		return ""
	}
	return unit["Result"]
}

// serviceProgram is the program that a unit starts, see systemd.service(5), "Command lines"; "" when that is not plain.
func serviceProgram(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	_, command := unitForm().split(string(text))
	command = strings.TrimLeft(strings.TrimSpace(command), "-@:+!|")
	if quoted, is := strings.CutPrefix(command, `"`); is {
		command, _, _ = strings.Cut(quoted, `"`)
	} else {
		command, _, _ = strings.Cut(command, " ")
	}
	command = strings.ReplaceAll(command, "%%", "\x00")
	if !filepath.IsAbs(command) || strings.ContainsAny(command, `%\`) {
		return ""
	}
	return strings.ReplaceAll(command, "\x00", "%")
}
