package daemon

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// explainKeys says in words what the keys of a job come to that shape a run or
// decide about one, also those that are not written.
func explainKeys(job *config.Job, facts declaredFacts) []ipc.ExplainedKey {
	var keys []ipc.ExplainedKey
	add := func(key, words string, parts ...string) {
		k := ipc.ExplainedKey{Key: key, Words: words}
		k.Written, k.Default = facts.written(append(parts, key)...)
		keys = append(keys, k)
	}
	add("command", commandWords(job))
	add("dir", job.Dir)
	add("stdin", stdinWords(job.Stdin))
	add("umask", umaskWords(job.Umask))
	add("nice", niceWords(job.Nice))
	add("timeout", timeoutWords(job))
	add("stop", fmt.Sprintf("%s to every process of the run, KILL %s later", job.Stop.Signal, config.FormatDuration(job.Stop.Grace)), "stop.signal", "stop.grace")
	add("success", codesWords(job.Success))
	add("retry", retryWords(job.Retry), "retry.max", "retry.delay", "retry.max_delay", "retry.on")
	add("overlap", overlapWords(job.Overlap))
	add("group", groupWords(job.Group, facts.limit))
	if len(job.Slots) > 0 {
		add("jitter", jitterWords(job))
		add("catch_up", catchUpWords(job), "catch_up", "catch_up_within")
	}
	add("on_change", changeWords(job.OnChange))
	add("output", fmt.Sprintf("%s of each run are kept, with its last %d runs, for %s",
		config.FormatSize(job.Output.MaxSize), job.Output.KeepRuns, config.FormatDuration(job.Output.KeepFor)),
		"output.max_size", "output.keep_runs", "output.keep_for")
	return keys
}

func commandWords(job *config.Job) string {
	if job.Argv != nil {
		return "a list, executed as it is"
	}
	return "a text, run by the shell " + strings.Join(job.Shell, " ")
}

func stdinWords(text string) string {
	if text == "" {
		return "empty"
	}
	return fmt.Sprintf("a text of %d bytes", len(text))
}

func umaskWords(mask *uint32) string {
	if mask == nil {
		return "the daemon's"
	}
	return fmt.Sprintf("%03o", *mask)
}

func niceWords(nice *int) string {
	if nice == nil {
		return "the daemon's"
	}
	return strconv.Itoa(*nice)
}

func timeoutWords(job *config.Job) string {
	if job.Timeout == 0 {
		return "none: a run may take as long as it will"
	}
	return config.FormatDuration(job.Timeout) + ", then the run is stopped"
}

func codesWords(codes []int) string {
	texts := make([]string, len(codes))
	for i, code := range codes {
		texts[i] = strconv.Itoa(code)
	}
	if len(texts) == 1 {
		return "exit code " + texts[0]
	}
	return "exit codes " + strings.Join(texts, ", ")
}

func retryWords(r config.Retry) string {
	if r.Max == 0 {
		return "never: a run that fails is not begun again"
	}
	times := "once more"
	if r.Max > 1 {
		times = fmt.Sprintf("up to %d more times", r.Max)
	}
	text := fmt.Sprintf("%s, after %s at most", times, config.FormatDuration(min(r.Delay, r.MaxDelay)))
	if r.Max > 1 && r.Delay < r.MaxDelay {
		text += ", which doubles up to " + config.FormatDuration(r.MaxDelay)
	}
	if len(r.On) > 0 {
		text += "; only after " + codesWords(r.On)
	}
	return text
}

func overlapWords(o config.Overlap) string {
	switch o {
	case config.OverlapQueue:
		return "queue: a slot that comes due while a run is in progress waits for its end, one at most"
	case config.OverlapReplace:
		return "replace: a slot that comes due while a run is in progress stops that run and takes its place"
	case config.OverlapAllow:
		return "allow: a slot that comes due while a run is in progress runs beside it"
	case config.OverlapSkip:
	}
	return "skip: a slot that comes due while a run is in progress is skipped"
}

func groupWords(group string, limit int) string {
	if group == "" {
		return "none"
	}
	return fmt.Sprintf("%s: at most %d of its jobs' runs at a time", group, limit)
}

func jitterWords(job *config.Job) string {
	if job.Jitter == 0 {
		return "none: each slot is due on time"
	}
	return fmt.Sprintf("each slot is due %s later: the job's share of %s on this host", config.FormatDuration(job.Delay), config.FormatDuration(job.Jitter))
}

func catchUpWords(job *config.Job) string {
	within := config.FormatDuration(job.CatchUpWithin)
	switch job.CatchUp {
	case config.CatchUpOne:
		return "one: of the slots that were missed within " + within + " the last one runs"
	case config.CatchUpAll:
		return "all: of the slots that were missed within " + within + " each runs, one after the other"
	case config.CatchUpNone:
	}
	return "none: slots that were missed do not run"
}

func changeWords(c config.OnChange) string {
	switch c.Action {
	case config.ChangeRestart:
		return "restart: when the process changes, a run in progress is stopped and begins again"
	case config.ChangeSignal:
		return "when the process changes, a run in progress gets " + c.Signal
	case config.ChangeFinish:
	}
	return "finish: when the process changes, a run in progress ends as it began"
}

// firstWord is the program that a text for a shell begins with, as far as a
// glance can tell: "" where it may be the shell's own, or stand for something else.
func firstWord(job *config.Job) string {
	shells := []string{"sh", "ash", "bash", "dash", "ksh", "zsh"}
	if job.Argv != nil || !slices.Contains(shells, filepath.Base(job.Shell[0])) {
		return ""
	}
	words := strings.Fields(job.Command)
	if len(words) == 0 || strings.ContainsFunc(words[0], func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_./+", r)
	}) {
		return ""
	}
	// Of POSIX, and what bash and zsh add to that.
	own := strings.Fields(`. : alias bg bind break builtin case cd command continue coproc declare dirs disown do echo emulate enable eval exec
		exit export false fg for function getopts hash history if jobs kill let local logout mapfile noglob popd print printf pushd pwd read readarray
		readonly repeat return select set setopt shift shopt source suspend test time times trap true type typeset ulimit umask unalias unset until
		wait while zmodload`)
	if slices.Contains(own, words[0]) {
		return ""
	}
	return words[0]
}
