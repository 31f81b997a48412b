package fleet

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/ipc"
)

// noon is when these tests take place: a Wednesday.
var noon = time.Date(2026, time.June, 17, 12, 0, 0, 0, time.UTC)

const (
	laptopID = "0198c0de-0000-7000-8000-000000000001"
	serverID = "0198c0df-0000-7000-8000-000000000002"
)

// laptop is a machine that was heard of half a minute ago.
func laptop() Host {
	return Host{ID: laptopID, Hostname: "laptop", User: "you", LastSeenAt: noon.Add(-30 * time.Second)}
}

func server() Host {
	return Host{ID: serverID, Hostname: "server", User: "root", LastSeenAt: noon.Add(-30 * time.Second)}
}

// nightly is a job of the laptop at three, whose last slot was dealt with.
func nightly() Job {
	return Job{
		HostID: laptopID, Name: "backup", Cursor: noon.Add(-9 * time.Hour),
		Spec: mirror.Spec{Schedule: []string{"0 3 * * *"}, Timezone: "UTC", Enabled: true, Here: true},
	}
}

// hourly is due at every full hour.
func hourly() Job {
	j := nightly()
	j.Name, j.Spec.Schedule, j.Cursor = "report", []string{"0 * * * *"}, noon.Add(-time.Hour)
	return j
}

func judged(hosts []Host, jobs ...Job) ipc.Fleet {
	return Judge(Facts{Now: noon, Hosts: hosts, Jobs: jobs}, laptopID)
}

// kinds are the alerts as "kind host job".
func kinds(f ipc.Fleet) []string {
	said := []string{}
	for _, a := range f.Alerts {
		said = append(said, strings.TrimSpace(a.Kind+" "+a.Host+" "+a.Job))
	}
	return said
}

func TestStateOfHosts(t *testing.T) {
	for _, c := range []struct {
		name   string
		silent time.Duration
		stop   bool
		want   string
		alerts []string
	}{
		{"heard of just now", time.Second, false, ipc.HostOnline, []string{}},
		{"one that missed two heartbeats", 3 * time.Minute, false, ipc.HostOnline, []string{}},
		{"one that missed three", 3*time.Minute + time.Second, false, ipc.HostGone, []string{"host_gone laptop"}},
		{"one that was stopped", time.Minute, true, ipc.HostOffline, []string{}},
		{"one that was stopped long ago", 100 * time.Hour, true, ipc.HostOffline, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := laptop()
			h.LastSeenAt, h.Stopped = noon.Add(-c.silent), c.stop
			f := judged([]Host{h})
			if f.Hosts[0].State != c.want || !reflect.DeepEqual(kinds(f), c.alerts) {
				t.Errorf("it is %s with alerts %q, want %s with %q", f.Hosts[0].State, kinds(f), c.want, c.alerts)
			}
		})
	}
}

func TestClockThatIsOff(t *testing.T) {
	for offset, want := range map[time.Duration]string{
		4 * time.Second: "", -4 * time.Second: "",
		time.Hour: "its clock is 1h behind the server's", -90 * time.Second: "its clock is 1m30s ahead of the server's",
	} {
		h := laptop()
		h.ClockOffset = &offset
		got := ""
		for _, a := range judged([]Host{h}).Alerts {
			got += a.Message
		}
		if got != want {
			t.Errorf("an offset of %s: %q, want %q", offset, got, want)
		}
	}
}

