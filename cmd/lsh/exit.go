package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// The exit codes, a contract with scripts. `lsh run --wait` exits with the
// job's own instead, and what a signal ends with 128 + its number.
const (
	exitFine         = 0
	exitFailed       = 1 // also: an invalid file
	exitUsage        = 2 // also: changes, with --exit-code
	exitNotRunning   = 3
	exitUnknownJob   = 4
	exitHeld         = 5 // also: a stale plan
	exitNotConverged = 6
)

// failure is an error as the user sees it. Every error that leaves a command
// becomes one in explain.
type failure struct {
	exit     int
	code     string // a word, for -o json
	message  string
	hint     string   // the next thing to type
	lines    []string // what is wrong, each by itself
	problems []ipc.Problem
	plan     *ipc.Plan // of a change that is held
}

func (f *failure) Error() string { return f.message }

// exitCode ends lsh with that code and says nothing: all has been said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit %d", int(c)) }

// fail is an error with exit code 1.
func fail(code, message, hint string) *failure {
	return &failure{exit: exitFailed, code: code, message: message, hint: hint}
}

// usage is an error in what was typed.
func usage(message, hint string) *failure {
	return &failure{exit: exitUsage, code: "usage", message: message, hint: hint}
}

// explain turns any error into the one that is shown.
func explain(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if e, ok := errors.AsType[*ipc.NotRunningError](err); ok {
		return notRunning(e)
	}
	if e, ok := errors.AsType[*ipc.Error](err); ok {
		return answered(e)
	}
	if errors.Is(err, ipc.ErrLost) {
		return fail("lost", "the daemon closed the connection before it answered", "lsh daemon status")
	}
	if p, ok := errors.AsType[config.Problems](err); ok {
		return &failure{
			exit: exitFailed, code: "invalid_config",
			message: countProblems(len(p)), problems: wireProblems(p),
		}
	}
	if f, ok := errors.AsType[*config.FileError](err); ok {
		return fail("unreadable", f.Error(), f.Hint())
	}
	return fail("failed", err.Error(), "")
}

// answered is an error that the daemon answered.
func answered(e *ipc.Error) *failure {
	f := &failure{
		exit: exitFailed, code: e.Data.Code, message: e.Message,
		hint: e.Data.Hint, problems: e.Data.Problems, plan: e.Data.Plan,
	}
	if f.code == "" {
		f.code = "failed"
	}
	if len(f.problems) > 0 {
		f.message = countProblems(len(f.problems))
		if f.problems[0].File == "definition" { // of an ad-hoc job
			f.message = "the definition has " + countOf(len(f.problems), "problem")
		}
	}
	switch e.Code {
	case ipc.CodeUnknownJob:
		f.exit = exitUnknownJob
		f.hint = cmp.Or(f.hint, "lsh list")
	case ipc.CodeMethodNotFound:
		f.hint = cmp.Or(f.hint, "lsh rpc lists the methods")
	case ipc.CodeUnknownRun:
		f.hint = cmp.Or(f.hint, "lsh history")
	case ipc.CodeHeld:
		f.exit = exitHeld
		f.hint = cmp.Or(f.hint, "lsh plan, then lsh apply")
	case ipc.CodeStalePlan:
		f.exit = exitHeld
		f.hint = cmp.Or(f.hint, "lsh plan")
	case ipc.CodeNotConverged:
		f.exit = exitNotConverged
		f.hint = cmp.Or(f.hint, "lsh status")
	case ipc.CodeInvalidConfig:
		f.hint = cmp.Or(f.hint, "lsh check")
	}
	return f
}

// finish flushes what was printed, shows err, and gives the exit code.
func (a *app) finish(err error) int {
	flushErr := a.out.Flush()
	if err == nil && flushErr != nil {
		err = fmt.Errorf("write output: %w", flushErr)
	}
	if err == nil {
		return exitFine
	}
	if code, ok := errors.AsType[exitCode](err); ok {
		return int(code)
	}
	if code, ok := a.interrupted(); ok {
		return int(code)
	}
	f := explain(unanswered(err))
	if !a.started {
		f.exit, f.code = exitUsage, "usage"
	}
	if a.json() || !a.started && wantsJSON(a.args) {
		a.showJSONFailure(f)
		return f.exit
	}
	a.showFailure(f)
	return f.exit
}

// wantsJSON finds -o json in arguments that could not be read to their end.
func wantsJSON(args []string) bool {
	for i, arg := range args {
		switch arg {
		case "-ojson", "-o=json", "--output=json":
			return true
		case "-o", "--output":
			if i+1 < len(args) && args[i+1] == "json" {
				return true
			}
		}
	}
	return false
}

func (a *app) showFailure(f *failure) {
	s := a.errStyle()
	for _, p := range f.problems {
		fmt.Fprintln(a.stderr, strings.TrimRight(config.RenderWithin(config.Problem(p), s.on, terminalWidth(a.stderr)), "\n"))
		fmt.Fprintln(a.stderr)
	}
	for _, line := range f.lines {
		fmt.Fprintln(a.stderr, oneLine(line))
	}
	fmt.Fprintf(a.stderr, "%s %s\n", s.red("lsh:"), oneLine(f.message))
	if f.hint != "" {
		fmt.Fprintf(a.stderr, "%s %s\n", s.dim("hint:"), oneLine(f.hint))
	}
}

func (a *app) showJSONFailure(f *failure) {
	type body struct {
		Code     string        `json:"code"`
		Message  string        `json:"message"`
		Hint     string        `json:"hint"`
		Problems []ipc.Problem `json:"problems,omitempty"`
		Plan     *ipc.Plan     `json:"plan,omitempty"`
	}
	message := f.message
	if len(f.lines) > 0 {
		message += ": " + strings.Join(f.lines, "; ")
	}
	e := json.NewEncoder(a.stderr)
	e.SetEscapeHTML(false)
	// stderr is the last place to complain to.
	_ = e.Encode(struct {
		Error body `json:"error"`
	}{body{f.code, message, f.hint, f.problems, f.plan}})
}

func wireProblems(problems config.Problems) []ipc.Problem {
	wire := make([]ipc.Problem, len(problems))
	for i, p := range problems {
		wire[i] = ipc.Problem(p)
	}
	return wire
}

func countProblems(n int) string {
	return "the jobs file has " + countOf(n, "problem")
}
