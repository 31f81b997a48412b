package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// serviceTroubles is what systemd says is not well with the service.
func serviceTroubles(ctx context.Context) serviceTrouble {
	unit, err := properties(ctx, serviceUnit, "LoadState", "UnitFileState", "ActiveState", "Result", "NeedDaemonReload", "FragmentPath", "DropInPaths",
		"KillMode", "Restart", "Type", "NotifyAccess", "Environment")
	if err != nil {
		return serviceTrouble{}
	}
	t := serviceTrouble{
		masked: unit["LoadState"] == "masked", untilBoot: unit["UnitFileState"] == "masked-runtime",
		unread: unit["NeedDaemonReload"] == "yes", dropIns: unit["DropInPaths"],
		files: append(strings.Fields(unit["DropInPaths"]), unit["FragmentPath"]), env: unitVariables(unit["Environment"]),
	}
	t.broken = brokenPromises(unit, t.files)
	if unit["ActiveState"] == "failed" {
		t.failed = unit["Result"]
	}
	return t
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
