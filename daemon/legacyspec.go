package daemon

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

const (
	legacyShell     = "shell"
	legacyScheduled = "scheduled"
	legacyPriority  = 5
)

// legacySpec is a job as addJob is told of it.
type legacySpec struct {
	ID           string                     `json:"id"`
	Name         string                     `json:"name"`
	Command      string                     `json:"command"`
	Args         []string                   `json:"args"`
	Env          map[string]json.RawMessage `json:"env"`
	Cwd          string                     `json:"cwd"`
	User         string                     `json:"user"`
	Tags         []string                   `json:"tags"`
	Description  string                     `json:"description"`
	Type         string                     `json:"type"`
	Priority     *legacyNumber              `json:"priority"`
	Timeout      legacyNumber               `json:"timeout"` // ms
	MaxRetries   legacyNumber               `json:"maxRetries"`
	DatabaseSync *bool                      `json:"databaseSync"`
	Enabled      *bool                      `json:"enabled"`
	Schedule     struct {
		Cron     string       `json:"cron"`
		Interval legacyNumber `json:"interval"` // ms
		Timezone string       `json:"timezone"`
	} `json:"schedule"`
}

// legacyRecord is what is kept of a job for this protocol alone. It stands in
// the first line of its definition, as a comment: it lasts as long as that.
type legacyRecord struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	CreatedAt    time.Time `json:"createdAt,omitzero"`
	Type         string    `json:"type"`
	Command      string    `json:"command"`
	Args         []string  `json:"args,omitempty"`
	User         string    `json:"user,omitempty"`
	Tags         []string  `json:"tags,omitempty"`
	Priority     float64   `json:"priority"`
	MaxRetries   int       `json:"maxRetries"`
	DatabaseSync bool      `json:"databaseSync"`
	Cron         string    `json:"cron,omitempty"`
	Interval     float64   `json:"interval,omitempty"`
}

// legacyMark begins the line of the record.
const legacyMark = "# first protocol: "

// recordOf reads the record of a definition; false when it has none.
func recordOf(definition string) (legacyRecord, bool) {
	rest, marked := strings.CutPrefix(definition, legacyMark)
	if !marked {
		return legacyRecord{}, false
	}
	line, _, _ := strings.Cut(rest, "\n")
	var r legacyRecord
	err := json.Unmarshal([]byte(line), &r)
	return r, err == nil && r.ID != ""
}

// record is what is kept of s.
func (s *legacySpec) record(now time.Time) legacyRecord {
	r := legacyRecord{
		ID: s.ID, Name: s.Name, CreatedAt: now.UTC().Truncate(time.Millisecond), Type: s.Type, Command: s.Command, Args: s.Args, User: s.User, Tags: once(s.Tags),
		Priority: legacyPriority, MaxRetries: int(min(s.MaxRetries, math.MaxInt32)), DatabaseSync: s.DatabaseSync == nil || *s.DatabaseSync,
		Cron: s.Schedule.Cron, Interval: float64(s.Schedule.Interval),
	}
	if r.ID == "" {
		r.ID = legacyID(now)
	}
	if r.User == "" {
		r.User = config.UserName(os.Geteuid())
	}
	if s.Priority != nil {
		r.Priority = float64(*s.Priority)
	}
	switch {
	case r.Type != "":
	case r.Cron != "" || r.Interval > 0:
		r.Type = legacyScheduled
	default:
		r.Type = legacyShell
	}
	return r
}

// legacyID is an id for a job that came without one.
func legacyID(now time.Time) string {
	return fmt.Sprintf("job_%d_%09s", now.UnixMilli(), strconv.FormatUint(rand.Uint64N(36*36*36*36*36*36*36*36*36), 36))
}

// check refuses what can be no job.
func (s *legacySpec) check() error {
	switch {
	case s.Name == "":
		return ipc.Errorf(ipc.CodeInvalidParams, "Job name is required")
	case s.Command == "":
		return ipc.Errorf(ipc.CodeInvalidParams, "Job command is required")
	}
	for what, n := range map[string]legacyNumber{"timeout": s.Timeout, "maxRetries": s.MaxRetries, "interval": s.Schedule.Interval} {
		if n < 0 {
			return ipc.Errorf(ipc.CodeInvalidParams, "%s is negative: %v", what, float64(n))
		}
	}
	return nil
}

