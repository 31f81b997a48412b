package main

import (
	"runtime/debug"
	"testing"
)

func TestVersionText(t *testing.T) {
	built := func(v string) *debug.BuildInfo { return &debug.BuildInfo{Main: debug.Module{Version: v}} }
	for info, want := range map[*debug.BuildInfo]string{built("v1.2.3"): "1.2.3", built("(devel)"): "dev", built(""): "dev"} {
		if got := versionText(info, true); got != want {
			t.Errorf("version of %q is %q, want %q", info.Main.Version, got, want)
		}
	}
	if got := versionText(nil, false); got != "dev" {
		t.Errorf("version without build info is %q, want dev", got)
	}
}
