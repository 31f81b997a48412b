package config

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var nameRule = lazily(namePattern)

// setText reads a text into a field of the job.
func setText(field func(*Job) *string) func(*reader, *key, *yaml.Node) {
	return func(r *reader, k *key, n *yaml.Node) {
		if value, ok := r.text(k, n); ok {
			*field(r.job) = value
		}
	}
}

// name checks the name of a job, group or tag.
func (r *reader) name(n *yaml.Node, where, what string) bool {
	if nameRule().MatchString(n.Value) {
		return true
	}
	hint := "a name is made of a-z, 0-9, dots, dashes and underscores, and begins with a letter or digit"
	if valid := validName(n.Value); valid != "" {
		hint = "write " + valid
	}
	r.problem(n, where, quote(n.Value)+" is not a valid name of "+what, hint)
	return false
}

// validName makes a valid name of a text, "" when nothing is left of it.
func validName(text string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(text) {
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '_':
			b.WriteRune(c)
		default:
			b.WriteByte('-')
		}
	}
	name := strings.TrimLeft(b.String(), "-._")
	name = strings.TrimRight(name[:min(len(name), 63)], "-")
	return name
}

func (r *reader) tags(k *key, n *yaml.Node) {
	tags, ok := r.words(k, n, true, func(item *yaml.Node) bool { return r.name(item, k.where(), "a tag") })
	if ok {
		r.job.Tags = tags
	}
}

func (r *reader) enabled(k *key, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" && n.Decode(&r.job.Enabled) == nil {
		return
	}
	hint := k.shape.hint
	switch strings.ToLower(n.Value) {
	case "true", "yes", "y", "on", "1":
		hint = "write  enabled: true"
	case "false", "no", "n", "off", "0":
		hint = "write  enabled: false"
	}
	r.problem(n, k.where(), "expected "+k.shape.want+"; got "+r.describe(n), hint)
}

func (r *reader) onlyHosts(k *key, n *yaml.Node) {
	hosts, ok := r.words(k, n, false, func(item *yaml.Node) bool {
		if _, err := path.Match(item.Value, ""); err != nil {
			r.problem(item, k.where(), quote(item.Value)+" is not a pattern", `a pattern has *, ? and [a-z]; a \ makes the next character plain`)
			return false
		}
		return true
	})
	if ok {
		r.job.Only.Hosts = hosts
		r.job.Here, r.job.NotHere = r.job.Only.selects(r.host)
	}
}

func (r *reader) onlyOS(k *key, n *yaml.Node) {
	names, ok := r.words(k, n, false, func(item *yaml.Node) bool {
		if slices.Contains(systems, item.Value) {
			return true
		}
		hint := "write one of " + list(systems)
		switch near, ok := Nearest(item.Value, systems); {
		case strings.HasPrefix(strings.ToLower(item.Value), "mac"):
			hint = "did you mean darwin?"
		case ok:
			hint = "did you mean " + near + "?"
		}
		r.problem(item, k.where(), "unknown operating system "+quote(item.Value), hint)
		return false
	})
	if ok {
		r.job.Only.OS = names
		r.job.Here, r.job.NotHere = r.job.Only.selects(r.host)
	}
}

// selects says whether a job exists on a host, or why it does not.
func (o Only) selects(h Host) (bool, string) {
	if len(o.OS) > 0 && !slices.Contains(o.OS, h.OS) {
		return false, fmt.Sprintf("only.os is %s, this is %s", list(o.OS), h.OS)
	}
	if len(o.Hosts) == 0 {
		return true, ""
	}
	full := strings.ToLower(h.Name)
	label, _, _ := strings.Cut(full, ".")
	for _, pattern := range o.Hosts {
		for _, name := range []string{full, label} {
			if ok, err := path.Match(strings.ToLower(pattern), name); ok && err == nil {
				return true, ""
			}
		}
	}
	return false, fmt.Sprintf("only.hosts is %s, this is %s", list(o.Hosts), h.Name)
}
