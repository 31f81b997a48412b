package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// bigFleet has a host in each state, an alert with and without slots, and drift.
func bigFleet() ipc.Fleet {
	three := 3
	failed := &ipc.Run{State: ipc.RunFailed, ExitCode: &three, EndedAt: monday.Add(-2 * time.Hour)}
	return ipc.Fleet{
		At: monday,
		Hosts: []ipc.FleetHost{
			{Name: "laptop", User: "you", State: ipc.HostOnline, LastSeenAt: monday.Add(-30 * time.Second), Version: "1.4.0", Generation: 41, Commit: "a1b2c3d4e5f6", Jobs: 12, Running: 1, Failing: 1, This: true},
			{Name: "pi", User: "you", State: ipc.HostOffline, LastSeenAt: monday.Add(-50 * time.Hour), Version: "1.3.2", Generation: 7, Jobs: 3},
			{Name: "server", User: "root", State: ipc.HostGone, LastSeenAt: monday.Add(-3 * time.Hour), Version: "1.4.0", Jobs: 2},
		},
		Jobs: []ipc.FleetJob{
			{Host: "laptop", Name: "backup", State: ipc.JobScheduled, LastRun: failed, Failures: 4, Next: monday.Add(3 * time.Hour)},
			{Host: "laptop", Name: "web", State: ipc.JobRunning},
			{Host: "server", Name: "backup", State: ipc.JobNotHere},
		},
		Alerts: []ipc.FleetAlert{
			{Kind: ipc.AlertHostGone, Host: "server", Message: "nothing was heard of it for 3h", Hint: "see that the machine is on and online"},
			{Kind: ipc.AlertAbsent, Host: "server", Job: "report", Slot: monday.Add(-150 * time.Minute), Count: 3, Message: "3 slots have no outcome: the host is gone", Hint: "on server: lsh daemon start"},
			{Kind: ipc.AlertMissed, Host: "laptop", Job: "backup", Slot: monday.Add(-9 * time.Hour), Count: 1, Message: "1 slot did not run: the machine was asleep"},
			{Kind: ipc.AlertFailing, Host: "laptop", Job: "backup", Message: "the last run failed (exit 3), 4 failures in a row", Hint: "lsh logs backup"},
		},
		Drift: []ipc.FleetDrift{
			{Job: "backup", Key: "command", Values: map[string]string{"laptop": "make backup", "pi": "make", "server": "make backup"}},
			{Job: "backup", Key: "env.TOKEN", Values: map[string]string{"laptop": "(set)", "pi": "", "server": ""}},
		},
	}
}

func fleetText(t *testing.T, f ipc.Fleet, jobs bool) string {
	t.Helper()
	var b bytes.Buffer
	a := newApp(nil, &b, &b, func(string) (string, bool) { return "", false }, func() time.Time { return monday.Add(time.Hour) })
	if err := a.printFleet(f, jobs); err != nil {
		t.Fatal(err)
	}
	a.out.Flush()
	return b.String()
}

// Times are told by the server's clock: this machine's is an hour ahead here.
func TestFleetText(t *testing.T) {
	want := `HOST               STATE    LAST SEEN  GENERATION    JOBS  RUNNING  FAILING  USER  VERSION
laptop (this one)  online   30 s ago   41 (a1b2c3d)  12    1        1        you   1.4.0
pi                 offline  2 d ago    7             3     –        –        you   1.3.2
server             gone     3 h ago    –             2     –        –        root  1.4.0

4 alerts
  server: nothing was heard of it for 3h
      see that the machine is on and online
  server report: 3 slots have no outcome: the host is gone; first slot 11:00
      on server: lsh daemon start
  laptop backup: 1 slot did not run: the machine was asleep; slot 04:30
  laptop backup: the last run failed (exit 3), 4 failures in a row
      lsh logs backup

declared differently
  JOB     KEY        HOSTS           VALUE
  backup  command    laptop, server  make backup
                     pi              make
          env.TOKEN  laptop          (set)
                     pi, server      not set
`
	if got := fleetText(t, bigFleet(), false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFleetTextWithJobs(t *testing.T) {
	want := `
HOST    JOB     STATE      LAST                     NEXT            NOTE
laptop  backup  scheduled  failed (exit 3) 2 h ago  16:30 (in 3 h)  4 failures in a row
laptop  web     running    –                        –
server  backup  not here   –                        –
`
	if got := fleetText(t, bigFleet(), true); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant its end\n%s", got, want)
	}
}

func TestFleetTextWithoutAlerts(t *testing.T) {
	f := bigFleet()
	f.Alerts, f.Drift, f.Hosts = nil, nil, f.Hosts[:1]
	if got, want := fleetText(t, f, false), "\n\nno alerts, and every job is declared alike\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want its end %q", got, want)
	}
}

func TestFleetTextOfNobody(t *testing.T) {
	if got, want := fleetText(t, ipc.Fleet{At: monday}, true), "no machine has written into the database yet: lsh sync status\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
