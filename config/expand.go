package config

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// expand replaces each ${VAR} of a text by the variable's value and $$ by a dollar
// sign; a $ before anything else stays, for the shell. The text begins at an offset
// of the node's value. A variable that is not known is a problem, except in a job
// that is not for this host, where nothing depends on it.
func (r *reader) expand(where string, n *yaml.Node, text string, offset int) (string, bool) {
	if !strings.Contains(text, "$") {
		return text, true
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '$' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		switch text[i+1] {
		case '$':
			b.WriteByte('$')
			i++
		case '{':
			name, _, closed := strings.Cut(text[i+2:], "}")
			if !closed {
				r.problemWithin(n, offset+i, where, "${ without a }", "write ${NAME}; $${ is a literal ${")
				return "", false
			}
			value, ok := r.variable(where, n, offset+i, name)
			if !ok {
				return "", false
			}
			b.WriteString(value)
			i += len(name) + 2
		default:
			b.WriteByte('$')
		}
	}
	return b.String(), true
}

func (r *reader) variable(where string, n *yaml.Node, offset int, name string) (string, bool) {
	if !variableRule().MatchString(name) {
		r.problemWithin(n, offset, where, "${…} does not hold the name of a variable", "write ${NAME}; $${ is a literal ${")
		return "", false
	}
	if name == "HOME" && r.host.Home != "" {
		return r.host.Home, true
	}
	if r.host.Getenv != nil {
		if value, ok := r.host.Getenv(name); ok {
			return value, true
		}
	}
	if r.job != nil && !r.job.Here {
		return "${" + name + "}", true
	}
	r.problemWithin(n, offset, where, "the variable "+name+" is not set", "set it for the daemon, or write $${"+name+"} for a literal ${"+name+"}")
	return "", false
}
