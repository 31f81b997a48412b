package main

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"

	"github.com/lsh-project/lsh/daemon"
)

// readiness is who waits for the daemon to answer. It is told once.
type readiness struct {
	to  *os.File // nil when nobody waits, or no more
	pid int      // of the daemon: the keeper's, where there is one
	// warnings are what main has to tell whoever starts the daemon, or asks for its status.
	warnings []string
}

type readyLine struct {
	Pid     int         `json:"pid,omitempty"`
	Sockets []doorReply `json:"sockets,omitempty"` // where it listens, or cannot
	// What is not as somebody wanted it.
	Warnings []string      `json:"warnings,omitempty"`
	Error    *refusalReply `json:"error,omitempty"`
}

type doorReply struct {
	Path  string `json:"path"`
	Error string `json:"error,omitempty"`
}

type refusalReply struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// openReady takes over the descriptor fd; none when it is negative.
func openReady(fd int) (*readiness, error) {
	if fd < 0 {
		return &readiness{pid: os.Getpid()}, nil
	}
	if fd <= 2 {
		return nil, usageError{fmt.Errorf("--ready-fd is %d, which is a standard stream", fd)}
	}
	to := os.NewFile(uintptr(fd), "ready")
	if _, err := to.Stat(); err != nil {
		return nil, usageError{fmt.Errorf("--ready-fd %d: it is not open", fd)}
	}
	// A job that inherited it would keep the one who waits waiting.
	syscall.CloseOnExec(fd)
	return &readiness{to: to, pid: os.Getpid()}, nil
}

func (r *readiness) serving(d *daemon.Daemon) {
	line := readyLine{Pid: r.pid, Warnings: r.warnings}
	for _, s := range d.Sockets() {
		line.Sockets = append(line.Sockets, doorReply{s.Path, s.Error})
	}
	r.tell(line)
}

func (r *readiness) refuse(err error) {
	r.tell(readyLine{Error: &refusalReply{codeOf(err), err.Error(), hintOf(err)}})
}

// tell writes the line. Whoever waited may have gone; that is no concern of
// the daemon's.
func (r *readiness) tell(line readyLine) {
	if r.to == nil {
		return
	}
	_ = json.NewEncoder(r.to).Encode(line)
	r.close()
}

func (r *readiness) close() {
	if r.to == nil {
		return
	}
	r.to.Close()
	r.to = nil
}
