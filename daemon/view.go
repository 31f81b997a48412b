package daemon

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// view is a job as readers see it. It is never changed: the loop stores a
// new one when something did.
type view struct {
	spec       string
	generation int
	next       time.Time
	cursor     time.Time
	settled    time.Time // before it every slot has its outcome
	last       *ipc.Run
	failures   int
	addedBy    *ipc.Owner // of an ad-hoc job
	definition string     // of an ad-hoc job
	broken     string     // why its definition cannot be used
	live       *live      // nil when there is nothing to say
}

// live is the part of a view that most jobs lack most of the time.
type live struct {
	running   []*ipc.Run
	queued    []*ipc.Run
	overrides []ipc.Override
}

func newView(e *entry) *view {
	v := &view{
		spec: e.spec, generation: e.generation, next: e.next, cursor: e.cursor, settled: e.settled(), last: e.last, failures: e.failures,
		addedBy: e.addedBy, definition: e.definition, broken: e.broken,
	}
	var l live
	for _, r := range e.runs {
		switch {
		case r.Lingering:
		case r.Phase <= reconciler.Starting:
			l.queued = append(l.queued, r.record)
		default:
			l.running = append(l.running, r.record)
		}
	}
	l.overrides = e.overrides()
	if len(l.running)+len(l.queued)+len(l.overrides) > 0 {
		v.live = &l
	}
	return v
}

// lives is v.live, empty when there is none.
func (v *view) lives() live {
	if v.live == nil {
		return live{}
	}
	return *v.live
}

// table is the list of jobs that readers walk: sorted by name, replaced
// when a job comes or goes.
type table struct {
	entries atomic.Pointer[[]*entry]
}

func (t *table) store(entries map[string]*entry) {
	list := make([]*entry, 0, len(entries))
	for _, e := range entries {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *entry) int { return cmp.Compare(a.name, b.name) })
	t.entries.Store(&list)
}

// all are the jobs, sorted by name.
func (t *table) all() []*entry {
	if list := t.entries.Load(); list != nil {
		return *list
	}
	return nil
}

// after are the jobs whose names come after one.
func (t *table) after(name string) []*entry {
	list := t.all()
	if name == "" {
		return list
	}
	return list[sort.Search(len(list), func(i int) bool { return list[i].name > name }):]
}

// find is the job of a name.
func (t *table) find(name string) (*entry, bool) {
	list := t.all()
	i, ok := slices.BinarySearchFunc(list, name, func(e *entry, name string) int { return strings.Compare(e.name, name) })
	if !ok {
		return nil, false
	}
	return list[i], true
}

// names are those of all jobs.
func (t *table) names() []string {
	list := t.all()
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.name
	}
	return names
}