func TestAbsentSlots(t *testing.T) {
	at := func(hour, minute int) time.Time { return time.Date(2026, time.June, 17, hour, minute, 0, 0, time.UTC) }
	for _, c := range []struct {
		name  string
		job   func(*Job)
		first time.Time
		count int
		more  bool
	}{
		{"all dealt with", func(j *Job) { j.Cursor = at(12, 0) }, time.Time{}, 0, false},
		{"the last one is within the grace", func(*Job) {}, time.Time{}, 0, false},
		{"one is over", func(j *Job) { j.Cursor = at(10, 0) }, at(11, 0), 1, false},
		{"three are over", func(j *Job) { j.Cursor = at(8, 0) }, at(9, 0), 3, false},
		{"the ledger has one", func(j *Job) {
			j.Cursor, j.Covered = at(8, 0), []Span{{at(10, 0), at(10, 0)}}
		}, at(9, 0), 2, false},
		{"the ledger has a stretch", func(j *Job) {
			j.Cursor, j.Covered = at(5, 0), []Span{{at(6, 0), at(8, 0)}, {at(10, 0), at(11, 0)}}
		}, at(9, 0), 1, false},
		{"a stretch begins before the cursor", func(j *Job) {
			j.Cursor, j.Covered = at(8, 0), []Span{{at(6, 0), at(9, 0)}}
		}, at(10, 0), 2, false},
		{"a pause without an end", func(j *Job) { j.Cursor, j.Pause = at(2, 0), &Pause{} }, time.Time{}, 0, false},
		{"a pause that has ended by itself", func(j *Job) {
			j.Cursor, j.Pause = at(2, 0), &Pause{Until: at(10, 0)}
		}, at(10, 0), 2, false},
		{"a pause that was over when the slot was due", func(j *Job) {
			j.Cursor, j.Spec.Delay, j.Pause = at(8, 0), 30*60, &Pause{Until: at(10, 15)}
		}, at(10, 0), 2, false},
		{"due later by its jitter", func(j *Job) { j.Cursor, j.Spec.Delay = at(10, 0), 59*60 }, time.Time{}, 0, false},
		{"due later, and over", func(j *Job) { j.Cursor, j.Spec.Delay = at(9, 0), 57*60 }, at(10, 0), 2, false},
		{"no slot is counted yet", func(j *Job) { j.Cursor = time.Time{} }, time.Time{}, 0, false},
		{"disabled", func(j *Job) { j.Cursor, j.Spec.Enabled = at(2, 0), false }, time.Time{}, 0, false},
		{"not for this host", func(j *Job) { j.Cursor, j.Spec.Here = at(2, 0), false }, time.Time{}, 0, false},
		{"by hand", func(j *Job) { j.Cursor, j.Spec.Schedule = at(2, 0), nil }, time.Time{}, 0, false},
		{"at the daemon's start only", func(j *Job) { j.Cursor, j.Spec.Schedule = at(2, 0), []string{"@start"} }, time.Time{}, 0, false},
		{"of a later lsh", func(j *Job) { j.Cursor, j.Spec.Schedule = at(2, 0), []string{"@fullmoon"} }, time.Time{}, 0, false},
		{"of no known zone", func(j *Job) { j.Cursor, j.Spec.Timezone = at(2, 0), "" }, time.Time{}, 0, false},
		{"in another zone", func(j *Job) {
			j.Cursor, j.Spec.Timezone, j.Spec.Schedule = at(2, 0), "Asia/Tokyo", []string{"0 20 * * *"}
		}, at(11, 0), 1, false},
		{"of every minute, for a year", func(j *Job) {
			j.Cursor, j.Spec.Schedule = at(0, 0).AddDate(-1, 0, 0), []string{"* * * * *"}
		}, at(0, 1).AddDate(-1, 0, 0), mostAbsent, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := hourly()
			c.job(&j)
			var got ipc.FleetAlert
			for _, a := range judged([]Host{laptop()}, j).Alerts {
				got = a
			}
			if !got.Slot.Equal(c.first) || got.Count != c.count || got.More != c.more || c.count > 0 != (got.Kind == ipc.AlertAbsent) {
				t.Errorf("alert is %+v, want %d slots from %s", got, c.count, c.first)
			}
		})
	}
}

// A host is judged by its own clock: what has not come yet by it is not owed.
func TestAbsenceIsByTheClockOfTheHost(t *testing.T) {
	h, behind := laptop(), 3*time.Hour
	h.ClockOffset = &behind // it is nine there
	j := hourly()
	j.Cursor = noon.Add(-4 * time.Hour)
	for _, a := range judged([]Host{h}, j).Alerts {
		if a.Kind == ipc.AlertAbsent {
			t.Errorf("alert %+v of a slot that has just come there", a)
		}
	}
}

// The words say why: a host that was stopped in order still owes its slots.
func TestAbsenceSaysHowTheHostStands(t *testing.T) {
	j := hourly()
	j.Cursor = noon.Add(-3 * time.Hour)
	gone, stopped := laptop(), laptop()
	gone.LastSeenAt, stopped.Stopped = noon.Add(-4*time.Hour), true
	for _, c := range []struct {
		host Host
		want string
		hint string
	}{
		{laptop(), "2 slots have no outcome: the host is online and has not told of it", "lsh why report; lsh sync status tells whether rows wait"},
		{gone, "2 slots have no outcome: the host is gone", "lsh daemon start; the job's catch_up says what becomes of the slots then"},
		{stopped, "2 slots have no outcome: the daemon there was stopped", "lsh daemon start; the job's catch_up says what becomes of the slots then"},
	} {
		alerts := judged([]Host{c.host}, j).Alerts
		last := alerts[len(alerts)-1]
		if last.Message != c.want || last.Hint != c.hint {
			t.Errorf("alert says %q, hint %q; want %q, hint %q", last.Message, last.Hint, c.want, c.hint)
		}
	}
}

