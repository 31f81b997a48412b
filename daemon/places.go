package daemon

import (
	"container/list"
	"fmt"

	"github.com/lsh-project/lsh/config"
)

// places counts the runs that are admitted beside each other, by group and
// in all, and keeps those that wait in order: first come, first served. A run
// that waits for its own job's former run does not hold up the others.
type places struct {
	total   int // at most so many in all; 0: no limit
	groups  map[string]config.Group
	used    map[string]int
	inAll   int
	waiting map[string]*list.List // of *entry, by group
	all     *list.List            // of *entry; kept only with a total
}

func newPlaces(total int) *places {
	return &places{total: total, used: map[string]int{}, waiting: map[string]*list.List{}, all: list.New()}
}

// taken says why a run of e must wait; "" when it need not.
func (p *places) taken(e *entry) string {
	group := e.group()
	if limit := p.groups[group].MaxParallel; limit > 0 {
		if ahead(p.waiting[group], e, limit-p.used[group], (*entry).blocked) {
			return fmt.Sprintf("waits for a place in group %s (max_parallel: %d)", group, limit)
		}
	}
	if p.total > 0 && ahead(p.all, e, p.total-p.inAll, p.held) {
		return fmt.Sprintf("waits for a place (max_parallel of the daemon: %d)", p.total)
	}
	return ""
}

// held tells whether e could not use a place of the daemon anyway.
func (p *places) held(e *entry) bool {
	limit := p.groups[e.group()].MaxParallel
	return e.blocked() || (limit > 0 && p.used[e.group()] >= limit)
}

// ahead tells whether others that wait before e use up the free places.
func ahead(queue *list.List, e *entry, free int, not func(*entry) bool) bool {
	if free <= 0 {
		return true
	}
	if queue == nil {
		return false
	}
	for el := queue.Front(); el != nil && free > 0; el = el.Next() {
		other := el.Value.(*entry)
		if other == e {
			return false
		}
		if !not(other) {
			free--
		}
	}
	return free == 0
}

// enter puts e among those that wait.
func (p *places) enter(e *entry) {
	if e.inGroup != nil {
		return
	}
	group := e.group()
	if p.waiting[group] == nil {
		p.waiting[group] = list.New()
	}
	e.inGroup = p.waiting[group].PushBack(e)
	if p.total > 0 {
		e.inAll = p.all.PushBack(e)
	}
}

// leave takes e out of them, whichever group it has entered by.
func (p *places) leave(e *entry) {
	if e.inGroup == nil {
		return
	}
	for _, queue := range p.waiting {
		queue.Remove(e.inGroup) // of its own list only
	}
	e.inGroup = nil
	if e.inAll != nil {
		p.all.Remove(e.inAll)
		e.inAll = nil
	}
}

// take gives r its place.
func (p *places) take(r *run, group string) {
	r.place, r.placed = group, true
	p.used[group]++
	p.inAll++
}

// release takes it back, and names the jobs that may begin now.
func (p *places) release(r *run) []*entry {
	if !r.placed {
		return nil
	}
	r.placed = false
	if p.used[r.place]--; p.used[r.place] == 0 {
		delete(p.used, r.place)
	}
	p.inAll--
	return p.heads(r.place)
}

// heads are the first that wait, as many as there are places.
func (p *places) heads(group string) []*entry {
	first := firsts(p.waiting[group], p.groups[group].MaxParallel-p.used[group], (*entry).blocked)
	if p.total == 0 {
		return first
	}
	return append(first, firsts(p.all, p.total-p.inAll, p.held)...)
}

func firsts(queue *list.List, free int, not func(*entry) bool) []*entry {
	var first []*entry
	if queue == nil {
		return nil
	}
	for el := queue.Front(); el != nil && len(first) < free; el = el.Next() {
		if e := el.Value.(*entry); !not(e) {
			first = append(first, e)
		}
	}
	return first
}

// limit takes over the limits of a new file, and names every job that waits.
func (p *places) limit(groups map[string]config.Group) []*entry {
	p.groups = groups
	var all []*entry
	for _, queue := range p.waiting {
		for el := queue.Front(); el != nil; el = el.Next() {
			all = append(all, el.Value.(*entry))
		}
	}
	return all
}
