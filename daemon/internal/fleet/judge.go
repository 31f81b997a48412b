package fleet

import (
	"cmp"
	"slices"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/ipc"
)

const (
	// goneAfter is how long a daemon that did not say goodbye is not heard of before it counts as gone: three heartbeats.
	goneAfter = 3 * time.Minute
	// grace is how long after it was due a slot may go without a row.
	grace = 2 * time.Minute
	// clockLimit is by how much a host's clock may be off.
	clockLimit = 5 * time.Second
)

// Judge says how the machines stand. self is the id of the host that was asked; "" when it has none.
func Judge(f Facts, self string) ipc.Fleet {
	j := judge{now: f.Now, labels: labels(f.Hosts), hosts: map[string]*standing{}, jobs: []ipc.FleetJob{}, alerts: []ipc.FleetAlert{}}
	for _, h := range f.Hosts {
		j.host(h, self)
	}
	for _, job := range f.Jobs {
		if s := j.hosts[job.HostID]; s != nil {
			j.job(s, job)
		}
	}
	fleet := ipc.Fleet{At: f.Now, Hosts: []ipc.FleetHost{}, Jobs: j.jobs, Drift: j.drift(f.Jobs), Alerts: j.alerts}
	for _, h := range f.Hosts {
		fleet.Hosts = append(fleet.Hosts, j.hosts[h.ID].wire)
	}
	slices.SortStableFunc(fleet.Hosts, func(a, b ipc.FleetHost) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(fleet.Jobs, func(a, b ipc.FleetJob) int { return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Name, b.Name)) })
	slices.SortStableFunc(fleet.Alerts, func(a, b ipc.FleetAlert) int {
		return cmp.Or(cmp.Compare(gravity(a.Kind), gravity(b.Kind)), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Job, b.Job))
	})
	return fleet
}

// gravity sorts alerts: what explains others comes first.
func gravity(kind string) int {
	return slices.Index([]string{ipc.AlertHostGone, ipc.AlertClock, ipc.AlertAbsent, ipc.AlertMissed, ipc.AlertFailing}, kind)
}

// judge is the work in progress.
type judge struct {
	now    time.Time
	labels map[string]string // of hosts, by id
	hosts  map[string]*standing
	zones  schedule.Locations
	jobs   []ipc.FleetJob
	alerts []ipc.FleetAlert
}

// standing is how one host stands.
type standing struct {
	Host
	wire ipc.FleetHost
	now  time.Time // by the host's clock
}

// labels name each host: two of the same name have the first part of their ids behind it.
func labels(hosts []Host) map[string]string {
	count := map[string]int{}
	for _, h := range hosts {
		count[h.Hostname]++
	}
	named := map[string]string{}
	for _, h := range hosts {
		named[h.ID] = h.Hostname
		if count[h.Hostname] > 1 {
			named[h.ID] += " (" + h.ID[:min(8, len(h.ID))] + ")"
		}
	}
	return named
}

func (j *judge) host(h Host, self string) {
	s := &standing{Host: h, now: j.now}
	s.wire = ipc.FleetHost{
		ID: h.ID, Name: j.labels[h.ID], Hostname: h.Hostname, User: h.User, State: ipc.HostOnline, LastSeenAt: h.LastSeenAt, StartedAt: h.StartedAt,
		Version: h.Version, OS: h.OS, Arch: h.Arch, Generation: h.Generation, Commit: h.Commit, This: h.ID == self,
	}
	switch {
	case h.Stopped:
		s.wire.State = ipc.HostOffline
	case j.now.Sub(h.LastSeenAt) > goneAfter:
		s.wire.State = ipc.HostGone
		j.alert(ipc.FleetAlert{Kind: ipc.AlertHostGone, Host: s.wire.Name, Message: goneMessage(j.now.Sub(h.LastSeenAt)), Hint: goneHint(s.wire)})
	}
	if h.ClockOffset != nil {
		s.now = j.now.Add(-*h.ClockOffset)
		s.wire.ClockOffset = ipc.InSeconds(*h.ClockOffset)
		if h.ClockOffset.Abs() > clockLimit {
			j.alert(ipc.FleetAlert{Kind: ipc.AlertClock, Host: s.wire.Name, Message: clockMessage(*h.ClockOffset), Hint: clockHint})
		}
	}
	j.hosts[h.ID] = s
}

func (j *judge) alert(a ipc.FleetAlert) { j.alerts = append(j.alerts, a) }

// job tells how a job stands, and what a person should know of it.
func (j *judge) job(s *standing, job Job) {
	s.wire.Jobs++
	s.wire.Running += job.Running
	due := slotsOf(job, &j.zones)
	w := ipc.FleetJob{
		Host: s.wire.Name, HostID: s.ID, Name: job.Name, Schedule: job.Spec.Schedule, State: stateOf(job, s.now), LastRun: job.Last, Failures: job.Failures,
	}
	about := ipc.FleetAlert{Host: s.wire.Name, Job: job.Name}
	if job.Spec.Enabled && job.Spec.Here {
		w.Next = due.next(job.Pause, s.now)
		if failed(job.Last) {
			s.wire.Failing++
			a := about
			a.Kind, a.Message, a.Hint = ipc.AlertFailing, failingMessage(job), failingHint(s.wire, job.Name)
			j.alert(a)
		}
		if first, n, more := due.absent(job, s.now.Add(-grace)); n > 0 {
			a := about
			a.Kind, a.Slot, a.Count, a.More = ipc.AlertAbsent, first, n, more
			a.Message, a.Hint = absentMessage(n, more, s.wire.State), absentHint(s.wire, job.Name)
			j.alert(a)
		}
		if m := job.Missed; m != nil {
			a := about
			a.Kind, a.Slot, a.Count = ipc.AlertMissed, m.First, m.Count
			a.Message, a.Hint = missedMessage(*m), missedHint(s.wire, job.Name)
			j.alert(a)
		}
	}
	j.jobs = append(j.jobs, w)
}

func failed(r *ipc.Run) bool {
	return r != nil && (r.State == ipc.RunFailed || r.State == ipc.RunTimedOut || r.State == ipc.RunLost)
}

// stateOf is the one word for how a job stands. What is going on comes before what may come.
func stateOf(job Job, now time.Time) string {
	switch {
	case job.Running > 0:
		return ipc.JobRunning
	case !job.Spec.Here:
		return ipc.JobNotHere
	case !job.Spec.Enabled:
		return ipc.JobDisabled
	case job.Pause.holds(now):
		return ipc.JobPaused
	case len(job.Spec.Schedule) == 0:
		return ipc.JobManual
	}
	return ipc.JobScheduled
}
