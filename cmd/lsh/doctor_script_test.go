package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// ailment is under what a script keeps the finding that it has asked for last.
type ailmentKey struct{}

// ailment is a finding, and the patterns by which it was asked for.
type ailment struct {
	finding
	check   string
	message *regexp.Regexp
}

// ails STATE CHECK MESSAGE [HINT] waits until lsh doctor finds that, and holds its exit code and its text to it. MESSAGE and HINT
// are patterns.
func ails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: ails STATE CHECK MESSAGE [HINT]")
	}
	message, err := regexp.Compile(args[2])
	ts.Check(err)
	sick := &ailment{check: args[1], message: message}
	var all findingsJSON
	patiently(ts, func() error {
		all = diagnose(ts)
		var found []string
		for _, f := range all.Checks {
			if f.Name == sick.check {
				found = append(found, f.State+": "+f.Message)
			}
			if f.Name == sick.check && f.State != stateOK && message.MatchString(f.Message) {
				sick.finding = f
				return nil
			}
		}
		return fmt.Errorf("lsh doctor finds of %s not %s, but %q", args[1], args[2], found)
	})
	if sick.State != args[0] {
		ts.Fatalf("state %q, want %q: %s", sick.State, args[0], sick.Message)
	}
	if len(args) == 4 {
		if hint := regexp.MustCompile(args[3]); !hint.MatchString(sick.Hint) {
			ts.Fatalf("fix %q, want %s: %s", sick.Hint, args[3], sick.Message)
		}
	}
	for _, f := range all.Checks {
		if f.State != stateOK && f.State != stateNote && f.Hint == "" {
			ts.Fatalf("no fix is told: %+v", f)
		}
	}
	ts.Setenv("FIX", sick.Hint)
	ts.Value(ailmentKey{}).(*ailing).last = sick
}

// ailing is what a script has found last.
type ailing struct{ last *ailment }

// mended waits until what ails has found is found no more; with "by it", its fix is carried out before, as a person would paste it.
func mended(ts *testscript.TestScript, neg bool, args []string) {
	sick := ts.Value(ailmentKey{}).(*ailing).last
	if neg || sick == nil || len(args) > 0 && strings.Join(args, " ") != "by it" {
		ts.Fatalf("usage: mended [by it], after ails")
	}
	if len(args) > 0 {
		ts.Check(ts.Exec("sh", "-c", sick.Hint))
	}
	patiently(ts, func() error {
		for _, f := range diagnose(ts).Checks {
			if f.Name == sick.check && f.State != stateOK && sick.message.MatchString(f.Message) {
				return fmt.Errorf("it is not mended: %s", f.Message)
			}
		}
		return nil
	})
}

// healthy waits until lsh doctor finds no error and no warning.
func healthy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: healthy")
	}
	patiently(ts, func() error {
		if all := diagnose(ts); all.Errors+all.Warnings > 0 {
			return fmt.Errorf("lsh doctor finds %+v", all.Checks)
		}
		return nil
	})
}

// deadSocket PATH leaves a socket that nobody listens at, as a daemon does that was killed.
func deadSocket(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: deadsocket PATH")
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: ts.MkAbs(args[0]), Net: "unix"})
	ts.Check(err)
	l.SetUnlinkOnClose(false)
	ts.Check(l.Close())
}

// diagnose is what lsh doctor finds, whose exit code must go with it.
func diagnose(ts *testscript.TestScript) findingsJSON {
	runErr := ts.Exec("lsh", "doctor", "-o", "json")
	var all findingsJSON
	if err := json.Unmarshal([]byte(ts.ReadFile("stdout")), &all); err != nil {
		ts.Fatalf("lsh doctor -o json: %v: %v\n%s%s", runErr, err, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
	code := 0
	if _, is := runErr.(*exec.ExitError); is {
		code = runErr.(*exec.ExitError).ExitCode()
	}
	if want := min(1, all.Errors+all.Warnings); code != want {
		ts.Fatalf("lsh doctor exits with %d, with %d errors and %d warnings", code, all.Errors, all.Warnings)
	}
	return all
}

// patiently tries until it succeeds.
func patiently(ts *testscript.TestScript, try func() error) {
	for deadline := time.Now().Add(scriptPatience); ; time.Sleep(50 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%v", err)
		}
	}
}
