package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// What stands under a heading is indented, and what to do about an alert further.
const (
	fleetIndent = 2
	hintIndent  = 6
)

// printFleet prints machines, what needs a look, and on demand all jobs. Times are told by the server's clock.
func (a *app) printFleet(f ipc.Fleet, jobs bool) error {
	if len(f.Hosts) == 0 {
		a.printf("no machine has written into the database yet: lsh sync status\n")
		return nil
	}
	now := f.At.In(a.now().Location())
	if err := a.printHosts(f.Hosts, now); err != nil {
		return err
	}
	a.printf("\n")
	if len(f.Alerts) == 0 && len(f.Drift) == 0 {
		a.printf("no alerts, and every job is declared alike\n")
	}
	if len(f.Alerts) > 0 {
		a.printf("%s\n", a.style().bold(countOf(len(f.Alerts), "alert")))
		for _, alert := range f.Alerts {
			a.printAlert(alert, now)
		}
	}
	if len(f.Drift) > 0 {
		if len(f.Alerts) > 0 {
			a.printf("\n")
		}
		a.printf("%s\n", a.style().bold("declared differently"))
		a.printDrift(f.Drift)
	}
	if jobs {
		a.printf("\n")
		return a.printFleetJobs(f.Jobs, now)
	}
	return nil
}

func (a *app) printHosts(hosts []ipc.FleetHost, now time.Time) error {
	s := a.style()
	t := newTable(column{"HOST", 12}, column{"STATE", 7}, column{"LAST SEEN", 10}, column{"GENERATION", 8}, column{"JOBS", 4},
		column{"RUNNING", 4}, column{"FAILING", 4}, column{"USER", leastColumn}, column{"VERSION", leastColumn})
	for _, h := range hosts {
		name := h.Name
		if h.This {
			name += " (this one)"
		}
		t.add(plain(name), painted(h.State, s.hostState(h.State)), plain(ago(h.LastSeenAt, now)), plain(generationText(h)),
			plain(strconv.Itoa(h.Jobs)), plain(countOrNone(h.Running)), painted(countOrNone(h.Failing), s.red), plain(h.User), plain(h.Version))
	}
	return t.write(a.out, a.width(), s)
}

// generationText is a host's generation with the commit that its jobs file lay in.
func generationText(h ipc.FleetHost) string {
	const short = 7
	if h.Generation == 0 {
		return "–"
	}
	text := strconv.Itoa(h.Generation)
	if h.Commit != "" {
		text += " (" + h.Commit[:min(short, len(h.Commit))] + ")"
	}
	return text
}

func countOrNone(n int) string {
	if n == 0 {
		return "–"
	}
	return strconv.Itoa(n)
}

// hostState is the colour of a host's state.
func (s style) hostState(state string) func(string) string {
	switch state {
	case ipc.HostOnline:
		return s.green
	case ipc.HostGone:
		return s.red
	}
	return s.yellow
}

// printAlert prints what is wrong and, under it, what to do.
func (a *app) printAlert(alert ipc.FleetAlert, now time.Time) {
	s := a.style()
	about := alert.Host
	if alert.Job != "" {
		about += " " + alert.Job
	}
	text := about + ": " + alert.Message
	if !alert.Slot.IsZero() {
		which := "; slot "
		if alert.Count > 1 {
			which = "; first slot "
		}
		text += which + clock(alert.Slot.In(now.Location()), now)
	}
	a.printIndented(text, fleetIndent, s.red)
	if alert.Hint != "" {
		a.printIndented(alert.Hint, hintIndent, s.dim)
	}
}

// printIndented prints a text within the width of the terminal, whole.
func (a *app) printIndented(text string, indent int, paint func(string) string) {
	for _, line := range wrapText(oneLine(text), a.room(indent, leastColumn), "") {
		a.printf("%s%s\n", strings.Repeat(" ", indent), paint(line))
	}
}

// printDrift prints a row for each value of a key that differs, with the machines that have it.
func (a *app) printDrift(drift []ipc.FleetDrift) {
	t := newTable(column{"JOB", 12}, column{"KEY", 10}, column{"HOSTS", 12}, column{"VALUE", leastColumn})
	t.indent = fleetIndent
	job := ""
	for _, d := range drift {
		key := d.Key
		for _, v := range valuesOf(d) {
			name := d.Job
			if name == job {
				name = ""
			}
			value := v.value
			if value == "" {
				value = "not set"
			}
			t.add(plain(name), plain(key), plain(strings.Join(v.hosts, ", ")), plain(value))
			job, key = d.Job, ""
		}
	}
	_ = t.write(a.out, a.width(), a.style()) // an error sticks to the buffered writer
}

// valueHosts is a value and who has it.
type valueHosts struct {
	value string
	hosts []string
}

// valuesOf are the values of a key, in the order of the first host of each.
func valuesOf(d ipc.FleetDrift) []valueHosts {
	var all []valueHosts
	for _, host := range slices.Sorted(maps.Keys(d.Values)) {
		value := d.Values[host]
		at := slices.IndexFunc(all, func(v valueHosts) bool { return v.value == value })
		if at < 0 {
			all, at = append(all, valueHosts{value: value}), len(all)
		}
		all[at].hosts = append(all[at].hosts, host)
	}
	return all
}

func (a *app) printFleetJobs(jobs []ipc.FleetJob, now time.Time) error {
	s := a.style()
	t := newTable(column{"HOST", 8}, column{"JOB", 12}, column{"STATE", 10}, column{"LAST", 15}, column{"NEXT", 16}, column{"NOTE", 12})
	t.notes = true
	for _, j := range jobs {
		as := ipc.Job{State: j.State, LastRun: j.LastRun, Next: j.Next, Failures: j.Failures}
		note := ""
		if j.Failures > 1 {
			note = fmt.Sprintf("%d failures in a row", j.Failures)
		}
		t.add(plain(j.Host), plain(j.Name), painted(jobState(as), s.state(j.State)), lastCell(as, now, s),
			nextCell(as, now), painted(note, s.yellow))
	}
	return t.write(a.out, a.width(), s)
}