func TestMissedSlots(t *testing.T) {
	j := nightly()
	j.Missed = &Missed{First: noon.Add(-9 * time.Hour), Count: 1, Reason: "the machine was asleep"}
	f := judged([]Host{laptop(), server()}, j)
	if want := []string{"slot_missed laptop backup"}; !reflect.DeepEqual(kinds(f), want) {
		t.Fatalf("alerts are %q, want %q", kinds(f), want)
	}
	if a := f.Alerts[0]; a.Message != "1 slot did not run: the machine was asleep" || a.Hint != "lsh why backup" || !a.Slot.Equal(j.Missed.First) {
		t.Errorf("alert is %+v", a)
	}
}

func TestFailingJobs(t *testing.T) {
	three := 3
	for _, c := range []struct {
		run      *ipc.Run
		failures int
		want     string
	}{
		{nil, 0, ""},
		{&ipc.Run{State: ipc.RunSucceeded}, 0, ""},
		{&ipc.Run{State: ipc.RunStopped}, 0, ""},
		{&ipc.Run{State: ipc.RunFailed, ExitCode: &three}, 1, "the last run failed (exit 3)"},
		{&ipc.Run{State: ipc.RunFailed, Signal: "SEGV"}, 5, "the last run failed (SEGV), 5 failures in a row"},
		{&ipc.Run{State: ipc.RunTimedOut, Signal: "KILL"}, 1, "the last run timed out (KILL)"},
		{&ipc.Run{State: ipc.RunLost}, 2, "the last run was lost, 2 failures in a row"},
	} {
		j := nightly()
		j.HostID, j.Last, j.Failures = serverID, c.run, c.failures
		f := judged([]Host{laptop(), server()}, j)
		got, hint := "", ""
		for _, a := range f.Alerts {
			got, hint = got+a.Message, a.Hint
		}
		if got != c.want {
			t.Errorf("of %+v it says %q, want %q", c.run, got, c.want)
		}
		if c.want != "" && (hint != "on server: lsh logs backup" || f.Hosts[1].Failing != 1) {
			t.Errorf("hint is %q, %d jobs are failing", hint, f.Hosts[1].Failing)
		}
	}
}

// What explains others comes first.
func TestOrderOfAlerts(t *testing.T) {
	h, off := laptop(), time.Hour
	h.LastSeenAt, h.ClockOffset = noon.Add(-48*time.Hour), &off
	failing, owing := nightly(), hourly()
	failing.Name, failing.Last = "a", &ipc.Run{State: ipc.RunFailed}
	owing.Cursor = noon.Add(-48 * time.Hour)
	missing := nightly()
	missing.Missed = &Missed{Count: 2}
	got := kinds(judged([]Host{h}, failing, missing, owing))
	want := []string{"host_gone laptop", "clock laptop", "slot_absent laptop report", "slot_missed laptop backup", "job_failing laptop a"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("alerts are %q, want %q", got, want)
	}
}

