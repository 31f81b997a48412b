package config

import (
	"slices"
)

// Field is one key of a job and the canonical text of its value.
type Field struct {
	Key   string // dotted, as stop.grace and env.PATH
	Value string // "" when there is none; "(set)" for a secret
}

// FieldChange is one key of a job whose value differs. Secrets are "(set)" before
// and "(changed)" after.
type FieldChange struct {
	Key    string `json:"key"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Fields returns every key of a job in the order of the table of keys, those
// without a value too, with one field for each variable of env.
func Fields(j *Job) []Field {
	var fields []Field
	for k := range leaves(jobKeys()) {
		if k.name != "env" {
			fields = append(fields, Field{k.where(), k.show(j)})
			continue
		}
		for _, v := range j.Env {
			fields = append(fields, Field{"env." + v.Name, hidden(true)})
		}
	}
	return fields
}

// Changed returns the keys in which two jobs differ, in the order of the table of
// keys; none when they say the same. Where a job stands in the files, and what
// follows from the host alone, is no difference.
func Changed(a, b *Job) []FieldChange {
	if same(a, b) {
		return nil
	}
	var changes []FieldChange
	for k := range leaves(jobKeys()) {
		switch k.name {
		case "env":
			changes = append(changes, changedEnv(a.Env, b.Env)...)
			continue
		case "stdin":
			if c, ok := secretChange("stdin", a.Stdin, b.Stdin, a.Stdin != "", b.Stdin != ""); ok {
				changes = append(changes, c)
			}
			continue
		}
		if before, after := k.show(a), k.show(b); before != after {
			changes = append(changes, FieldChange{k.where(), before, after})
		}
	}
	return changes
}

// changedEnv walks over two lists of variables, both sorted by name.
func changedEnv(a, b []EnvVar) []FieldChange {
	var changes []FieldChange
	add := func(name, before, after string, was, is bool) {
		if c, ok := secretChange("env."+name, before, after, was, is); ok {
			changes = append(changes, c)
		}
	}
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Name < b[0].Name:
			add(a[0].Name, a[0].Value, "", true, false)
			a = a[1:]
		case len(a) == 0 || b[0].Name < a[0].Name:
			add(b[0].Name, "", b[0].Value, false, true)
			b = b[1:]
		default:
			add(a[0].Name, a[0].Value, b[0].Value, true, true)
			a, b = a[1:], b[1:]
		}
	}
	return changes
}

func secretChange(name, before, after string, was, is bool) (FieldChange, bool) {
	switch {
	case was && is && before != after:
		return FieldChange{name, "(set)", "(changed)"}, true
	case was != is:
		return FieldChange{name, hidden(was), hidden(is)}, true
	}
	return FieldChange{}, false
}

// same tells jobs that say the same. A reload asks it of every job, nearly all of
// which have not changed, so it makes no texts.
func same(a, b *Job) bool {
	return a.Name == b.Name && a.Description == b.Description && a.Enabled == b.Enabled &&
		a.Timezone == b.Timezone && a.Jitter == b.Jitter && a.DST == b.DST &&
		a.Overlap == b.Overlap && a.Group == b.Group && a.Timeout == b.Timeout &&
		a.Stop == b.Stop && a.OnChange == b.OnChange &&
		slices.Equal(a.Tags, b.Tags) && slices.Equal(a.Schedule, b.Schedule) && slices.Equal(a.Success, b.Success) &&
		slices.Equal(a.Only.Hosts, b.Only.Hosts) && slices.Equal(a.Only.OS, b.Only.OS) &&
		sameProcess(&a.Process, &b.Process) && sameDurable(a, b)
}

func sameProcess(a, b *Process) bool {
	return a.Command == b.Command && a.Stdin == b.Stdin && a.Dir == b.Dir &&
		slices.Equal(a.Argv, b.Argv) && slices.Equal(a.Shell, b.Shell) &&
		slices.Equal(a.Env, b.Env) && slices.Equal(a.EnvFile, b.EnvFile) && slices.Equal(a.InheritEnv, b.InheritEnv) &&
		equal(a.Umask, b.Umask) && equal(a.Nice, b.Nice)
}

func equal[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}
