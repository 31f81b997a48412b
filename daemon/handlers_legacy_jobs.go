package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// legacyAddArgs are those of addJob.
type legacyAddArgs struct {
	JobSpec legacySpec `json:"jobSpec"`
}

// addJob adds an ad-hoc job. One that is there under its id gets another
// definition.
func (l *legacy) addJob(ctx context.Context, args legacyAddArgs) (any, error) {
	spec := &args.JobSpec
	if err := spec.check(); err != nil {
		return nil, err
	}
	record := spec.record(time.Now())
	definition, err := spec.definition(record)
	if err != nil {
		return nil, err
	}
	l.adding.Lock()
	defer l.adding.Unlock()
	name, err := l.nameFor(record)
	if err != nil {
		return nil, err
	}
	if _, err := l.Daemon.addJob(ctx, ipc.JobAddParams{Job: name, Definition: definition}); err != nil {
		return nil, legacyAddError(spec.Name, name, err)
	}
	e, ok := l.table.find(name)
	if !ok {
		return nil, stopping()
	}
	return l.whole(e), nil
}

// nameFor is what a job is called here.
func (l *legacy) nameFor(r legacyRecord) (string, error) {
	if e, there := l.find(r.ID); there {
		if e.view.Load().addedBy == nil {
			return "", ipc.Errorf(ipc.CodeRefused, "Job %s is declared in %s", r.ID, wireJob(e).Source).WithHint("choose another id")
		}
		return e.name, nil
	}
	wanted := cmp.Or(legacyName(r.Name), "job")
	name := wanted
	for n := 2; l.taken(name); n++ {
		name = fmt.Sprintf("%s-%d", wanted, n)
	}
	return name, nil
}

func (l *legacy) taken(name string) bool {
	e, there := l.table.find(name)
	return there && l.shown(e)
}

// legacyAddError says what is wrong with a job that is called said in a spec
// and name here. It does so in the terms of the jobs file, whose keys are much
// like the members of a spec.
func legacyAddError(said, name string, err error) error {
	wrong, is := errors.AsType[*ipc.Error](err)
	if !is || len(wrong.Data.Problems) == 0 {
		return err
	}
	p := wrong.Data.Problems[0]
	bad := ipc.Errorf(wrong.Code, "add job %s: %s: %s", said, strings.TrimPrefix(p.Key, "jobs."+name+"."), p.Message)
	if p.Hint != "" {
		return bad.WithHint("%s", p.Hint)
	}
	return bad
}

// getJob is a job, or nothing where there is none.
func (l *legacy) getJob(_ context.Context, args legacyJobArgs) (any, error) {
	e, ok := l.find(args.JobID)
	if !ok {
		return nil, nil
	}
	return l.whole(e), nil
}

// removeJob removes a job, and with force one that is running. One that waits
// for its next attempt is not.
func (l *legacy) removeJob(ctx context.Context, args legacyJobArgs) (any, error) {
	e, ok := l.find(args.JobID)
	if !ok {
		return false, nil
	}
	if e.view.Load().addedBy == nil {
		return nil, ipc.Errorf(ipc.CodeRefused, "Job %s is declared in %s", args.JobID, wireJob(e).Source).
			WithHint("take it out of the file, then lsh apply")
	}
	if l.running(e) && !args.Force {
		return nil, ipc.Errorf(ipc.CodeRefused, "Job %s is running. Use force=true to remove.", args.JobID)
	}
	if _, err := l.Daemon.removeJob(ctx, ipc.JobRemoveParams{Job: e.name, Stop: true}); err != nil {
		return nil, err
	}
	return true, nil
}

// legacyListArgs are those of listJobs.
type legacyListArgs struct {
	Filter *legacyFilter `json:"filter"`
	Limit  legacyNumber  `json:"limit"`
}

// legacyFilter takes the jobs that all of it holds for.
type legacyFilter struct {
	Status        oneOrMore  `json:"status"`
	Type          oneOrMore  `json:"type"`
	Tags          oneOrMore  `json:"tags"` // any of them
	User          string     `json:"user"`
	NamePattern   string     `json:"namePattern"` // a regular expression
	CreatedAfter  legacyDate `json:"createdAfter"`
	CreatedBefore legacyDate `json:"createdBefore"`

	name *regexp.Regexp
}

const legacyJobsAPage = 100

// listJobs are the jobs that a filter takes, without more of their output than
// the end.
func (l *legacy) listJobs(_ context.Context, args legacyListArgs) (any, error) {
	if f := args.Filter; f != nil && f.NamePattern != "" {
		var err error
		if f.name, err = regexp.Compile(f.NamePattern); err != nil {
			return nil, ipc.Errorf(ipc.CodeInvalidParams, "read filter: namePattern: %v", err)
		}
	}
	limit := legacyJobsAPage
	if args.Limit >= 1 {
		limit = int(min(args.Limit, jobsAtMost))
	}
	jobs := []legacyJob{}
	for _, e := range l.table.all() {
		if len(jobs) == limit {
			break
		}
		if !l.shown(e) {
			continue
		}
		if j := l.job(e); args.Filter.takes(j) {
			jobs = append(jobs, j)
		}
	}
	return l.fit(jobs, legacyOutputInList), nil
}

func (f *legacyFilter) takes(j legacyJob) bool {
	if f == nil {
		return true
	}
	any := func(wanted oneOrMore, has ...string) bool {
		return len(wanted) == 0 || slices.ContainsFunc(has, func(h string) bool { return slices.Contains(wanted, h) })
	}
	return any(f.Status, j.Status) && any(f.Type, j.Type) && any(f.Tags, j.Tags...) &&
		(f.User == "" || f.User == j.User) && (f.name == nil || f.name.MatchString(j.Name)) &&
		(f.CreatedAfter.IsZero() || !j.CreatedAt.Before(f.CreatedAfter.Time)) &&
		(f.CreatedBefore.IsZero() || !j.CreatedAt.After(f.CreatedBefore.Time))
}
