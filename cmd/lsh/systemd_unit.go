package main

import (
	"fmt"
	"strings"
	"time"
)

const (
	serviceUnit = "lshd.service"
	socketUnit  = "lshd.socket"
	projectURL  = "https://github.com/lsh-project/lsh"
)

// The versions of systemd that a unit depends on.
const (
	sinceNotifyReload = 253 // Type=notify-reload
	sinceRestartSteps = 254 // RestartSteps=
)

// watchdogAfter is how long the daemon may stand still before it is replaced: the worker by the keeper, the keeper by systemd.
const watchdogAfter = 45 * time.Second

// unitFacts are what the text of a unit depends on.
type unitFacts struct {
	lsh     string   // absolute path of the binary
	args    []string // settings, for lsh daemon run
	systemd int      // its version; 0 for a text that each version takes
	version string   // of lsh
}

// unitForm is how units are laid out.
func unitForm() serviceForm {
	return serviceForm{open: "# ", begin: "ExecStart=", end: "\n", words: unitWords}
}

// systemdUnit is the text of lshd.service.
func systemdUnit(f unitFacts) string {
	var b strings.Builder
	line := func(text string) { b.WriteString(text + "\n") }
	line("[Unit]")
	line("Description=lsh, the personal job daemon")
	line("Documentation=" + projectURL)
	line("# It is tried again for as long as it takes: what keeps it from starting may go by itself.")
	line("StartLimitIntervalSec=0")
	line("")
	line("[Service]")
	if f.systemd >= sinceNotifyReload {
		line("Type=notify-reload")
	} else {
		line("Type=notify")
		line("ExecReload=/bin/kill -HUP $MAINPID")
	}
	line("ExecStart=" + unitCommand(append([]string{f.lsh, "daemon", "run"}, f.args...)))
	line("# The keeper pings the watchdog; the worker that it watches tells of readiness and reloads.")
	line("NotifyAccess=all")
	line(fmt.Sprintf("WatchdogSec=%d", int(watchdogAfter.Seconds())))
	line("# Jobs outlive a crash of the daemon, and end with its stop: the daemon sees to both.")
	line("KillMode=process")
	line("Delegate=yes")
	line("OOMPolicy=continue")
	line("# A daemon that was asked to stop ends with 0 and stays stopped.")
	line("Restart=always")
	line("RestartPreventExitStatus=0")
	line("RestartSec=2")
	if f.systemd >= sinceRestartSteps {
		line("RestartSteps=4")
		line("RestartMaxDelaySec=10")
	}
	line("")
	line("[Install]")
	line("WantedBy=default.target")
	return seal(b.String(), f.version, unitForm(), "")
}

// systemdSocket is the text of lshd.socket: the listener of the runtime directory, which is there before the daemon is.
func systemdSocket(f unitFacts) string {
	return seal(`[Unit]
Description=socket of lsh, the personal job daemon
Documentation=`+projectURL+`

[Socket]
ListenStream=%t/lsh/daemon.sock
FileDescriptorName=lshd
SocketMode=0600
DirectoryMode=0700
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
`, f.version, unitForm(), "")
}

// unitCommand is a command line as systemd reads it, see systemd.service(5), "Command lines": the path of the program takes no
// variables, the arguments do.
func unitCommand(argv []string) string {
	words := make([]string, len(argv))
	for i, arg := range argv {
		arg = strings.ReplaceAll(arg, "%", "%%")
		if i > 0 {
			arg = strings.ReplaceAll(arg, "$", "$$")
		}
		if arg == "" || strings.ContainsAny(arg, " \t\n\"'\\;") {
			arg = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(arg) + `"`
		}
		words[i] = arg
	}
	return strings.Join(words, " ")
}

// unitWords are the words of a command line that unitCommand has written.
func unitWords(command string) []string {
	var words []string
	var word strings.Builder
	quoted, begun := false, false
	for i := 0; i < len(command); i++ {
		c := command[i]
		next := byte(0)
		if i+1 < len(command) {
			next = command[i+1]
		}
		switch {
		case c == '"':
			quoted, begun = !quoted, true
			continue
		case c == ' ' && !quoted:
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
			continue
		case c == '\\':
			i++
			c = next
			switch next {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			}
		case c == '%' && next == '%', c == '$' && next == '$' && len(words) > 0:
			i++
		}
		word.WriteByte(c)
		begun = true
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}
