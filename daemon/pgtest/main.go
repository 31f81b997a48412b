package pgtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
)

// asWarden is the argument that makes a test binary the warden.
const asWarden = "as-pgtest-warden"

// shared is the link of this test binary to its warden: between Main and a test there is nobody to hand it on.
var shared link

// Main runs the tests of a binary, and ends the server that they have started. TestMain gives its result to os.Exit.
func Main(m interface{ Run() int }) int {
	if len(os.Args) == 2 && os.Args[1] == asWarden {
		return serve(os.Stdin, os.Stdout)
	}
	if err := shared.open(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return 1
	}
	defer shared.close()
	return m.Run()
}

// link is the tests' end of the pipes to the warden.
type link struct {
	mu      sync.Mutex
	asks    *os.File
	answers *os.File
	decoder *json.Decoder

	first  sync.Once
	server server
	err    error
}

// answer is what the warden says to each line that it is sent.
type answer struct {
	Server server // after a start
	Error  string
}

// open starts the warden through a shell that ends at once, so that it falls to init. That must be before a test makes this
// process one to which orphans fall.
func (l *link) open() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	theirAsks, asks, err := os.Pipe()
	if err != nil {
		return err
	}
	defer theirAsks.Close()
	answers, theirAnswers, err := os.Pipe()
	if err != nil {
		return err
	}
	defer theirAnswers.Close()
	// A shell without job control takes the standard input away from what it leaves in the background.
	shell := exec.Command("sh", "-c", `"$0" "$1" <&3 3<&- &`, self, asWarden)
	shell.ExtraFiles = []*os.File{theirAsks}
	shell.Stdout = theirAnswers
	// A session of its own: the interrupt of a terminal ends the tests, and that ends the server.
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := shell.Run(); err != nil {
		return fmt.Errorf("start the warden: %w", err)
	}
	l.asks, l.answers, l.decoder = asks, answers, json.NewDecoder(answers)
	return nil
}

// close lets the warden end the server, and waits until it has.
func (l *link) close() {
	l.asks.Close()
	io.Copy(io.Discard, l.answers)
	l.answers.Close()
}

// start starts the server if no test has yet.
func (l *link) start(t testing.TB) server {
	t.Helper()
	if l.asks == nil {
		t.Fatal("start a database: TestMain does not call pgtest.Main")
	}
	l.first.Do(func() { l.server, l.err = l.ask("start") })
	if l.err != nil {
		t.Fatal(l.err)
	}
	return l.server
}

func (l *link) ask(what string) (server, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := fmt.Fprintln(l.asks, what); err != nil {
		return server{}, fmt.Errorf("%s the database server: %w", what, err)
	}
	var a answer
	if err := l.decoder.Decode(&a); err != nil {
		return server{}, fmt.Errorf("%s the database server: the warden is gone: %w", what, err)
	}
	if a.Error != "" {
		return server{}, errors.New(a.Error)
	}
	return a.Server, nil
}
