package main

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/ipc"
)

// checkSettings looks at config.yaml and at the variables that are settings.
func checkSettings(ctx context.Context, s *subject, r *diagnosis) {
	c := s.checkup
	if c == nil {
		r.unknown("what config.yaml says: lshd cannot be asked")
		return
	}
	for _, p := range c.Problems {
		r.wrong(settingHint(p), "%s", p.Message)
	}
	for _, w := range c.Warnings {
		s.settingWarning(r, w, "")
	}
	if s.inside != nil {
		for _, w := range s.inside.Warnings {
			// The pid file is told of with the sockets, and who can read config.yaml is known as it now is.
			if !slices.Contains(c.Warnings, w) && !strings.HasPrefix(w, "there is no pid file at ") && !strings.Contains(w, "has a password in it") {
				s.settingWarning(r, w, " && "+anew)
			}
		}
	}
	if c.Settings == nil {
		return
	}
	r.ok("%s", s.short(c.Settings.ConfigFile))
	if lookAt(c.Settings.ConfigFile).info == nil {
		r.ok("there is no %s, and none is needed", s.short(c.Settings.ConfigFile))
	}
	s.checkNamedState(r)
	if s.daemon != nil && s.reachedBySettings() && s.daemon.Config.Path != c.Settings.JobsFile {
		mend := anew
		if s.installedWith(ctx, s.daemon.Config.Path) {
			if named, _ := s.getenv("LSH_JOBS_FILE"); named == "" {
				return // it was installed so on purpose
			}
			mend = "unset LSH_JOBS_FILE, or  " + s.installWith(c.Settings.JobsFile)
		}
		r.warn(mend, "the daemon has the jobs of %s, and by the settings of this shell it would be %s", s.short(s.daemon.Config.Path), s.short(c.Settings.JobsFile))
	}
}

// settingHint mends what is wrong with a setting.
func settingHint(p ipc.SettingProblem) string {
	return cmp.Or(p.Hint, "mend that in config.yaml, or in the variable that is named")
}

// checkNamedState looks whether the daemon is of the state directory that this shell names: a start here would be of a second one.
func (s *subject) checkNamedState(r *diagnosis) {
	named, _ := s.getenv("LSH_STATE_DIR")
	if named == "" || s.daemon == nil || s.socket != "" || s.reachedBySettings() || sameDir(s.checkup.Settings.StateDir, s.daemon.StateDir) {
		return
	}
	r.warn("unset LSH_STATE_DIR", "LSH_STATE_DIR names %s, and the daemon that answers has its state in %s", s.short(s.checkup.Settings.StateDir), s.short(s.daemon.StateDir))
}

// installedWith tells whether the service gives the daemon that jobs file.
func (s *subject) installedWith(ctx context.Context, jobsFile string) bool {
	m, err := newServiceManager(s.app)
	if err != nil {
		return false
	}
	state, err := m.state(ctx)
	if err != nil || state.State == serviceAbsent {
		return false
	}
	files, err := m.files(ctx, nil, false)
	if err != nil {
		return false
	}
	text, err := os.ReadFile(state.Path)
	return err == nil && slices.Contains(files[0].form.arguments(string(text)), "--jobs-file="+jobsFile)
}

// installWith gives the daemon another jobs file, for good.
func (s *subject) installWith(jobsFile string) string {
	return installIt + " --jobs-file " + s.arg(jobsFile) + " && " + anew
}

// settingWarning is a warning of lshd's, with what mends it and then is needed for the daemon to notice.
func (s *subject) settingWarning(r *diagnosis, warning, then string) {
	message, fix, _ := strings.Cut(warning, ": ")
	name, isVariable := strings.CutPrefix(message, "the variable ")
	name, _, _ = strings.Cut(name, " ")
	switch near, meant := strings.CutPrefix(fix, "did you mean "); {
	case meant && isVariable:
		r.warn("unset "+name+then, "%s; %s is one", message, strings.TrimSuffix(near, "?"))
	case strings.HasPrefix(fix, "chmod "):
		r.warn(fix, "%s", message)
	default:
		r.warn("take away what is there"+then, "%s", warning)
	}
}

// reachedBySettings tells whether the daemon is the one that the settings lead to, and not another that was named.
func (s *subject) reachedBySettings() bool {
	return s.daemon.StateDir == s.checkup.Settings.StateDir
}
