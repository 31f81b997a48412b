package daemon

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/daemon/internal/environ"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/daemon/internal/output"
	"github.com/lsh-project/lsh/ipc"
)

// newMirror makes the mirror of the settings' database, nil when there is none.
func (d *Daemon) newMirror() (*mirror.Mirror, error) {
	o := d.options
	if !o.Database.Configured() {
		return nil, nil
	}
	return mirror.New(mirror.Options{
		Log: o.Log, Journal: d.journal, Database: o.Database, Dir: o.Paths.StateDir,
		Host: mirror.Host{
			Name: o.Host.Name, User: config.UserName(os.Geteuid()), MachineID: o.Host.ID, OS: runtime.GOOS, Arch: runtime.GOARCH, Version: o.Version,
		},
		Source: &replicated{d: d, former: map[int]bool{}, values: map[string]bool{}},
		Run:    runCommand(d.host),
	})
}

// replicated is what the mirror is told beside the journal.
type replicated struct {
	d *Daemon

	mu      sync.Mutex
	begun   bool
	seen    int64           // what was declared when values were gathered
	former  map[int]bool    // generations whose values are among values
	values  map[string]bool // every secret that was seen: outputs of former runs may hold former ones
	version int
	specs   map[string]declaration
}

// Declared is what the accepted file, or the operator, declares of a job.
func (r *replicated) Declared(name string) *mirror.Spec {
	e, ok := r.d.table.find(name)
	if !ok {
		return nil
	}
	job := e.job.Load()
	if job == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, is := r.specs[name]; is && known.of == job {
		return known.spec
	}
	spec := mirror.SpecOf(job, schedule.SystemZone())
	for _, key := range []string{"dir", "env_file"} {
		if path, is := spec.Fields[key]; is {
			spec.Fields[key] = homeless(path, r.d.options.Host.Home)
		}
	}
	if r.specs == nil || len(r.specs) == specsKept {
		r.specs = map[string]declaration{}
	}
	r.specs[name] = declaration{job, &spec}
	return &spec
}

// specsKept bounds of how many jobs what is declared is kept as it is sent: a job's row is sent after each of its slots.
const specsKept = 1000

// declaration is what is sent of what is declared of a job.
type declaration struct {
	of   *config.Job
	spec *mirror.Spec
}

// homeless is a path below the home directory as a person writes it: the same file is no difference between machines where homes are
// elsewhere.
func homeless(path, home string) string {
	rest, below := strings.CutPrefix(path, home)
	if home == "" || home == "/" || !below || rest != "" && rest[0] != '/' {
		return path
	}
	return "~" + rest
}

// Secrets are the values of env, env files and stdin of every job that was ever declared as far as this worker knows.
func (r *replicated) Secrets(known int) (values []string, version int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.d.declared.Load(); now != r.seen || !r.begun {
		r.seen, r.begun = now, true
		for _, e := range r.d.table.all() {
			if job := e.job.Load(); job != nil {
				r.add(job)
			}
		}
	}
	if known == r.version {
		return nil, known
	}
	values = make([]string, 0, len(r.values))
	for v := range r.values {
		values = append(values, v)
	}
	return values, r.version
}

// add gathers the values of a job. They count once: who has none of its own adds nothing.
func (r *replicated) add(job *config.Job) {
	add := func(value string) {
		if value != "" && !r.values[value] {
			r.values[value] = true
			r.version++
		}
	}
	values, err := environ.Values(&job.Process, os.Environ(), readEnvFile)
	if err != nil {
		r.d.log.Debug("values of env files are not known to be secret", "job", job.Name, "err", err)
	}
	for _, v := range values {
		add(v)
	}
	add(job.Stdin)
}

// remember gathers the values of a former generation.
func (r *replicated) remember(number int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if number == 0 || r.former[number] {
		return
	}
	r.former[number] = true
	g, ok, err := r.d.journal.Generation(number)
	if err != nil || !ok {
		return
	}
	l, err := r.d.source.quiet.generation(g)
	if err != nil {
		return
	}
	for _, job := range l.config.Jobs {
		r.add(job)
	}
}

// Tail is the end of what a run has printed.
func (r *replicated) Tail(run journal.Run, most int64) (pieces []mirror.Piece, more bool) {
	if run.OutputBytes == 0 {
		return nil, false
	}
	r.remember(run.Generation)
	in := output.NewReader(r.d.files.Path(outputJob(run), run.ID))
	defer in.Close()
	from := max(0, run.OutputBytes-most)
	for at := from; at < run.OutputBytes; {
		page, err := in.Read(at, run.OutputBytes-at)
		if err != nil || len(page.Data) == 0 {
			break
		}
		// The reader's word for what was dropped has its end where the rest begins, and not its beginning where it was looked for.
		pieces = append(pieces, mirror.Piece{Text: page.Data, Mark: page.Offset != at})
		at = page.Next()
	}
	return joined(pieces), from > 0
}

// joined makes one piece of those that nothing is missing between.
func joined(pieces []mirror.Piece) []mirror.Piece {
	var all []mirror.Piece
	for _, p := range pieces {
		if last := len(all) - 1; last >= 0 && !p.Mark && !all[last].Mark {
			all[last].Text = append(all[last].Text, p.Text...)
			continue
		}
		all = append(all, p)
	}
	return all
}

// Command does what is asked from elsewhere.
func (r *replicated) Command(ctx context.Context, c mirror.Command) (string, error) {
	return r.d.command(ctx, c)
}

const (
	// outboxRuns and outboxFor bound what the journal keeps for the replica beyond what a job keeps by itself: so many ended runs of a
	// job, for so long. Beyond it outputs go, and runs that succeeded; their slots stay in the ledger.
	outboxRuns = 100_000
	outboxFor  = 30 * 24 * time.Hour
)

// withoutHeld leaves out runs that the replica has yet to get.
func (t *tidy) withoutHeld(runs []journal.Run) []journal.Run {
	if t.mirror == nil || len(runs) == 0 {
		return runs
	}
	held := t.mirror.Held(runs)
	return slices.DeleteFunc(runs, func(r journal.Run) bool { return held[r.ID] })
}

// overOutbox are runs of a job that are kept for the replica alone, and no longer.
func (t *tidy) overOutbox(name string, keep config.Output) ([]journal.Run, error) {
	if t.mirror == nil {
		return nil, nil
	}
	runs, err := t.journal.Expired(name, keep.KeepRuns+outboxRuns, time.Now().Add(-max(keep.KeepFor, outboxFor)), tidyPage)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if err := t.files.Remove(outputJob(r), r.ID); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(runs, func(r journal.Run) bool { return r.State != ipc.RunSucceeded }), nil
}
