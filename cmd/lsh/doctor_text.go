package main

import (
	"fmt"
	"strings"
)

// findingsJSON is the answer for programs.
type findingsJSON struct {
	Errors   int       `json:"errors"`
	Warnings int       `json:"warnings"`
	Notes    int       `json:"notes"`
	Checks   []finding `json:"checks"`
}

// printFindings prints what was found, a line for what is well and two for what is not.
func (a *app) printFindings(findings []finding) error {
	n := tally(findings)
	if a.json() {
		return a.printJSON(findingsJSON{n[stateError], n[stateWarning], n[stateNote], findings})
	}
	s, width := a.style(), a.width()
	const stateColumn, nameColumn = len(stateWarning) + columnGap, len("permissions") + columnGap
	for _, f := range findings {
		paint, text := s.findingPaint(f.State), []string{oneLine(f.Message)}
		if width > 0 {
			text = wrapWords(text[0], max(width-stateColumn-nameColumn, leastColumn))
		}
		a.printf("%s%s", paint(f.State), strings.Repeat(" ", stateColumn-len(f.State)))
		a.printf("%-*s", nameColumn, f.Name)
		for i, line := range text {
			if i > 0 {
				a.printf("%*s", stateColumn+nameColumn, "")
			}
			if f.State == stateOK {
				line = s.dim(line)
			}
			a.printf("%s\n", line)
		}
		if f.Hint != "" { // is copied: it is never broken or cut
			a.printf("%*s%s %s\n", stateColumn, "", s.dim("fix:"), oneLine(f.Hint))
		}
	}
	a.printf("\n%s\n", verdict(n))
	return nil
}

// verdict is the last line.
func verdict(n map[string]int) string {
	var parts []string
	for _, state := range []string{stateError, stateWarning, stateNote} {
		if n[state] > 0 {
			parts = append(parts, countOf(n[state], state))
		}
	}
	switch {
	case len(parts) == 0:
		return "Nothing is wrong."
	case n[stateError]+n[stateWarning] == 0:
		return fmt.Sprintf("Nothing is wrong (%s).", parts[0])
	}
	return strings.Join(parts, ", ") + "."
}

func (s style) findingPaint(state string) func(string) string {
	switch state {
	case stateError:
		return s.red
	case stateWarning:
		return s.yellow
	case stateNote:
		return s.blue
	}
	return s.green
}

// wrapWords breaks text between its words into lines of at most width columns; a longer word is left whole.
func wrapWords(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case textWidth(line)+1+textWidth(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
