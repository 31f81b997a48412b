package main

import (
	"context"

	"github.com/lsh-project/lsh/ipc"
)

// checkJobs looks for jobs that somebody should look at.
func checkJobs(_ context.Context, s *subject, r *diagnosis) {
	if s.daemon == nil || s.inside == nil {
		r.unknown("which jobs fail again and again: no daemon says so")
		return
	}
	r.ok("none fails again and again, and no pause was forgotten")
	first := func(c ipc.JobCount) string { return quoteArg(c.Names[0]) }
	if c := s.inside.Failing; c.Count > 0 {
		r.note("lsh logs "+first(c), "%s failed three times in a row or more", jobsText(c))
	}
	if c := s.inside.Paused; c.Count > 0 {
		r.note("lsh resume "+quoteArgv(c.Names), "%s paused for a week or longer, without an end", wasText(c))
	}
	if c := s.inside.Unusable; c.Count > 0 {
		r.warn("lsh job remove "+first(c)+", or add it anew with  lsh job add", "the definition of ad-hoc %s cannot be used any more; lsh status says why", jobsText(c))
	}
}

func wasText(c ipc.JobCount) string {
	if c.Count == 1 {
		return jobsText(c) + " has been"
	}
	return jobsText(c) + " have been"
}
