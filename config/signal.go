package config

import (
	"slices"
	"strings"
)

// signals are the names that mean the same on every system lsh runs on.
var signals = []string{
	"ABRT", "ALRM", "BUS", "CHLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "KILL", "PIPE",
	"PROF", "QUIT", "SEGV", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG",
	"USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
}

// numbered are the signals that have the same number everywhere.
var numbered = map[string]string{"1": "HUP", "2": "INT", "3": "QUIT", "6": "ABRT", "9": "KILL", "14": "ALRM", "15": "TERM"}

// signalPattern lets any spelling of a signal's name through that ParseSignal reads.
const signalPattern = `([Ss][Ii][Gg])?[A-Za-z][A-Za-z0-9]{1,5}`

// ParseSignal returns the canonical name of a signal, without SIG and in upper
// case, from any of TERM, SIGTERM and term. When there is no such signal it
// returns false and the name nearest to it, if any.
func ParseSignal(text string) (name string, ok bool) {
	name = strings.TrimPrefix(strings.ToUpper(text), "SIG")
	if _, ok := slices.BinarySearch(signals, name); ok {
		return name, true
	}
	near, _ := Nearest(name, signals)
	return near, false
}
