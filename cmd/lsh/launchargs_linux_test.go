package main

import (
	"slices"
	"testing"
)

func TestARestartKeepsWhatTheDaemonWasTold(t *testing.T) {
	env := fromEnv([]string{"LSH_APPLY=manual", "LSH_LOG_LEVEL=", "LSH_SOCKET=/s", "LSH_JOB=a", "MAX_PARALLEL=3", "LSH_MAX_PARALLEL=2"})
	if want := []string{"--socket=/s", "--apply=manual", "--max-parallel=2"}; !slices.Equal(env, want) {
		t.Errorf("from the environment %q, want %q", env, want)
	}
	argv := fromArgv([]string{"/bin/lshd", "--background", "--ready-fd=3", "--log-level=debug", "--apply=auto", "--apply-not=1", ""})
	if want := []string{"--log-level=debug", "--apply=auto"}; !slices.Equal(argv, want) {
		t.Errorf("from the command line %q, want %q", argv, want)
	}
}
