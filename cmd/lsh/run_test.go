package main

import (
	"testing"

	"github.com/lsh-project/lsh/ipc"
)

func TestRunExit(t *testing.T) {
	code := func(n int) *int { return &n }
	for _, c := range []struct {
		run  ipc.Run
		want int
	}{
		{ipc.Run{State: ipc.RunSucceeded, ExitCode: code(0)}, 0},
		{ipc.Run{State: ipc.RunSucceeded, ExitCode: code(3)}, 3}, // success: [0, 3]
		{ipc.Run{State: ipc.RunFailed, ExitCode: code(7)}, 7},
		{ipc.Run{State: ipc.RunTimedOut, Signal: "TERM"}, 143},
		{ipc.Run{State: ipc.RunStopped, Signal: "KILL"}, 137},
		{ipc.Run{State: ipc.RunFailed, ExitCode: code(0)}, 1}, // success: [3]
		{ipc.Run{State: ipc.RunTimedOut, ExitCode: code(0)}, 1},
		{ipc.Run{State: ipc.RunFailed}, 1}, // never began
		{ipc.Run{State: ipc.RunLost}, 1},
	} {
		if got := runExit(c.run); got != c.want {
			t.Errorf("runExit(%+v) = %d, want %d", c.run, got, c.want)
		}
	}
}

func TestTheEndOfARunThatNeverBeganSaysWhy(t *testing.T) {
	one := 1
	for _, c := range []struct {
		run  ipc.Run
		want string
	}{
		{
			ipc.Run{ID: "ccdc7033", Job: "noexec", State: ipc.RunFailed, Reason: "start /no/such: no such file or directory"},
			"noexec failed: run ccdc7033: start /no/such: no such file or directory",
		},
		{
			ipc.Run{ID: "ccdc7033", Job: "fails", State: ipc.RunFailed, ExitCode: &one, Reason: "exit code 1"},
			"fails failed (exit 1): run ccdc7033",
		},
	} {
		if got := endedText(c.run); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestOutputThatComesTwiceIsDropped(t *testing.T) {
	var got string
	o := outputReader{write: func(_ int64, data []byte) error {
		got += string(data)
		return nil
	}}
	for _, p := range []struct {
		offset int64
		data   string
	}{{0, "abc"}, {0, "abc"}, {2, "cde"}, {5, ""}, {5, "f"}} {
		if err := o.piece(p.offset, []byte(p.data)); err != nil {
			t.Fatal(err)
		}
	}
	if got != "abcdef" {
		t.Errorf("got %q", got)
	}
}
