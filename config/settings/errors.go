package settings

import "strings"

// Problem is one thing wrong with the settings.
type Problem struct {
	Where   string // file:line, the variable or the flag
	Message string
	Hint    string // what to write instead; may be empty
}

// String is the problem in one line.
func (p Problem) String() string {
	text := p.Where + ": " + p.Message
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}

// Problems are all that is wrong: config.yaml's by line, then those of the
// environment and the flags.
type Problems []Problem

// Error is one line for each.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}
