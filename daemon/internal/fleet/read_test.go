package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/daemon/pgtest"
	"github.com/lsh-project/lsh/ipc"
)

// member makes a person of the database, and gives a connection as their daemons have one: through the strictest pooler.
func member(t *testing.T, db *pgtest.Database, name string) *pgx.Conn {
	t.Helper()
	r, err := mirror.Init(t.Context(), mirror.InitOptions{AdminURL: db.AdminURL(pgtest.Transaction), User: db.Name + name})
	if err != nil {
		t.Fatal(err)
	}
	return connect(t, r.URL)
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	target, err := mirror.NewTarget(config.Database{URL: url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := target.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// row is a row of a batch.
type row map[string]any

// push registers a host and gives the database rows of it, as a daemon does.
func push(t *testing.T, conn *pgx.Conn, host, name string, batch row) {
	t.Helper()
	about, err := json.Marshal(row{
		"hostname": name, "os_user": "you", "os": "linux", "arch": "arm64", "version": "1.4.0", "started_at": "2026-06-01T00:00:00Z",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"base", "events_base", "events_upto", "life"} {
		batch[key] = 0
	}
	text, err := json.Marshal(batch)
	if err != nil {
		t.Fatal(err)
	}
	var verdict string
	if err := conn.QueryRow(t.Context(), `select verdict from lsh.register($1::uuid, $1::uuid, $2::jsonb)`, host, string(about)).Scan(&verdict); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(t.Context(), `select verdict from lsh.push($1::uuid, $1::uuid, 1, $2::jsonb)`, host, string(text)).Scan(&verdict); err != nil || verdict != "ok" {
		t.Fatalf("push of %s: %s, %v", name, verdict, err)
	}
}

// declared is a row of a job that is due at every full hour.
func declared(name string, cursor time.Time, with row) row {
	r := row{
		"name": name, "spec_hash": "h", "generation": 1, "cursor": cursor, "failures": 0, "gone": false, "seq": 1,
		"spec": mirror.Spec{Schedule: []string{"0 * * * *"}, Timezone: "UTC", Enabled: true, Here: true, Fields: map[string]string{"command": "make"}},
	}
	for key, value := range with {
		r[key] = value
	}
	return r
}

func slot(job string, at, last time.Time, count int, outcome, reason string) row {
	return row{"job": job, "at": at, "last": last, "count": count, "outcome": outcome, "reason": reason, "seq": 1}
}

func TestReadWhatDaemonsHaveWritten(t *testing.T) {
	db := pgtest.Start(t)
	you, other := member(t, db, "_you"), member(t, db, "_other")
	now := time.Now().UTC().Truncate(time.Hour)
	hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	const failedRun, runningRun = "0198c0de-0000-7000-8000-0000000000aa", "0198c0de-0000-7000-8000-0000000000bb"

	push(t, you, laptopID, "laptop", row{
		"clock_offset_ms": 90_000,
		"generations": []row{
			{"number": 8, "hash": "x", "accepted_at": hour(-90), "reason": "saved", "jobs": 3, "seq": 1, "git_commit": "0ld"},
			{"number": 7, "hash": "y", "accepted_at": hour(-2), "reason": "saved", "jobs": 3, "seq": 1, "git_commit": "a1b2c3"}, // restored
		},
		"jobs": []row{
			declared("backup", hour(-5), row{"failures": 2, "last_run_id": failedRun}),
			declared("held", hour(-50), nil),
			declared("late", hour(-5), nil),
			declared("once", hour(-5), row{"gone": true}),
			declared("removed", hour(-5), row{"spec": nil}),
		},
		"runs": []row{
			{
				"id": failedRun, "job": "backup", "state": "failed", "trigger": "schedule", "attempt": 1, "exit_code": 3, "duration_ms": 1500,
				"scheduled_at": hour(-5), "started_at": hour(-5), "ended_at": hour(-5).Add(1500 * time.Millisecond), "reason": "exit code 3", "seq": 1,
			},
			{"id": runningRun, "job": "backup", "state": "running", "trigger": "manual", "attempt": 1, "started_at": hour(-1), "seq": 1},
		},
		"slots": []row{
			slot("backup", hour(-30), hour(-30), 1, "missed", "long ago"),
			slot("backup", hour(-26), hour(-23), 4, "missed", "asleep"), // reaches into the last day
			slot("backup", hour(-8), hour(-6), 3, "refused", "the disk is full"),
			slot("backup", hour(-5), hour(-5), 1, "ran", ""),
			slot("backup", hour(-3), hour(-2), 2, "skipped", "still running"),
			slot("late", hour(-7), hour(-4), 4, "skipped", "paused"), // over the cursor
		},
		"overrides": []row{
			{"id": "p1", "job": "held", "kind": "pause", "reason": "", "created_at": hour(-60), "seq": 1},
			{"id": "p2", "job": "backup", "kind": "pause", "reason": "", "created_at": hour(-60), "ended_at": hour(-59), "seq": 1},
			{"id": "p3", "job": "backup", "kind": "skip", "reason": "", "created_at": hour(-60), "seq": 1},
		},
	})
	push(t, you, serverID, "server", row{"status": "offline", "jobs": []row{declared("backup", hour(-5), row{
		"spec": mirror.Spec{Enabled: true, Here: true, Fields: map[string]string{"command": "make all"}}, "cursor": nil,
	})}})
	push(t, other, "0198c0de-0000-7000-8000-000000000003", "theirs", row{"jobs": []row{declared("secret", hour(-5), nil)}})
	db.Superuser(t, "update lsh.hosts set last_seen_at = now() - interval '1 hour' where id = '"+laptopID+"'")

	facts, err := Read(t.Context(), you)
	if err != nil {
		t.Fatal(err)
	}
	if len(facts.Hosts) != 2 || len(facts.Jobs) != 4 {
		t.Fatalf("there are %d hosts and %d jobs, want 2 and 4:\n%+v", len(facts.Hosts), len(facts.Jobs), facts)
	}
	h := facts.Hosts[0]
	if h.Hostname != "laptop" || h.Generation != 7 || h.Commit != "a1b2c3" || h.Stopped || h.ClockOffset == nil || *h.ClockOffset != 90*time.Second || h.Arch != "arm64" {
		t.Errorf("the laptop is %+v", h)
	}
	if silent := facts.Now.Sub(h.LastSeenAt); silent < time.Hour || silent > time.Hour+time.Minute {
		t.Errorf("the laptop has been silent for %s, want an hour", silent)
	}
	if !facts.Hosts[1].Stopped || facts.Hosts[1].ClockOffset != nil {
		t.Errorf("the server is %+v", facts.Hosts[1])
	}

	jobs := map[string]Job{}
	for _, j := range facts.Jobs {
		jobs[j.Name+"@"+j.HostID] = j
	}
	backup := jobs["backup@"+laptopID]
	three := 3
	wantRun := &ipc.Run{
		ID: failedRun, Job: "backup", State: ipc.RunFailed, Trigger: "schedule", Attempt: 1, ScheduledAt: hour(-5), StartedAt: hour(-5),
		EndedAt: hour(-5).Add(1500 * time.Millisecond), Duration: ipc.InSeconds(1500 * time.Millisecond), ExitCode: &three, Reason: "exit code 3",
	}
	if got := inUTC(backup.Last); !reflect.DeepEqual(got, wantRun) {
		t.Errorf("last run is %+v, want %+v", got, wantRun)
	}
	if backup.Failures != 2 || backup.Running != 1 || backup.Pause != nil || backup.Spec.Fields["command"] != "make" {
		t.Errorf("backup is %+v", backup)
	}
	if m := backup.Missed; m == nil || !m.First.Equal(hour(-26)) || m.Count != 7 || m.Reason != "the disk is full" {
		t.Errorf("missed is %+v, want 7 slots from %s", m, hour(-26))
	}
	if held := jobs["held@"+laptopID]; held.Pause == nil || !held.Pause.Until.IsZero() || held.Missed != nil {
		t.Errorf("held is %+v", held)
	}

	// What is owed: of backup the slots of four hours and of one hour ago; of late three.
	owed := map[string]string{}
	for _, a := range Judge(facts, "").Alerts {
		if a.Kind == ipc.AlertAbsent {
			owed[a.Job] = fmt.Sprintf("%d from %s", a.Count, a.Slot.Sub(now))
		}
	}
	if backup := owed["backup"]; backup != "2 from -4h0m0s" && backup != "3 from -4h0m0s" { // the third when this hour is old enough
		t.Errorf("backup owes %s", backup)
	}
	if late := owed["late"]; late != "3 from -3h0m0s" && late != "4 from -3h0m0s" {
		t.Errorf("late owes %s", late)
	}
	if len(owed) != 2 {
		t.Errorf("owed is %v", owed)
	}
}

// inUTC has the times of a run in one zone, to be compared.
func inUTC(r *ipc.Run) *ipc.Run {
	if r == nil {
		return nil
	}
	same := *r
	same.ScheduledAt, same.StartedAt, same.EndedAt = r.ScheduledAt.UTC(), r.StartedAt.UTC(), r.EndedAt.UTC()
	return &same
}

func TestReadOfWhoHasNoHosts(t *testing.T) {
	facts, err := Read(t.Context(), member(t, pgtest.Start(t), "_new"))
	if err != nil || len(facts.Hosts) != 0 || facts.Now.IsZero() {
		t.Errorf("facts are %+v, %v", facts, err)
	}
}

// The admin sees rows of everybody, and is told that they are not theirs.
func TestReadOfNobody(t *testing.T) {
	db := pgtest.Start(t)
	member(t, db, "_you")
	_, err := Read(t.Context(), connect(t, db.AdminURL(pgtest.Transaction)))
	if pg, is := errors.AsType[*pgconn.PgError](err); !is || pg.Code != "LS001" {
		t.Errorf("error is %v, want that the role is nobody's", err)
	}
}

func TestReadWithoutTheSchema(t *testing.T) {
	_, err := Read(t.Context(), connect(t, pgtest.Start(t).AdminURL(pgtest.Direct)))
	if pg, is := errors.AsType[*pgconn.PgError](err); !is || pg.Code != "3F000" {
		t.Errorf("error is %v, want that there is no schema lsh", err)
	}
}
