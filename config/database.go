package config

import "regexp"

// Database is where the state is synced to, and what of it. Without a URL and a
// password command there is no sync.
type Database struct {
	URL             string   // postgres://…; it may hold a password, and is never shown
	PasswordCommand []string // argv; what it prints, without the last newline, is the password
	CACert          string   // path of the root certificates that the server's is checked against; "": the system's
	Output          Tails
	Redact          []*regexp.Regexp // what they match in texts is not sent
	AcceptCommands  bool             // rows in lsh.commands are heeded
}

// Configured tells whether there is anything to sync to.
func (d Database) Configured() bool { return d.URL != "" }

// Tails says of which runs the end of the output is sent.
type Tails uint8

// The values of Tails.
const (
	TailsOfFailures Tails = iota
	TailsOff
	TailsOfAll
)

// String is the word for it in config.yaml.
func (t Tails) String() string {
	switch t {
	case TailsOff:
		return "off"
	case TailsOfAll:
		return "all"
	}
	return "failures"
}
