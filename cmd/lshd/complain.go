package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/lsh-project/lsh/config/settings"
	"github.com/lsh-project/lsh/daemon"
)

// hinter is an error that knows what to type next.
type hinter interface {
	error
	Hint() string
}

func hintOf(err error) string {
	if h, ok := errors.AsType[hinter](err); ok {
		return h.Hint()
	}
	if _, ok := errors.AsType[settings.Problems](err); ok {
		return "mend that; lshd settings shows what is then in force"
	}
	return ""
}

// codeOf is the word for a program that reads the error.
func codeOf(err error) string {
	if _, ok := errors.AsType[*daemon.RunningError](err); ok {
		return "already_running"
	}
	if _, ok := errors.AsType[settings.Problems](err); ok {
		return "settings"
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return "usage"
	}
	return "start"
}

func exitCode(err error) int {
	if _, ok := errors.AsType[usageError](err); ok {
		return 2
	}
	return 1
}

func complain(w io.Writer, err error) {
	fmt.Fprintf(w, "lshd: %v\n", err)
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}
