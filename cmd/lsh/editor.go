package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// editors are tried in this order where nothing says which: those that show
// their keys come first.
var editors = [...]string{"editor", "nano", "vim", "vi"}

// interactive says whether somebody can be asked.
func (a *app) interactive() bool {
	f, ok := a.stdin.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// editor is the command line of the editor, for a shell.
func (a *app) editor() (string, error) {
	for _, name := range [...]string{"VISUAL", "EDITOR"} {
		line, _ := a.getenv(name)
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		return line, findEditor(name, line)
	}
	if !a.interactive() {
		return "", fail("no_editor", "there is no terminal to open an editor in, and neither VISUAL nor EDITOR names one", "export EDITOR=PROGRAM")
	}
	for _, name := range editors {
		if _, err := exec.LookPath(name); err == nil {
			return name, nil
		}
	}
	return "", fail("no_editor", "no editor was found, and neither VISUAL nor EDITOR names one", "export EDITOR=PROGRAM")
}

// findEditor finds a slip before anything else is done, where the line is so
// plain that its first word is the program. What else it may be only a shell
// can tell.
func findEditor(variable, line string) error {
	program := strings.Fields(line)[0]
	if quoteArg(program) != program || strings.Contains(program, "=") {
		return nil
	}
	if _, err := exec.LookPath(program); err != nil {
		return editorNotFound(variable+" is "+line+": ", program)
	}
	return nil
}

func editorNotFound(where, program string) error {
	return fail("no_editor", where+"there is no program "+program+" that can be run", "export EDITOR=PROGRAM")
}

// runEditor opens a file in the editor and waits until it ends.
func (a *app) runEditor(editor, file string) error {
	// Ctrl-C goes to both, and means the editor.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGQUIT)
	defer signal.Stop(interrupts)
	cmd := exec.Command("/bin/sh", "-c", editor+` "$@"`, "lsh edit", file)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.stdin, a.stdout, a.stderr
	err := cmd.Run()
	ended, is := errors.AsType[*exec.ExitError](err)
	if err == nil || !is {
		return err
	}
	const notExecutable, notFound = 126, 127 // of a shell
	switch code := ended.ExitCode(); {
	case code == notExecutable || code == notFound:
		return editorNotFound("", strings.Fields(editor)[0])
	default:
		return fail("editor", fmt.Sprintf("the editor (%s) ended with %s", editor, endOfEditor(ended)), "")
	}
}

// endOfEditor tells the signal that has ended an editor from its exit code: a
// shell adds 128 to the number of one.
func endOfEditor(ended *exec.ExitError) string {
	const bySignal = 128
	number := syscall.Signal(ended.ExitCode() - bySignal)
	if status, ok := ended.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		number = status.Signal() // the shell has become the editor
	}
	if name := unix.SignalName(number); name != "" {
		return name
	}
	return fmt.Sprintf("exit code %d", ended.ExitCode())
}
