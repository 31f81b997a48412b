package daemon

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// Whatever jobs hold, clients of the first protocol can take the answer, and it
// has as many of them, and as much of each, as there is room for.
func TestJobsFitWhatClientsOfTheFirstProtocolTake(t *testing.T) {
	var l legacy
	large := func(size int) []legacyJob {
		jobs := make([]legacyJob, 100)
		for i := range jobs {
			text := strings.Repeat("ü\x01", size/8) // 8 bytes of JSON each
			jobs[i] = legacyJob{ID: fmt.Sprint(i), Name: "name", Command: text, Args: []string{text}, Env: map[string]string{"A": text}}
		}
		return jobs
	}
	for _, test := range []struct {
		size      int // of each text of a job, as JSON
		jobs      int // that are left of a hundred
		env, args bool
	}{
		{1 << 10, 100, true, true},
		{4 << 10, 100, false, true},
		{7 << 10, 100, false, false},
		{64 << 10, 100, false, false},
	} {
		got := l.fit(large(test.size), legacyOutputInList)
		if size := sizeOf(got); size > legacyMost {
			t.Errorf("%d bytes: the answer has %d", test.size, size)
		}
		if len(got) != test.jobs || (got[0].Env != nil) != test.env || (got[0].Args != nil) != test.args {
			t.Errorf("%d bytes: %d jobs, env: %v, args: %v", test.size, len(got), got[0].Env != nil, got[0].Args != nil)
		}
	}
	names := large(1 << 10)
	for i := range names {
		names[i].Tags = []string{strings.Repeat("t", 100<<10)} // nothing of a job makes room
	}
	if got := l.fit(names, legacyOutputInList); len(got) == 0 || len(got) == 100 || sizeOf(got) > legacyMost {
		t.Errorf("%d jobs of %d bytes", len(got), sizeOf(got))
	}
}

// What is kept of a job for the first protocol is one line of YAML's comment,
// whatever a name holds, and the job is the one that was asked for.
func TestARecordOfTheFirstProtocolIsKept(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, text := range []string{"plain", "two\nlines", `"quoted" 'twice'`, "ü \u2028 \u0085 🌱", "# - {a: b}", "\x01\t\x7f", "$HOME ${X} $$", `\n`} {
		zero := legacyNumber(0)
		s := legacySpec{
			ID: text, Name: text, Command: "echo", Args: []string{text}, Env: map[string]json.RawMessage{"A": quotedJSON(t, text)},
			Description: text, Tags: []string{text, "B", "b", "-"}, Priority: &zero, MaxRetries: 2,
		}
		want := s.record(now)
		definition, err := s.definition(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := recordOf(definition); !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: kept %+v, want %+v", text, got, want)
		}
		job, _, err := reader{host: testHost(""), key: []byte("key"), env: &envMemory{texts: map[string][]byte{}}}.parseAdHoc("a", definition, nil)
		if err != nil {
			t.Errorf("%q: %v\n%s", text, err, definition)
			continue
		}
		if value := valueOf(job.Env, "A"); value != text || !slices.Contains(job.Tags, "b") || job.Description != text || job.Retry.Max != 2 || !strings.HasPrefix(job.Command, "echo '") {
			t.Errorf("%q: %q, %q, %d, %q", text, value, job.Description, job.Retry.Max, job.Command)
		}
	}
	for _, text := range []string{"", "command: true\n", legacyMark + "\n", legacyMark + "{\n", legacyMark + "{}\n", " " + legacyMark + `{"id":"a"}`} {
		if got, ok := recordOf(text); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// What a spec says that lsh has no such thing for becomes what is nearest to it.
func TestWhatASpecOfTheFirstProtocolBecomes(t *testing.T) {
	t.Setenv("HOME", "/home/ann")
	for raw, want := range map[string]string{
		`{"schedule":{"interval":500}}`:        `schedule: "@every 1000ms"`,
		`{"schedule":{"interval":1500}}`:       `schedule: "@every 1500ms"`,
		`{"cwd":"~/x"}`:                        `dir: "/home/ann/x"`,
		`{"cwd":"~"}`:                          `dir: "/home/ann"`,
		`{"cwd":"x"}`:                          `dir: "/home/ann/x"`,
		`{"cwd":"/srv/~/x"}`:                   `dir: "/srv/~/x"`,
		`{"tags":["x","X Y","x","x-y","X Y"]}`: `tags: ["x", "x-y"]`,
	} {
		s := legacySpec{Name: "a", Command: "true"}
		if err := json.Unmarshal([]byte(raw), &s); err != nil {
			t.Fatal(err)
		}
		definition, err := s.definition(s.record(time.Now()))
		if err != nil || !slices.Contains(strings.Split(definition, "\n"), want) {
			t.Errorf("%s: %v\n%s\nwant %s", raw, err, definition, want)
		}
	}
	s := legacySpec{Tags: []string{"x", "X Y", "x", "x-y", "X Y"}}
	if got := s.record(time.Now()).Tags; !slices.Equal(got, []string{"x", "X Y", "x-y"}) {
		t.Errorf("kept the tags %q", got)
	}
}

func quotedJSON(t *testing.T, text string) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func valueOf(env []config.EnvVar, name string) string {
	for _, v := range env {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// A name becomes one that a job here may have.
func TestANameOfTheFirstProtocol(t *testing.T) {
	for name, want := range map[string]string{
		"backup": "backup", "Nightly Backup": "nightly-backup", "Manual Job - echo hi": "manual-job-echo-hi", "a.b_c": "a.b_c",
		"../../etc": "etc", "ümläut": "ml-ut", "日本": "", "": "", "--": "", strings.Repeat("x", 90): strings.Repeat("x", 50),
		strings.Repeat("x", 49) + "-y": strings.Repeat("x", 49),
	} {
		if got := legacyName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// The state of a job is that of its last run.
func TestStatesOfTheFirstProtocol(t *testing.T) {
	for _, test := range []struct {
		run  *ipc.Run
		want string
	}{
		{nil, "created"},
		{&ipc.Run{State: ipc.RunRunning}, "running"},
		{&ipc.Run{State: ipc.RunSucceeded}, "completed"},
		{&ipc.Run{State: ipc.RunFailed}, "failed"},
		{&ipc.Run{State: ipc.RunFailed, Signal: "TERM"}, "failed"},
		{&ipc.Run{State: ipc.RunFailed, Signal: "KILL"}, "killed"},
		{&ipc.Run{State: ipc.RunTimedOut, Signal: "TERM"}, "killed"},
		{&ipc.Run{State: ipc.RunStopped, Signal: "KILL"}, "stopped"},
		{&ipc.Run{State: ipc.RunLost}, "failed"},
	} {
		if got := legacyState(test.run); got != test.want {
			t.Errorf("%+v: %s, want %s", test.run, got, test.want)
		}
	}
}
