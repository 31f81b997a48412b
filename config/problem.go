package config

import "fmt"

// Problem is one thing wrong with a jobs file, and what to write instead.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // from 1; 0 when the whole file is meant
	Column  int    `json:"column"` // from 1, in characters
	Key     string `json:"key"`    // dotted path, as jobs.backup.timeout
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Excerpt string `json:"excerpt"` // the line itself
}

// Problems are all that is wrong with a set of files, in the order of the
// files and lines. It is the error of Load.
type Problems []Problem

// Error is the first problem in one line, and how many more there are.
func (p Problems) Error() string {
	if len(p) == 0 {
		return "no problems"
	}
	first := fmt.Sprintf("%s:%d:%d: %s", p[0].File, p[0].Line, p[0].Column, p[0].Message)
	if len(p) == 1 {
		return first
	}
	return fmt.Sprintf("%s (and %d more)", first, len(p)-1)
}
