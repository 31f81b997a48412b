package daemon

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalNumber is the signal of a name that config has checked, as TERM.
func signalNumber(name string) syscall.Signal { return unix.SignalNum("SIG" + name) }

// signalName is the name without SIG.
func signalName(s syscall.Signal) string {
	if name := unix.SignalName(s); name != "" {
		return strings.TrimPrefix(name, "SIG")
	}
	return s.String()
}
