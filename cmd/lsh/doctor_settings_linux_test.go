package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// installedForJobs is the subject of a daemon that a service runs with a jobs file of its own, named beside the usual one in a directory.
func installedForJobs(t *testing.T, name string) (s *subject, usual, own string) {
	t.Helper()
	s = playLogin(t, "yes")
	home, _ := s.getenv("HOME")
	usual, own = filepath.Join(home, "jobs.yaml"), filepath.Join(home, name)
	m, err := newServiceManager(s.app)
	if err != nil {
		t.Fatal(err)
	}
	files, err := m.files(t.Context(), []string{"--log-level=debug", "--jobs-file=" + own, "--apply=auto"}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := files[0].write(); err != nil {
		t.Fatal(err)
	}
	s.jobsFile = own
	s.daemon = &ipc.Daemon{Config: ipc.Source{State: ipc.SourceMissing, Path: own}}
	s.checkup = &ipc.Checkup{Settings: &ipc.CheckupSettings{JobsFile: usual}}
	return s, usual, own
}

// A jobs file that was installed with the service is what somebody wants.
func TestJobsFileOfTheServiceIsNoFault(t *testing.T) {
	for _, name := range []string{"mine.yaml", "my $own 100%.yaml"} {
		s, _, own := installedForJobs(t, name)
		r := &diagnosis{}
		checkSettings(t.Context(), s, r)
		if n := tally(r.findings); n[stateWarning] > 0 {
			t.Errorf("%s: %+v", name, r.findings)
		}
		s.daemon.Config.Path = own + ".other"
		checkSettings(t.Context(), s, r)
		if n := tally(r.findings); n[stateWarning] != 1 {
			t.Errorf("of another than the installed one: %+v", r.findings)
		}
	}
}

// Where the service names a jobs file that is not there, the fix is one that this service follows.
func TestJobsFileThatTheServiceLacks(t *testing.T) {
	s, usual, own := installedForJobs(t, "~/x.yaml")
	for _, c := range []struct {
		usual bool
		want  string
	}{
		{false, "lsh init -f " + quoteArg(own)},
		{true, "lsh daemon install --jobs-file " + quoteArg(usual) + " && lsh daemon stop && lsh daemon start"},
	} {
		if c.usual {
			if err := os.WriteFile(usual, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := &diagnosis{}
		s.checkVerdict(t.Context(), r, s.daemon.Config)
		if len(r.findings) != 1 || r.findings[0].Hint != c.want {
			t.Errorf("%+v, want %s", r.findings, c.want)
		}
	}
	r := &diagnosis{}
	s.daemon.Config.AcceptedAt = time.Now()
	s.checkVerdict(t.Context(), r, s.daemon.Config)
	if len(r.findings) != 1 || !strings.HasSuffix(r.findings[0].Hint, "begin anew with  "+s.installWith(usual)) {
		t.Errorf("of one that was there: %+v", r.findings)
	}
	s.jobsFile = usual
	if got := s.firstJobs(t.Context()); got != "lsh init" {
		t.Errorf("of the usual one: %s", got)
	}
}
