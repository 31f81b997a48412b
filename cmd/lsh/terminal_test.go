package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// terminalCommands put a script before a real terminal: tmux draws what a
// program writes to it, so that what is seen is what a person would see.
func terminalCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"terminal":  terminal,
		"types":     types,
		"shows":     shows,
		"paints":    paints,
		"shows-now": showsNow,
		"resizes":   resizes,
		"offers":    offers,
	}
}

// tmux are the arguments for the script's own server.
func tmux(ts *testscript.TestScript, args ...string) []string {
	return slices.Concat([]string{"-u", "-f", "/dev/null", "-S", filepath.Join(ts.Getenv("WORK"), "t")}, args)
}

// terminal COMMAND… runs a command in a terminal of 100 columns and 30 lines,
// in place of the one before.
func terminal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: terminal COMMAND…")
	}
	if ts.Exec("tmux", tmux(ts, "has-session")...) == nil {
		ts.Check(ts.Exec("tmux", tmux(ts, slices.Concat([]string{"respawn-pane", "-k"}, args)...)...))
		return
	}
	ts.Check(ts.Exec("tmux", tmux(ts, slices.Concat([]string{"new-session", "-d", "-x", "100", "-y", "30"}, args)...)...))
	ts.Defer(func() { _ = exec.Command("tmux", tmux(ts, "kill-server")...).Run() })
}

// resizes COLUMNS LINES gives the terminal another size.
func resizes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: resizes COLUMNS LINES")
	}
	ts.Check(ts.Exec("tmux", tmux(ts, "resize-window", "-x", args[0], "-y", args[1])...))
}

// types KEYS… types each: a text, or the name of a key, such as Tab or C-u.
func types(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: types KEYS…")
	}
	ts.Check(ts.Exec("tmux", tmux(ts, slices.Concat([]string{"send-keys"}, args)...)...))
}

// shows PATTERN waits until the screen matches.
func shows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: shows PATTERN")
	}
	if screen, ok := seen(ts, args[0], scriptPatience); !ok {
		ts.Fatalf("no match for %s on the screen:\n%s", args[0], bytes.TrimSpace(screen))
	}
}

// seen waits for some time until the screen matches, and gives what is on it.
func seen(ts *testscript.TestScript, pattern string, patience time.Duration) (screen []byte, ok bool) {
	p, err := regexp.Compile("(?m)" + pattern)
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		screen, err = exec.Command("tmux", tmux(ts, "capture-pane", "-p")...).Output()
		ts.Check(err)
		if ok = p.Match(screen); ok || time.Now().After(deadline) {
			return screen, ok
		}
	}
}

// shows-now PATTERN looks at the screen as it is.
func showsNow(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] shows-now PATTERN")
	}
	match(ts, neg, args[0])
}

// match tells whether a pattern is on the screen as tmux prints it with flags.
func match(ts *testscript.TestScript, neg bool, pattern string, flags ...string) {
	compiled, err := regexp.Compile("(?m)" + pattern)
	ts.Check(err)
	screen, err := exec.Command("tmux", tmux(ts, slices.Concat([]string{"capture-pane", "-p"}, flags)...)...).Output()
	ts.Check(err)
	if compiled.Match(screen) == neg {
		ts.Fatalf("%s is %v to be on the screen:\n%s", pattern, !neg, bytes.TrimSpace(screen))
	}
}

// paints PATTERN looks at the screen as it is, with its colours as codes.
func paints(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] paints PATTERN")
	}
	match(ts, neg, args[0], "-e")
}

// offers LINE PATTERN has a shell complete a line until the screen matches: a
// daemon that is late to answer has nothing to offer. Bash lists what it offers once it
// has nothing to add: what all begin with alike takes a Tab of its own.
func offers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: offers LINE PATTERN")
	}
	var screen []byte
	for deadline := time.Now().Add(scriptPatience); time.Now().Before(deadline); {
		types(ts, false, []string{"C-u", args[0], "Tab", "Tab", "Tab"})
		var ok bool
		if screen, ok = seen(ts, args[1], 3*time.Second); ok {
			return
		}
	}
	ts.Fatalf("no match for %s on the screen:\n%s", args[1], bytes.TrimSpace(screen))
}
