package main

import (
	"slices"
	"testing"
)

func TestADaemonKnowsNothingOfTheRunThatStartsIt(t *testing.T) {
	env := []string{
		"LSH_JOB=a", "PATH=/bin", "LSH_RUN_ID=1", "LSH_TRIGGER=manual", "LSH_ATTEMPT=1",
		"LSH_SCHEDULED_AT=2026-01-01T00:00:00Z", "LSH_JOBS_FILE=/j", "HOME=/h",
	}
	if got, want := withoutRun(env), []string{"PATH=/bin", "LSH_JOBS_FILE=/j", "HOME=/h"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
