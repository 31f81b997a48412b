package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// app is one invocation: its streams, its global flags, and the little that
// commands ask of the world.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	// out is stdout, buffered: finish flushes it, and so does whatever
	// prints as things come.
	out    *bufio.Writer
	getenv func(string) (string, bool)
	now    func() time.Time

	args    []string // as they were typed
	output  string   // --output
	socket  string   // --socket
	noColor bool     // --no-color
	columns int      // of a screen that is drawn; 0: as many as stdout has

	// started is set once flags and arguments are found right: an error
	// before that is one of usage.
	started bool
	// patience is that with a daemon that does not answer.
	patience patience
	// waiters are what interruptible began.
	waiters []*waiter
}

func newApp(stdin io.Reader, stdout, stderr io.Writer, getenv func(string) (string, bool), now func() time.Time) *app {
	return &app{
		stdin: stdin, stdout: stdout, stderr: stderr,
		out: bufio.NewWriterSize(stdout, 8<<10), getenv: getenv, now: now,
		output: "table", patience: usualPatience(),
	}
}

func (a *app) close() {
	for _, w := range a.waiters {
		w.stop()
	}
}

// json says whether machines read the output.
func (a *app) json() bool { return a.output == "json" }

// printJSON writes v as one line, or indented for a person at a terminal.
func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	if a.width() > 0 {
		e.SetIndent("", "  ")
	}
	return e.Encode(v)
}

// printJSONLine writes v as one line and at once: for streams.
func (a *app) printJSONLine(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	return a.out.Flush()
}

func (a *app) printf(format string, args ...any) {
	// An error sticks to the buffered writer; finish reports it.
	fmt.Fprintf(a.out, format, args...)
}

// width is the number of columns of the terminal that stdout is, 0 when it
// is none: then nothing is cut.
func (a *app) width() int {
	if a.columns > 0 {
		return a.columns
	}
	return terminalWidth(a.stdout)
}

// canRedraw tells whether stdout is a terminal where lines can be drawn in place.
func (a *app) canRedraw() bool {
	kind, _ := a.getenv("TERM")
	return terminalWidth(a.stdout) > 0 && kind != "" && kind != "dumb"
}

func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// style is for stdout, errStyle for stderr.
func (a *app) style() style    { return style{a.colored(a.stdout)} }
func (a *app) errStyle() style { return style{a.colored(a.stderr)} }

func (a *app) colored(w io.Writer) bool {
	if a.noColor || a.json() {
		return false
	}
	if v, _ := a.getenv("NO_COLOR"); v != "" {
		return false
	}
	if v, _ := a.getenv("TERM"); v == "dumb" {
		return false
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
