package main

import (
	"runtime/debug"
	"strings"
)

// version is set by the linker (-X main.version=…) and never changed.
var version = "dev"

func currentVersion() string { return versionText(debug.ReadBuildInfo()) }

// versionText is the linker's version; without one, what the go command
// knows: go install's version, or the state of the work tree. A tag's v is left out.
func versionText(info *debug.BuildInfo, ok bool) string {
	if version != "dev" || !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return version
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}
