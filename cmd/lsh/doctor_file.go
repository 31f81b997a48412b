package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// checkJobsFile looks how the jobs file stands, where its links lead, and at what is beside it.
func checkJobsFile(ctx context.Context, s *subject, r *diagnosis) {
	c := linkChain(s.jobsFile)
	way := c.text(s.short)
	r.ok("%s", way)
	switch {
	case c.err != nil:
		r.wrong(s.wayHint(c), "%s cannot be followed: %s", way, bareError(c.err))
		return
	case c.missing != "" && len(c.hops) > 1:
		r.wrong(fmt.Sprintf("put the file back, or  ln -sfn FILE %s  to where it is", s.arg(c.hops[len(c.hops)-2])),
			"%s is a link that leads nowhere: there is no %s", way, s.short(c.missing))
		return
	}
	file := s.offline
	if s.daemon != nil {
		file = &s.daemon.Config
	}
	if c.missing != "" { // which a daemon waits for a while to believe
		gone := ipc.Source{State: ipc.SourceMissing}
		if file != nil {
			gone.AcceptedAt = file.AcceptedAt
		}
		file = &gone
	}
	if file == nil {
		r.unknown("whether the jobs file is right: %s", s.unasked())
	} else {
		s.checkVerdict(ctx, r, *file)
	}
	s.checkSchema(r, c)
	s.checkDrafts(r, c)
	if s.inside != nil {
		s.checkIncludes(r, c)
		for _, path := range s.inside.MissingEnvFiles {
			r.wrong("write it, or mark it as optional: env_file: -"+path, "the env file %s is missing: what needs it cannot start", s.short(path))
		}
	}
}

// unasked is why nobody tells what a daemon finds, or would find.
func (s *subject) unasked() string {
	if s.daemon != nil {
		return "the daemon does not say"
	}
	if s.checkup != nil && len(s.checkup.Problems) > 0 {
		return "the settings are wrong"
	}
	if s.insideErr != nil {
		return explain(s.insideErr).message
	}
	return "lshd cannot be asked"
}

// checkVerdict tells what the daemon makes of the file.
func (s *subject) checkVerdict(ctx context.Context, r *diagnosis, c ipc.Source) {
	goesOn := ""
	if !c.AcceptedAt.IsZero() {
		goesOn = "; the last good jobs go on"
	}
	switch c.State {
	case ipc.SourceHeld:
		r.warn("lsh plan shows the change, lsh apply confirms it", "a change is held: %s", c.Reason)
	case ipc.SourceMissing:
		switch _, err := os.Stat(s.jobsFile); {
		case errors.Is(err, fs.ErrNotExist) && goesOn == "":
			r.wrong(s.firstJobs(ctx), "there is no jobs file: %s", s.short(s.jobsFile))
		case errors.Is(err, fs.ErrNotExist):
			r.wrong("put it back; or  lsh export > "+s.arg(s.jobsFile)+"  writes what runs; or begin anew with  "+s.firstJobs(ctx), "there is no jobs file any more: %s%s", s.short(s.jobsFile), goesOn)
		case len(c.Problems) == 0 && c.Reason != "":
			r.wrong("write your jobs into it, or remove it and begin with  lsh init", "%s%s", c.Reason, goesOn)
		}
	case ipc.SourceBusy:
		r.warn("save and close it in the program that has it open for writing", "%s is being written%s", s.short(s.jobsFile), goesOn)
	case ipc.SourceInvalid:
		if len(c.Problems) == 0 {
			r.wrong(s.unreadableHint(), "%s%s", c.Reason, goesOn)
			return
		}
		p := c.Problems[0]
		more := ""
		if len(c.Problems) > 1 {
			more = fmt.Sprintf(" (and %s more)", countOf(len(c.Problems)-1, "problem"))
		}
		hint := "lsh check shows it"
		if p.Hint != "" {
			hint = p.Hint + "; " + hint
		}
		r.wrong(hint, "%s:%d:%d: %s%s%s", s.short(p.File), p.Line, p.Column, p.Message, more, goesOn)
	}
}

// firstJobs has a daemon get a jobs file that has none: one that it was told to take may be another than that of everybody else.
func (s *subject) firstJobs(ctx context.Context) string {
	if s.checkup == nil || s.checkup.Settings == nil || s.checkup.Settings.JobsFile == s.jobsFile {
		return "lsh init"
	}
	usual := s.checkup.Settings.JobsFile
	if lookAt(usual).info != nil && s.installedWith(ctx, s.jobsFile) {
		return s.installWith(usual)
	}
	return "lsh init -f " + s.arg(s.jobsFile)
}

// wayHint mends a way that cannot be followed.
func (s *subject) wayHint(c chain) string {
	if denied, is := errors.AsType[*fs.PathError](c.err); is {
		return "ls -ld " + s.arg(filepath.Dir(denied.Path))
	}
	return "ln -sfn FILE " + s.arg(s.jobsFile) + "  with the FILE that it should be"
}

// unreadableHint mends a jobs file that cannot be read.
func (s *subject) unreadableHint() string {
	t := lookAt(linkChain(s.jobsFile).real())
	switch {
	case t.info == nil:
		return "lsh check says more"
	case !t.info.Mode().IsRegular():
		return "mv " + s.arg(t.path) + " " + s.arg(t.path+".old") + " && lsh init"
	case t.owner != s.uid && t.info.Mode().Perm()&0o004 == 0:
		return "sudo chown " + config.UserName(s.uid) + " " + s.arg(t.path)
	case t.info.Mode().Perm()&0o400 == 0:
		return "chmod u+r " + s.arg(t.path)
	}
	return "lsh check says more"
}

// checkSchema looks whether the schema by which an editor checks the file is this program's.
func (s *subject) checkSchema(r *diagnosis, c chain) {
	for _, hop := range []string{c.hops[0], c.real()} {
		path := filepath.Join(filepath.Dir(hop), schemaFile)
		text, err := os.ReadFile(path)
		if err == nil && !bytes.Equal(text, config.Schema()) {
			r.note("lsh schema > "+s.arg(path), "the schema %s is another version's: editors check by it", s.short(path))
			return
		}
	}
}
