package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// completeJob completes one name of a job, completeJobs any number.
func completeJob(a *app) cobra.CompletionFunc  { return a.completeOne(jobNames, 0) }
func completeJobs(a *app) cobra.CompletionFunc { return a.completeEach(jobNames) }

// completeAdHoc completes the name of an ad-hoc job.
func completeAdHoc(a *app) cobra.CompletionFunc { return a.completeOne(adHocNames, 0) }

// completeDefinition completes what lsh job add takes: a name, which may be
// that of an ad-hoc job to change, and after it a command, which is the shell's.
func completeDefinition(a *app) cobra.CompletionFunc {
	name := completeAdHoc(a)
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return name(cmd, args, typed)
	}
}

func jobNames(ctx context.Context, a *app, _ string) []cobra.Completion {
	var names []cobra.Completion
	jobs, answered := jobsBy(ctx, a)
	for _, j := range jobs {
		names = append(names, described(j.Name, jobAbout(j, a)))
	}
	if answered {
		return names
	}
	for _, j := range jobsOfFile(a) {
		about := cmp.Or(strings.Join(j.Schedule, "; "), "by hand")
		if !j.Enabled {
			about = "disabled"
		}
		names = append(names, described(j.Name, withDescription(about, j.Description)))
	}
	return names
}

func adHocNames(ctx context.Context, a *app, _ string) []cobra.Completion {
	var names []cobra.Completion
	jobs, _ := jobsBy(ctx, a)
	for _, j := range jobs {
		if j.Owner == ownerOperator {
			names = append(names, described(j.Name, jobAbout(j, a)))
		}
	}
	return names
}

func tagNames(ctx context.Context, a *app, _ string) []cobra.Completion {
	bearers := map[string][]string{}
	jobs, answered := jobsBy(ctx, a)
	for _, j := range jobs {
		for _, tag := range j.Tags {
			bearers[tag] = append(bearers[tag], j.Name)
		}
	}
	if !answered {
		for _, j := range jobsOfFile(a) {
			for _, tag := range j.Tags {
				bearers[tag] = append(bearers[tag], j.Name)
			}
		}
	}
	tags := make([]cobra.Completion, 0, len(bearers))
	for tag, jobs := range bearers {
		tags = append(tags, described(tag, tagAbout(jobs)))
	}
	slices.Sort(tags)
	return tags
}

// tagAbout names some of the jobs that bear a tag.
func tagAbout(jobs []string) string {
	const most = 3
	text := strings.Join(jobs[:min(most, len(jobs))], ", ")
	if more := len(jobs) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// jobsBy are the jobs that the daemon has told by the deadline of ctx, which may
// not be all, and whether it has answered.
func jobsBy(ctx context.Context, a *app) (jobs []ipc.Job, answered bool) {
	client, err := a.dial(ctx)
	if err != nil {
		return nil, false
	}
	defer client.Close()
	for p := (ipc.JobsListParams{}); ; {
		page, err := ipc.JobsList.Call(ctx, client, p)
		if err != nil {
			return jobs, answered
		}
		jobs, answered = append(jobs, page.Jobs...), true
		if page.After == "" {
			return jobs, true
		}
		p.After = page.After
	}
}

// jobsOfFile are the jobs of the jobs file, for when no daemon can tell of them.
// The file may lie on a disk that does not answer: that too is not waited for.
func jobsOfFile(a *app) []*config.Job {
	ctx, cancel := context.WithTimeout(context.Background(), completeFileWithin)
	defer cancel()
	read := make(chan []*config.Job, 1)
	go func() {
		defer close(read)
		path, err := a.jobsFile(ctx)
		if err != nil {
			return
		}
		if c, err := config.Load(path, config.LocalHost()); err == nil {
			read <- c.Jobs
		}
	}()
	select {
	case jobs := <-read:
		return jobs
	case <-ctx.Done():
		return nil
	}
}

// jobAbout is how a job stands and what it is for, in a few words: "scheduled,
// next Mon 02:30 · nightly backup".
func jobAbout(j ipc.Job, a *app) string {
	now := a.now()
	about := jobState(j)
	switch {
	case len(j.Running) > 0:
		about += " for " + age(now.Sub(j.Running[0].StartedAt))
	case j.State == ipc.JobManual:
		about = "by hand"
	case !j.Next.IsZero():
		about += ", next " + clock(j.Next.In(now.Location()), now)
	}
	if len(j.Running) == 0 && j.Failures > 0 && j.LastRun != nil {
		about += ", " + runResult(*j.LastRun)
	}
	return withDescription(about, j.Description)
}

func withDescription(about, description string) string {
	if description == "" {
		return about
	}
	return about + " · " + description
}
