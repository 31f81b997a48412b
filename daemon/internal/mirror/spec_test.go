package mirror

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/schedule"
)

const specFile = `version: 1
jobs:
  backup:
    command: restic backup ~
    schedule: ["H H(2-4) * * *", "@every 7h"]
    jitter: 10m
    timezone: Europe/Berlin
    dst: {gap: skip, overlap: both}
    env: {TOKEN: verysecret}
    stdin: alsosecret
  report: {command: make report, schedule: "0 3 * * *", enabled: false}
  elsewhere: {command: make report, only: {hosts: [another]}}
`

func specJobs(t *testing.T, id string) *config.Config {
	t.Helper()
	host := config.Host{
		Name: "laptop", OS: "linux", Home: "/home/you", ID: id, Getenv: func(string) (string, bool) { return "", false },
		ReadFile: func(string) ([]byte, error) { return []byte(specFile), nil },
	}
	c, err := config.Load("/home/you/jobs.yaml", host)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A machine that knows nothing of the host but the row computes its slots.
func TestSpecHasTheSlotsOfTheHost(t *testing.T) {
	jobs := specJobs(t, "machine-a")
	text, err := json.Marshal(SpecOf(jobs.Job("backup"), "UTC"))
	if err != nil {
		t.Fatal(err)
	}
	var there Spec
	if err := json.Unmarshal(text, &there); err != nil {
		t.Fatal(err)
	}
	slots, err := there.Slots(&schedule.Locations{})
	if err != nil {
		t.Fatal(err)
	}
	here := jobs.Job("backup")
	at := time.Date(2026, time.March, 27, 0, 0, 0, 0, time.UTC) // over the gap of the 29th
	for range 30 {
		want, _ := here.Slots.Next(at)
		got, ok := slots.Next(at)
		if !ok || !got.At.Equal(want.At) || got.Nominal != want.Nominal {
			t.Fatalf("slot after %s is %s, want %s", at, got.At, want.At)
		}
		at = want.At
	}
	if there.DueAfter() != here.Delay || here.Delay == 0 {
		t.Errorf("slots are due %s late, want %s", there.DueAfter(), here.Delay)
	}
	other := SpecOf(specJobs(t, "machine-b").Job("backup"), "UTC")
	if strings.Join(other.Plain, ";") == strings.Join(there.Plain, ";") {
		t.Errorf("two hosts have the same plain schedule %q", other.Plain)
	}
}

func TestSpecTellsNoSecret(t *testing.T) {
	text, err := json.Marshal(SpecOf(specJobs(t, "0123456789abcdef").Job("backup"), "UTC"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"verysecret", "alsosecret", "0123456789abcdef"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%s is in %s", secret, text)
		}
	}
	for _, told := range []string{`"env.TOKEN":"(set)"`, `"stdin":"(set)"`, `"timezone":"Europe/Berlin"`, `"dst":{"gap":"skip","overlap":"both"}`} {
		if !strings.Contains(string(text), told) {
			t.Errorf("%s is not in %s", told, text)
		}
	}
}

func TestSpecOfJobsThatAreNotDue(t *testing.T) {
	jobs := specJobs(t, "a")
	report := SpecOf(jobs.Job("report"), "Asia/Tokyo")
	if report.Enabled || !report.Here || report.Timezone != "Asia/Tokyo" || report.Plain != nil {
		t.Errorf("report is %+v, want it disabled, here, and in the host's zone", report)
	}
	if elsewhere := SpecOf(jobs.Job("elsewhere"), "UTC"); elsewhere.Here {
		t.Errorf("elsewhere is %+v, want it not here", elsewhere)
	}
}

func TestSlotsOfAHostOfNoKnownZone(t *testing.T) {
	s := SpecOf(specJobs(t, "a").Job("report"), "")
	if slots, err := s.Slots(&schedule.Locations{}); err == nil {
		t.Errorf("slots are %v, want an error", slots)
	}
}
