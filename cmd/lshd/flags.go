package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/lsh-project/lsh/config/settings"
)

// commandLine is what was typed.
type commandLine struct {
	flags         *pflag.FlagSet // of the settings
	settings      bool           // the command `settings`
	plan          bool           // the command `plan`
	syncInit      bool           // the command `sync-init`
	fleet         bool           // the command `fleet`
	doctor        bool           // the command `doctor`
	whole         bool           // of doctor: also the jobs file and the journal, for want of a daemon
	file          string         // of plan: absolute; "" is the jobs file
	draft         string         // of plan: absolute, read in place of draftOf; "" is none
	draftOf       string         // of plan: absolute; "" is file
	help, version bool
	background    bool
	readyFD       int // -1 when nobody waits
	keeperFD      int // -1 without a keeper
}

// usageError is a command line that makes no sense.
type usageError struct{ error }

// Hint is where to read what does.
func (usageError) Hint() string { return "lshd --help" }

func parse(args []string) (commandLine, error) {
	line := commandLine{flags: pflag.NewFlagSet("lshd", pflag.ContinueOnError)}
	settings.AddFlags(line.flags)
	line.flags.SortFlags = false
	line.flags.BoolVarP(&line.help, "help", "h", false, "this text")
	line.flags.BoolVar(&line.version, "version", false, "the version")
	line.flags.BoolVar(&line.background, "background", false, "log to the file only")
	line.flags.IntVar(&line.readyFD, "ready-fd", -1, "tell this descriptor when the sockets answer")
	line.flags.IntVar(&line.keeperFD, "keeper-fd", -1, "the link to the keeper")
	for _, hidden := range []string{"background", "ready-fd", "keeper-fd"} {
		if err := line.flags.MarkHidden(hidden); err != nil {
			return line, err
		}
	}
	if err := line.flags.Parse(args); err != nil {
		return line, usageError{err}
	}
	switch rest := line.flags.Args(); {
	case len(rest) == 0:
	case len(rest) == 1 && rest[0] == "settings":
		line.settings = true
	case len(rest) == 1 && rest[0] == "sync-init":
		line.syncInit = true
	case len(rest) == 1 && rest[0] == "fleet":
		line.fleet = true
	case len(rest) == 1 && rest[0] == "doctor":
		line.doctor = true
	case len(rest) == 2 && rest[0] == "doctor" && rest[1] == "whole":
		line.doctor, line.whole = true, true
	case len(rest) <= 4 && rest[0] == "plan":
		line.plan = true
		for i, name := range rest[1:] {
			*[]*string{&line.file, &line.draft, &line.draftOf}[i] = name
		}
	default:
		return line, usageError{fmt.Errorf("unknown argument %q", rest[0])}
	}
	return line, nil
}

func (l commandLine) usage() string {
	return `lshd is the daemon of lsh. It runs in the foreground until it is stopped;
lsh daemon start runs it in the background.

Usage: lshd [flags]

` + l.flags.FlagUsages() + `
Settings come from config.yaml, then LSH_* variables, then flags.
Signals: HUP reads the jobs file again, TERM and INT stop, a second one at
once, USR1 opens the log file anew.
`
}