// definition is s as it would stand in a jobs file, under its record.
func (s *legacySpec) definition(r legacyRecord) (string, error) {
	record, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("add job %s: %w", s.Name, err)
	}
	var b strings.Builder
	b.WriteString(legacyMark + inASCII(record) + "\n")
	put := func(key, value string) { fmt.Fprintf(&b, "%s: %s\n", key, value) }
	put("command", strconv.Quote(shellLine(s.Command, s.Args)))
	if s.Description != "" {
		put("description", strconv.Quote(s.Description))
	}
	if tags := s.tags(); len(tags) > 0 {
		put("tags", "["+strings.Join(tags, ", ")+"]")
	}
	if s.Enabled != nil && !*s.Enabled {
		put("enabled", "false")
	}
	if dir, err := s.dir(); err != nil {
		return "", err
	} else if dir != "" {
		put("dir", strconv.Quote(literal(dir)))
	}
	if when := s.when(); when != "" {
		put("schedule", strconv.Quote(when))
		if s.Schedule.Timezone != "" {
			put("timezone", strconv.Quote(s.Schedule.Timezone))
		}
	}
	if s.Timeout > 0 {
		put("timeout", milliseconds(s.Timeout))
	}
	if r.MaxRetries > 0 {
		put("retry", fmt.Sprintf("{max: %d}", r.MaxRetries))
	}
	return b.String() + s.variables(), nil
}

// tags are those that a job here can have, each once.
func (s *legacySpec) tags() []string {
	var tags []string
	for _, tag := range s.Tags {
		if name := legacyName(tag); name != "" {
			tags = append(tags, strconv.Quote(name))
		}
	}
	return once(tags)
}

// once are texts in their order, without those that have come before.
func once(texts []string) []string {
	var kept []string
	seen := map[string]bool{}
	for _, text := range texts {
		if !seen[text] {
			seen[text], kept = true, append(kept, text)
		}
	}
	return kept
}

// dir is where the command runs. A relative directory is the home's, and so is
// one that begins with ~/.
func (s *legacySpec) dir() (string, error) {
	if s.Cwd == "" || filepath.IsAbs(s.Cwd) {
		return s.Cwd, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find directory %s: %w", s.Cwd, err)
	}
	if s.Cwd == "~" {
		return home, nil
	}
	return filepath.Join(home, strings.TrimPrefix(s.Cwd, "~/")), nil
}

// when is the schedule; "" for a job by hand. An interval of 0 is none, and one
// that is shorter than any here is the shortest.
func (s *legacySpec) when() string {
	switch {
	case s.Schedule.Cron != "":
		return s.Schedule.Cron
	case s.Schedule.Interval > 0:
		return "@every " + milliseconds(max(s.Schedule.Interval, 1000))
	}
	return ""
}

// variables are those that a job can set. Clients send their whole environment,
// and there may be others in it.
func (s *legacySpec) variables() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		value := string(s.Env[name])
		if value == "null" || !config.MayBeSet(name) {
			continue
		}
		_ = json.Unmarshal(s.Env[name], &value) // what is no string is taken as it is written
		fmt.Fprintf(&b, "  %s: %s\n", name, strconv.Quote(literal(value)))
	}
	if b.Len() == 0 {
		return ""
	}
	return "env:\n" + b.String()
}

// literal is a text that a jobs file expands to what it was.
func literal(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// milliseconds is a number of them as a jobs file writes it.
func milliseconds(n legacyNumber) string { return strconv.FormatFloat(float64(n), 'f', -1, 64) + "ms" }

// shellLine is a command with arguments that the shell leaves as they are.
func shellLine(command string, args []string) string {
	for _, arg := range args {
		command += " '" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return command
}

// inASCII is JSON that holds no letter beyond ASCII, and nothing that a
// comment in YAML must not hold.
func inASCII(raw []byte) string {
	var b bytes.Buffer
	for _, r := range string(raw) {
		switch {
		case r >= ' ' && r < 0x7f:
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// legacyName makes a name of ours from one that may hold anything; "" when
// nothing is left of it.
func legacyName(name string) string {
	const most = 50 // a number may follow
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_':
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	made := strings.Trim(b.String(), "-._")
	if len(made) > most {
		made = strings.TrimRight(made[:most], "-._")
	}
	return made
}
