package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

// ErrEmpty is a jobs file without content, which is rather half-written than meant.
var ErrEmpty = errors.New("the jobs file is empty")

// Load reads a jobs file and its includes as a host does. The error is [Problems]
// for all that is wrong in the files; when the jobs file itself cannot be read it
// is a [*FileError], which wraps the cause such as fs.ErrNotExist, or wraps [ErrEmpty].
func Load(path string, h Host) (*Config, error) { return load(path, h, nil) }

// load is Load; the trace may be nil.
func load(path string, h Host, t *trace) (*Config, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find jobs file: %w", err)
	}
	l := newLoader(h)
	l.trace = t
	text, err := h.ReadFile(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	if blank(text) {
		return nil, fmt.Errorf("read %s: %w", path, ErrEmpty)
	}
	l.read(path, text, nil)
	l.judgeGroups()
	l.judgeMoves()
	if len(l.found)+len(l.slips) > 0 {
		return nil, l.problems()
	}
	return l.config(), nil
}

// loader is one Load in progress: what has been read of all files.
type loader struct {
	host    Host
	files   []File
	done    map[string]bool
	made    []*Job
	index   map[string]*Job
	limits  map[string]Group
	groupAt map[string]Source
	waiting []groupUse
	moves   []move
	found   []found
	slips   []found // what makes files no YAML
	blots   []blot  // where they were mended by guess
	// base lies under the jobs of the main file: its defaults over the built-in ones.
	base     *Job
	envFiles map[string]struct{}
	patterns map[string]struct{}
	trace    *trace // nil unless somebody asks

	// What jobs share, so that many equal ones cost the memory of one.
	zones schedule.Locations
	rules map[ruleKey]rule
	words map[string]string

	// budget bounds the entries that aliases and merges may multiply a file into.
	budget    int
	exhausted bool
}

// found is a problem and where its file stands among the others.
type found struct {
	order int
	Problem
}

func newLoader(h Host) *loader {
	return &loader{
		host: h, done: map[string]bool{}, index: map[string]*Job{}, limits: map[string]Group{},
		groupAt: map[string]Source{}, envFiles: map[string]struct{}{}, patterns: map[string]struct{}{},
		rules: map[ruleKey]rule{}, words: map[string]string{},
		base: builtIn(),
	}
}

// builtIn are the defaults of the language.
func builtIn() *Job {
	return &Job{
		Enabled: true,
		Here:    true,
		Process: Process{Shell: []string{"/bin/sh", "-c"}},
		Stop:    Stop{Signal: "TERM", Grace: 10 * time.Second},
		Success: []int{0},

		CatchUpWithin: 24 * time.Hour,
		Retry:         Retry{Delay: 10 * time.Second, MaxDelay: 10 * time.Minute},
		Output:        DefaultOutput(),
	}
}

// DefaultOutput is what is kept of a job that does not say.
func DefaultOutput() Output {
	return Output{MaxSize: 10 * mebibyte, KeepRuns: 100, KeepFor: 30 * day}
}

func (l *loader) report(order int, p Problem) {
	l.found = append(l.found, found{order, p})
}

// problems returns what was found in the order of files, lines and columns. What is
// wrong in a value that several jobs take by aliases or merges is told once.
func (l *loader) problems() Problems {
	l.found = slices.DeleteFunc(l.found, func(f found) bool {
		return slices.ContainsFunc(l.blots, func(b blot) bool { return b.hides(f) })
	})
	l.found = append(l.slips, l.found...)
	slices.SortStableFunc(l.found, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	type same struct {
		order, line, column int
		message             string
	}
	told := make(map[same]struct{}, len(l.found))
	problems := make(Problems, 0, len(l.found))
	for _, f := range l.found {
		this := same{f.order, f.Line, f.Column, f.Message}
		if _, known := told[this]; !known {
			told[this] = struct{}{}
			problems = append(problems, f.Problem)
		}
	}
	return problems
}

func (l *loader) config() *Config {
	slices.SortFunc(l.made, func(a, b *Job) int { return cmp.Compare(a.Name, b.Name) })
	all := sha256.New()
	for _, f := range l.files {
		fmt.Fprintf(all, "%s\x00%s\n", f.Path, f.Sum)
	}
	return &Config{
		Files: l.files, Hash: hex.EncodeToString(all.Sum(nil)),
		Jobs: l.made, Groups: l.limits, index: l.index,
		EnvFiles: slices.Sorted(maps.Keys(l.envFiles)),
		Includes: slices.Sorted(maps.Keys(l.patterns)),
	}
}

// intern returns one string for all equal ones.
func (l *loader) intern(text string) string {
	const worthwhile = 200
	if len(text) > worthwhile {
		return text
	}
	if known, ok := l.words[text]; ok {
		return known
	}
	l.words[text] = text
	return text
}

// spend counts an entry. It returns false, and notes it once, when aliases make
// far more of a file than is written in it.
func (r *reader) spend() bool {
	r.budget--
	if r.budget < 0 && !r.exhausted {
		r.exhausted = true
		r.problemAt(1, 1, "", "the file's aliases and merges multiply to more than can be read", "write the jobs out, or use defaults")
	}
	return r.budget >= 0
}
