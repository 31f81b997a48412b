package main

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/lsh-project/lsh/config"
)

// shownDatabase are the settings of the database that may be seen. A command may spell out the password, and a pattern
// what it is to hide.
type shownDatabase struct {
	URL             string `json:"url"`              // user@host:port/name, or isSet; "" without one
	PasswordCommand string `json:"password_command"` // isSet; "" without one
	CACert          string `json:"ca_cert"`
	Output          string `json:"output"`
	Redact          int    `json:"redact"` // how many patterns
	AcceptCommands  bool   `json:"accept_commands"`
}

// isSet stands for a value that is not shown.
const isSet = "(set)"

func showDatabase(d config.Database) shownDatabase {
	s := shownDatabase{CACert: d.CACert, Output: d.Output.String(), Redact: len(d.Redact), AcceptCommands: d.AcceptCommands}
	if d.URL != "" {
		s.URL = cmp.Or(addressOf(d.URL), isSet)
	}
	if len(d.PasswordCommand) > 0 {
		s.PasswordCommand = isSet
	}
	return s
}

// addressOf is user, host, port and name of the database at a URL, "" when these cannot be told from a password for certain:
// one with a /, ? or # in it that nobody has escaped ends the host early, and leaves its @ behind.
func addressOf(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "postgres" && u.Scheme != "postgresql", u.Host == "":
		return ""
	case u.User == nil, strings.Count(text, "@") != 1:
		return ""
	}
	return u.User.Username() + "@" + u.Host + u.Path
}
