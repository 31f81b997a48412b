package main

import (
	"os"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

func TestAnOverrideNamesWhoItIsOf(t *testing.T) {
	now := time.Date(2026, 8, 10, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		owner ipc.Owner
		want  string
	}{
		{ipc.Owner{UID: os.Getuid(), User: "ann"}, `paused ("move", by you, 2 h ago)`},
		{ipc.Owner{UID: -1, User: "bob"}, `paused ("move", by bob, 2 h ago)`},
		{ipc.Owner{UID: os.Getuid(), User: "lsh_ann", From: ipc.FromElsewhere}, `paused ("move", by lsh_ann from elsewhere, 2 h ago)`},
	} {
		o := ipc.Override{Kind: ipc.OverridePause, Owner: c.owner, Reason: "move", CreatedAt: now.Add(-2 * time.Hour)}
		if got := overrideText(o, now); got != c.want {
			t.Errorf("of %+v it is %q, want %q", c.owner, got, c.want)
		}
	}
}
