package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
)

func doctorCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong, and how to mend it",
		Long: `Looks at everything that lsh depends on: the programs, the daemon and its
sockets, the start at login, settings, permissions, the jobs file with its
links and its git work tree, the commands of jobs, clock and time zone, the
journal, disks, and sync. Of each thing that is wrong it says what it is and
what mends it. It changes nothing, and needs no daemon; where systemd holds the
socket, asking for one starts it, as with any command.

  error    something does not work
  warning  something will not work, is not safe, or is not as it was meant
  note     worth knowing; nothing has to be done

It exits with 1 when there is an error or a warning, else with 0.`,
		Example: `  lsh doctor
  lsh doctor -o json | jq '.checks[] | select(.state != "ok")'`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			done := a.waiting("looking")
			findings := a.examineAll(cmd.Context())
			done()
			if err := cmd.Context().Err(); err != nil {
				return endOf(cmd.Context())
			}
			if err := a.printFindings(findings); err != nil {
				return err
			}
			if n := tally(findings); n[stateError]+n[stateWarning] > 0 {
				return exitCode(exitFailed)
			}
			return nil
		},
	}
}

// The states of a finding.
const (
	stateOK      = "ok"
	stateNote    = "note"
	stateWarning = "warning"
	stateError   = "error"
)

// finding is what a check has to say.
type finding struct {
	Name    string `json:"name"` // of the check
	State   string `json:"state"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"` // what mends it
}

// check is a line of the doctor's table.
type check struct {
	name string
	look func(ctx context.Context, s *subject, r *diagnosis)
}

// checks are all that is looked at, in the order in which it is told.
var checks = [...]check{
	{"programs", checkPrograms},
	{"home", checkHome},
	{"daemon", checkDaemon},
	{"login", checkLogin},
	{"sockets", checkSockets},
	{"settings", checkSettings},
	{"permissions", checkPermissions},
	{"jobs file", checkJobsFile},
	{"git", checkGit},
	{"watching", checkWatching},
	{"commands", checkCommands},
	{"jobs", checkJobs},
	{"clock", checkClock},
	{"time zone", checkZone},
	{"journal", checkJournal},
	{"log", checkLog},
	{"disk", checkDisk},
	{"sync", checkSync},
}

// diagnosis gathers what one check finds.
type diagnosis struct {
	name     string
	fine     string // what is said when nothing is wrong
	findings []finding
}

func (r *diagnosis) ok(format string, args ...any) { r.fine = fmt.Sprintf(format, args...) }

func (r *diagnosis) add(state, hint, format string, args ...any) {
	r.findings = append(r.findings, finding{r.name, state, fmt.Sprintf(format, args...), hint})
}

func (r *diagnosis) note(hint, format string, args ...any) { r.add(stateNote, hint, format, args...) }

func (r *diagnosis) warn(hint, format string, args ...any) {
	r.add(stateWarning, hint, format, args...)
}

func (r *diagnosis) wrong(hint, format string, args ...any) {
	r.add(stateError, hint, format, args...)
}

// unknown is what could not be found out.
func (r *diagnosis) unknown(format string, args ...any) {
	r.note("", "cannot tell "+format, args...)
}

// all is what is told: that all is fine only where it is.
func (r *diagnosis) all() []finding {
	if n := tally(r.findings); r.fine != "" && n[stateError]+n[stateWarning] == 0 {
		return append([]finding{{Name: r.name, State: stateOK, Message: r.fine}}, r.findings...)
	}
	return r.findings
}

// tally counts findings by state.
func tally(findings []finding) map[string]int {
	n := map[string]int{}
	for _, f := range findings {
		n[f.State]++
	}
	return n
}

const (
	// checkWithin is how long one check may take.
	checkWithin = 3 * time.Second
	// checkGrace is how long it then has to say what did not answer. What cannot be ended is a look at a dead network mount.
	checkGrace = 300 * time.Millisecond
)

// examineAll makes every check, all at once. One that hangs is left behind, and said so.
func (a *app) examineAll(ctx context.Context) []finding {
	s := a.gather(ctx)
	reports := make([][]finding, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() { reports[i] = c.run(ctx, s) })
	}
	wg.Wait()
	findings := slices.Concat(reports...)
	if s.uid == 0 { // who may have no sudo, and needs none
		for i := range findings {
			findings[i].Hint = strings.ReplaceAll(findings[i].Hint, "sudo ", "")
		}
	}
	return findings
}

func (c check) run(ctx context.Context, s *subject) []finding {
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	done := make(chan []finding, 1)
	go func() {
		r := &diagnosis{name: c.name}
		c.look(ctx, s, r)
		done <- r.all()
	}()
	select {
	case findings := <-done:
		return findings
	case <-time.After(checkWithin + checkGrace):
		return []finding{{c.name, stateWarning, fmt.Sprintf("cannot tell: something did not answer in %s", span(checkWithin)), "look for a dead network mount among what  mount  lists"}}
	}
}
