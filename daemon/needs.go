package daemon

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/environ"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/ipc"
)

// needs gathers what jobs need and cannot find. Many jobs need the same: it is looked for once.
type needs struct {
	base []string // environment that every run has a part of
	path string   // in base
	home string
	seen map[need]*ipc.MissingUse // nil where nothing is missing
}

// need is one thing to look for.
type need struct{ kind, name, dir, path string }

func newNeeds(base []string, home string) *needs {
	return &needs{base: base, path: variable(base, "PATH"), home: home, seen: map[need]*ipc.MissingUse{}}
}

// of looks for what a job needs: its directory, its program, and of a command for the shell its first word, where that
// is plainly a program.
func (n *needs) of(job *config.Job) {
	p := &job.Process
	if n.lacks(job, need{kind: ipc.MissingDir, name: p.Dir, dir: p.Dir}) {
		return
	}
	path, own := n.pathOf(p)
	argv := p.Argv
	if argv == nil {
		argv = p.Shell
	}
	if len(argv) == 0 {
		return
	}
	program := need{kind: ipc.MissingCommand, name: argv[0], dir: p.Dir, path: path}
	if p.Argv == nil {
		program.kind = ipc.MissingShell
	}
	if n.lacks(job, program) {
		n.seen[program].OwnPath = own
		return
	}
	word, ok := leadingWord(p.Command)
	if p.Argv != nil || !ok || !plainShell(p.Shell) {
		return
	}
	if rest, is := strings.CutPrefix(word, "~/"); is {
		word = filepath.Join(n.home, rest)
	}
	program = need{kind: ipc.MissingCommand, name: word, dir: p.Dir, path: path}
	if n.lacks(job, program) {
		n.seen[program].OwnPath = own
	}
}

// lacks tells whether something is missing, and counts the job for it.
func (n *needs) lacks(job *config.Job, what need) bool {
	missing, looked := n.seen[what]
	if !looked {
		missing = what.look()
		n.seen[what] = missing
	}
	if missing == nil {
		return false
	}
	missing.Jobs.Add(job.Name)
	return true
}

func (w need) look() *ipc.MissingUse {
	s := process.Spec{Argv: []string{w.name}, Dir: w.dir, Env: []string{"PATH=" + w.path}}
	if w.kind == ipc.MissingDir {
		s.Argv = []string{"/"} // which is there, and no program
	}
	wrong, is := errors.AsType[*process.StartError](process.Find(s))
	if !is || w.kind == ipc.MissingDir && wrong.Op != process.OpDir {
		return nil
	}
	return &ipc.MissingUse{Kind: w.kind, Name: w.name, Reason: wrong.Err.Error(), Hint: wrong.Hint}
}

// pathOf is the PATH of a job's runs, and whether it is its own. An env file that cannot be read keeps the job from
// starting, which is said elsewhere.
func (n *needs) pathOf(p *config.Process) (path string, own bool) {
	set := slices.ContainsFunc(p.Env, func(v config.EnvVar) bool { return v.Name == "PATH" })
	if !set && len(p.EnvFile) == 0 {
		return n.path, false
	}
	env, err := environ.Of(p, n.base, nil, readEnvFile)
	if err != nil {
		return n.path, false
	}
	path = variable(env, "PATH")
	return path, path != n.path
}

// missing is what was not found, most wanted first, and how many more there are of it.
func (n *needs) missing() (some []ipc.MissingUse, more int) {
	const most = 20 // a reader wants no more
	var all []ipc.MissingUse
	for _, m := range n.seen {
		if m != nil {
			all = append(all, *m)
		}
	}
	slices.SortFunc(all, func(a, b ipc.MissingUse) int {
		return cmp.Or(cmp.Compare(b.Jobs.Count, a.Jobs.Count), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind))
	})
	some = all[:min(most, len(all))]
	return some, len(all) - len(some)
}

// needsOf is what the jobs of this host need and cannot find.
func needsOf(ctx context.Context, c *config.Config, base []string, home string) *needs {
	n := newNeeds(base, home)
	if c == nil {
		return n
	}
	for _, job := range c.Jobs {
		if ctx.Err() != nil {
			break
		}
		if job.Here && job.Enabled {
			n.of(job)
		}
	}
	return n
}

// variable is the value of an environment's variable.
func variable(env []string, name string) string {
	for _, entry := range env {
		if value, is := strings.CutPrefix(entry, name+"="); is {
			return value
		}
	}
	return ""
}

// plainShell tells a shell that takes its command as the POSIX one does, with the PATH that it is given: a login shell, and zsh
// always, reads files of the user's that may change it.
func plainShell(shell []string) bool {
	for _, arg := range shell[1:] {
		if option, is := strings.CutPrefix(arg, "-"); is && (strings.HasPrefix(option, "-") || strings.ContainsAny(option, "li")) {
			return false
		}
	}
	return slices.Contains([]string{"sh", "bash", "dash", "ash", "ksh"}, filepath.Base(shell[0]))
}

// leadingWord is the program that a command for the shell begins with, where that is plain: not a word of the shell itself,
// nothing that the shell would make another word of, and no name that the text may define. A text that has an "or" may know how to
// do without.
func leadingWord(text string) (string, bool) {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return "", false
	}
	word := fields[0]
	if bare, _, cut := strings.Cut(word, ";"); cut {
		word = bare
	}
	rest, _ := strings.CutPrefix(word, "~/")
	if rest == "" || slices.Contains(shellWords, word) || strings.Contains(text, "||") {
		return "", false
	}
	if strings.Contains(text, word+"()") || strings.Contains(text, word+" ()") || strings.Contains(text, "alias ") {
		return "", false
	}
	strange := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./+@%,", r))
	}
	return word, !strings.ContainsFunc(rest, strange)
}

// shellWords are what a shell knows by itself: the reserved words, special built-in and regular built-in utilities of
// POSIX, and those that common shells add.
var shellWords = []string{
	"if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "in", "function", "select", "time", "coproc",
	"break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift", "times", "trap", "unset", ".", ":",
	"alias", "bg", "cd", "command", "false", "fc", "fg", "getopts", "hash", "jobs", "kill", "newgrp", "pwd", "read", "true", "type",
	"ulimit", "umask", "unalias", "wait", "test", "echo", "printf", "builtin", "caller", "compgen", "complete", "declare", "dirs", "disown",
	"enable", "history", "let", "local", "logout", "mapfile", "popd", "pushd", "readarray", "shopt", "source", "suspend", "typeset",
	"autoload", "emulate", "noglob", "print", "setopt", "unsetopt", "whence", "where", "which", "zmodload",
}