func TestStateOfJobs(t *testing.T) {
	for _, c := range []struct {
		want string
		job  func(*Job)
		next time.Time
	}{
		{ipc.JobScheduled, func(*Job) {}, noon.Add(15 * time.Hour)},
		{ipc.JobScheduled, func(j *Job) { j.Spec.Delay = 90 }, noon.Add(15*time.Hour + 90*time.Second)},
		{ipc.JobScheduled, func(j *Job) { j.Pause = &Pause{Until: noon.Add(-time.Hour)} }, noon.Add(15 * time.Hour)},
		{ipc.JobPaused, func(j *Job) { j.Pause = &Pause{Until: noon.Add(time.Hour)} }, noon.Add(15 * time.Hour)},
		{ipc.JobPaused, func(j *Job) { j.Pause = &Pause{} }, time.Time{}},
		{ipc.JobDisabled, func(j *Job) { j.Spec.Enabled, j.Pause = false, &Pause{} }, time.Time{}},
		{ipc.JobNotHere, func(j *Job) { j.Spec.Here, j.Spec.Enabled = false, false }, time.Time{}},
		{ipc.JobManual, func(j *Job) { j.Spec.Schedule = nil }, time.Time{}},
		{ipc.JobRunning, func(j *Job) { j.Spec.Here, j.Running = false, 2 }, time.Time{}},
	} {
		j := nightly()
		c.job(&j)
		f := judged([]Host{laptop()}, j)
		if got := f.Jobs[0]; got.State != c.want || !got.Next.Equal(c.next) {
			t.Errorf("%+v is %s, next %s; want %s, next %s", j, got.State, got.Next, c.want, c.next)
		}
		if f.Hosts[0].Jobs != 1 || f.Hosts[0].Running != j.Running {
			t.Errorf("the host has %d jobs, %d running", f.Hosts[0].Jobs, f.Hosts[0].Running)
		}
	}
}

func TestDrift(t *testing.T) {
	declared := func(host string, fields map[string]string) Job {
		j := nightly()
		j.HostID, j.Spec.Fields = host, fields
		return j
	}
	for _, c := range []struct {
		name string
		a, b map[string]string
		here bool
		want []ipc.FleetDrift
	}{
		{"the same", map[string]string{"command": "make"}, map[string]string{"command": "make"}, true, []ipc.FleetDrift{}},
		{
			"another command and one more variable",
			map[string]string{"command": "make", "env.TOKEN": "(set)"},
			map[string]string{"command": "make all"},
			true,
			[]ipc.FleetDrift{
				{Job: "backup", Key: "command", Values: map[string]string{"laptop": "make", "server": "make all"}},
				{Job: "backup", Key: "env.TOKEN", Values: map[string]string{"laptop": "(set)", "server": ""}},
			},
		},
		{"homes that lie elsewhere", map[string]string{"dir": "/Users/you/src", "env_file": "[/Users/you/.env]"}, map[string]string{"dir": "/root/src", "env_file": "[/root/.env]"}, true, []ipc.FleetDrift{}},
		{"the home itself", map[string]string{"dir": "/home/you"}, map[string]string{"dir": "/root"}, true, []ipc.FleetDrift{}},
		{
			"another directory", map[string]string{"dir": "/home/you/a"}, map[string]string{"dir": "/home/you/a"}, true, // which is not root's
			[]ipc.FleetDrift{{Job: "backup", Key: "dir", Values: map[string]string{"laptop": "~/a", "server": "/home/you/a"}}},
		},
		{"not for one of them", map[string]string{"command": "make"}, map[string]string{"command": "make all"}, false, []ipc.FleetDrift{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := declared(serverID, c.b)
			b.Spec.Here = c.here
			got := judged([]Host{laptop(), server()}, declared(laptopID, c.a), b).Drift
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("drift is %+v, want %+v", got, c.want)
			}
		})
	}
}

// Every list is one where nothing is in it, too.
func TestEmptyLists(t *testing.T) {
	text, err := json.Marshal(judged(nil))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"at":"2026-06-17T12:00:00Z","hosts":[],"jobs":[],"drift":[],"alerts":[]}`; string(text) != want {
		t.Errorf("the fleet is %s, want %s", text, want)
	}
}

// Two machines of one name are told apart.
func TestHostsOfOneName(t *testing.T) {
	other := server()
	other.Hostname = "laptop"
	f := judged([]Host{laptop(), other})
	if f.Hosts[0].Name != "laptop (0198c0de)" || f.Hosts[1].Name != "laptop (0198c0df)" || !f.Hosts[0].This || f.Hosts[1].This {
		t.Errorf("hosts are %+v", f.Hosts)
	}
}

func TestAFleetOfNothing(t *testing.T) {
	f := judged(nil)
	if f.Hosts == nil || f.Jobs == nil {
		t.Errorf("lists are null: %+v", f)
	}
}

// A thousand jobs of a host that has been dead for a year are judged while somebody waits.
func BenchmarkAbsenceOfAYear(b *testing.B) {
	j := hourly()
	j.Cursor, j.Spec.Schedule = noon.AddDate(-1, 0, 0), []string{"* * * * *"}
	jobs := make([]Job, 1000)
	for i := range jobs {
		jobs[i] = j
	}
	for b.Loop() {
		judged([]Host{laptop()}, jobs...)
	}
}
