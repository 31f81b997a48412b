package config

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var variableRule = lazily(variablePattern)

func (r *reader) command(k *key, n *yaml.Node) {
	r.nodes.command = n
	if n.Kind != yaml.SequenceNode {
		if value, ok := r.filled(k, n); ok {
			r.job.Command = value
		}
		return
	}
	items, ok := r.items(k, n, false)
	argv := make([]string, 0, len(items))
	for _, item := range items {
		if !isPlain(item) {
			r.problem(item, k.where(), "expected a text in the list; got "+r.describe(item), "write a text")
			ok = false
			continue
		}
		ok = r.noNUL(k.where(), item) && ok
		argv = append(argv, r.intern(item.Value))
	}
	if ok && strings.TrimSpace(argv[0]) == "" {
		r.problem(items[0], k.where(), "the first item of the command is empty", "begin the list with the program")
		ok = false
	}
	if ok {
		r.job.Argv = argv
	}
}

func (r *reader) shell(k *key, n *yaml.Node) {
	if shell, ok := r.words(k, n, false, nil); ok {
		r.job.Shell, r.nodes.shell = shell, n
	}
}

func (r *reader) dirKey(k *key, n *yaml.Node) {
	if value, ok := r.filled(k, n); ok {
		if dir, ok := r.path(k.where(), n, value, 0); ok {
			r.job.Dir = r.intern(dir)
		}
	}
}

// reserved are the variables that each run gets from the daemon.
var reserved = []string{"LSH_JOB", "LSH_RUN_ID", "LSH_SCHEDULED_AT", "LSH_ATTEMPT", "LSH_TRIGGER", "LSH_TRIGGER_PATH"}

// MayBeSet reports whether a job's `env` may set a variable of this name.
func MayBeSet(name string) bool {
	return variableRule().MatchString(name) && !slices.Contains(reserved, name)
}

// env lays variables over those that are there already. What it says of a value
// never holds the value.
func (r *reader) env(k *key, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.problem(n, k.where(), "expected "+k.shape.want+"; got "+kindOf(n), k.shape.hint)
		return
	}
	entries := r.entries(n, k.where())
	env := make([]EnvVar, 0, len(entries)+len(r.job.Env))
	for _, e := range entries {
		name, where := e.key.Value, join(k.where(), e.key.Value)
		switch {
		case !showable(e.key):
			r.problem(e.key, k.where(), "a key here is not a valid name of a variable", "write the name, a colon, a space and then the value:  NAME: value")
		case !variableRule().MatchString(name):
			r.problem(e.key, where, quote(name)+" is not a valid name of a variable", "a name is made of letters, digits and underscores, and does not begin with a digit")
		case slices.Contains(reserved, name):
			r.problem(e.key, where, name+" is set by lsh for each run", "choose another name")
		case !isPlain(e.value):
			hint := "write a text"
			if isNull(e.value) {
				hint = `an empty value is written  ""`
			}
			r.problem(e.value, where, "expected a text; got "+kindOf(e.value), hint)
		case r.noNUL(where, e.value):
			if value, ok := r.expand(where, e.value, e.value.Value, 0); ok {
				env = append(env, EnvVar{r.intern(name), r.intern(value)})
				r.traceKey(where, e.key)
			}
		}
	}
	slices.SortFunc(env, byName)
	own := env
	for _, v := range r.job.Env {
		if _, found := slices.BinarySearchFunc(own, v, byName); !found {
			env = append(env, v)
		}
	}
	slices.SortFunc(env, byName)
	r.job.Env = env
}

func byName(a, b EnvVar) int { return cmp.Compare(a.Name, b.Name) }

func (r *reader) envFile(k *key, n *yaml.Node) {
	items, ok := r.oneOrMore(k, n)
	if !ok {
		return
	}
	files := make([]EnvFile, 0, len(items))
	for _, item := range items {
		text, optional := strings.CutPrefix(item.Value, "-")
		skipped := len(item.Value) - len(text)
		if strings.TrimSpace(text) == "" {
			r.problem(item, k.where(), "expected a path; got an empty text", "write a path after the -")
			continue
		}
		file, good := r.path(k.where(), item, text, skipped)
		if good {
			files = append(files, EnvFile{Path: r.intern(file), Optional: optional})
		}
	}
	r.job.EnvFile = files
}

// daemonOnly are variables that mean something to the daemon's own process alone,
// or let who has them into the database.
var daemonOnly = []string{"NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_PID", "WATCHDOG_USEC", "CREDENTIALS_DIRECTORY", "LSH_DATABASE_URL", "SUPABASE_DB_URL", "LSH_DATABASE_PASSWORD_COMMAND"}

func (r *reader) inheritEnv(k *key, n *yaml.Node) {
	names, ok := r.words(k, n, true, func(item *yaml.Node) bool {
		switch {
		case !variableRule().MatchString(item.Value):
			r.problem(item, k.where(), quote(item.Value)+" is not a valid name of a variable", "name each variable; patterns are not known here")
		case slices.Contains(daemonOnly, item.Value), slices.Contains(reserved, item.Value):
			r.problem(item, k.where(), item.Value+" is never passed on to jobs", "remove it; set a variable of the job's own in env")
		default:
			return true
		}
		return false
	})
	if ok {
		slices.Sort(names)
		r.job.InheritEnv = slices.Compact(names)
	}
}

// umask takes the text as it is written: YAML reads 022 as eighteen, people mean octal.
func (r *reader) umask(k *key, n *yaml.Node) {
	if !isText(n) && (n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int") {
		r.wrongType(k, n)
		return
	}
	digits := strings.TrimPrefix(strings.TrimPrefix(n.Value, "0"), "o")
	if digits == "" && n.Value == "0" {
		digits = "0"
	}
	value, err := strconv.ParseUint(digits, 8, 32)
	if err != nil || value > 0o777 || len(digits) > 3 {
		r.wrongType(k, n)
		return
	}
	mask := uint32(value)
	r.job.Umask = &mask
}

func (r *reader) nice(k *key, n *yaml.Node) {
	if value, ok := r.number(k, n, -20, 19); ok {
		r.job.Nice = &value
	}
}

// path expands a path that a file names: ~, ${VAR}, and relative to the file.
func (r *reader) path(where string, n *yaml.Node, text string, offset int) (string, bool) {
	expanded, ok := r.expand(where, n, text, offset)
	if !ok {
		return "", false
	}
	switch {
	case expanded == "~":
		expanded = r.host.Home
	case strings.HasPrefix(expanded, "~/"):
		expanded = filepath.Join(r.host.Home, expanded[2:])
	case strings.HasPrefix(expanded, "~"):
		r.problemWithin(n, offset, where, "the home of another user is not known here", "write the whole path; ./~name is a file of that name")
		return "", false
	case expanded == "":
		r.problemWithin(n, offset, where, "the path is empty once its variables are filled in", "write a path, or leave the key out")
		return "", false
	case !filepath.IsAbs(expanded):
		expanded = filepath.Join(r.src.dir(), expanded)
	}
	return filepath.Clean(expanded), true
}
