package fleet

import (
	"fmt"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// there is what to type on a host.
func there(h ipc.FleetHost, what string) string {
	if h.This {
		return what
	}
	return "on " + h.Name + ": " + what
}

func goneMessage(silent time.Duration) string {
	return "nothing was heard of it for " + config.FormatDuration(silent.Truncate(time.Minute))
}

func goneHint(h ipc.FleetHost) string {
	return "see that the machine is on and online; " + there(h, "lsh daemon status")
}

func clockMessage(offset time.Duration) string {
	way := "behind" // the server's clock minus the host's
	if offset < 0 {
		way = "ahead of"
	}
	return fmt.Sprintf("its clock is %s %s the server's", config.FormatDuration(offset.Abs().Truncate(time.Second)), way)
}

const clockHint = "have the clock there set by the network"

func slotCount(n int, more bool) string {
	switch {
	case more:
		return fmt.Sprintf("more than %d slots", n)
	case n == 1:
		return "1 slot"
	}
	return fmt.Sprintf("%d slots", n)
}

func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

func absentMessage(n int, more bool, state string) string {
	said := slotCount(n, more) + " " + have(n) + " no outcome: "
	switch state {
	case ipc.HostGone:
		return said + "the host is gone"
	case ipc.HostOffline:
		return said + "the daemon there was stopped"
	}
	return said + "the host is online and has not told of it"
}

func absentHint(h ipc.FleetHost, job string) string {
	if h.State == ipc.HostOnline {
		return there(h, "lsh why "+job+"; lsh sync status tells whether rows wait")
	}
	return there(h, "lsh daemon start") + "; the job's catch_up says what becomes of the slots then"
}

func missedMessage(m Missed) string {
	said := slotCount(m.Count, false) + " did not run"
	if m.Reason != "" {
		said += ": " + m.Reason
	}
	return said
}

func missedHint(h ipc.FleetHost, job string) string { return there(h, "lsh why "+job) }

func failingMessage(job Job) string {
	said := "the last run " + strings.ReplaceAll(job.Last.State, "_", " ")
	switch {
	case job.Last.State == ipc.RunLost:
		said = "the last run was lost"
	case job.Last.Signal != "":
		said += " (" + job.Last.Signal + ")"
	case job.Last.ExitCode != nil:
		said += fmt.Sprintf(" (exit %d)", *job.Last.ExitCode)
	}
	if job.Failures > 1 {
		said += fmt.Sprintf(", %d failures in a row", job.Failures)
	}
	return said
}

func failingHint(h ipc.FleetHost, job string) string { return there(h, "lsh logs "+job) }
