package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestHelpFits holds the help of every command to a terminal of the usual width,
// and to an example.
func TestHelpFits(t *testing.T) {
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Hidden {
			return
		}
		var help bytes.Buffer
		printHelp(&help, cmd)
		for line := range strings.Lines(help.String()) {
			if w := textWidth(strings.TrimSuffix(line, "\n")); w > helpWidth {
				t.Errorf("%s --help has a line of %d columns: %s", cmd.CommandPath(), w, line)
			}
		}
		if cmd.Example == "" {
			t.Errorf("%s --help has no example", cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(&app{}, nil))
}

// TestMeant has a slip lead to what there is.
func TestMeant(t *testing.T) {
	root := newRoot(&app{}, nil)
	for typed, want := range map[string]string{
		"start": "daemon start", "add": "job add", "stauts": "status", "ls": "list", "restart": "daemon restart", "xyzzy": "--help",
	} {
		if got := meant(root, typed); got != want {
			t.Errorf("lsh %s is answered with lsh %s, want lsh %s", typed, got, want)
		}
	}
	for _, e := range elsewhere {
		if cmd, _, err := root.Find(strings.Fields(e.ours)); err != nil || cmd == root {
			t.Errorf("lsh %s, which is suggested, is no command", e.ours)
		}
	}
}
