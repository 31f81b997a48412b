package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

const (
	// maxExcerpt is how many cells of a line are shown, so that a caret stays under
	// its place on a terminal.
	maxExcerpt = 100
	// minExcerpt is what there is to see on any terminal.
	minExcerpt = 10
)

// Render returns a problem as people read it, ending in a newline: where and what,
// the line with a caret under the place, and what to write instead. Nothing in it
// but the colours steers a terminal.
func Render(p Problem, color bool) string { return RenderWithin(p, color, 0) }

// RenderWithin is Render for a terminal of a width in cells; 0 is any.
func RenderWithin(p Problem, color bool, width int) string {
	paint := func(code, text string) string {
		if !color {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	var b strings.Builder
	where, message := place(p), printable(p.Message)
	b.WriteString(paint("1", where))
	if width == 0 || cellsOf(where)+1+cellsOf(message) <= width {
		b.WriteString(" " + paint("31", message) + "\n")
	} else {
		for _, line := range wrap(message, width-2) {
			b.WriteString("\n  " + paint("31", line))
		}
		b.WriteString("\n")
	}
	if p.Line > 0 && strings.TrimSpace(p.Excerpt) != "" {
		number := strconv.Itoa(p.Line)
		most := maxExcerpt
		if width > 0 {
			// 2 are for where it was cut.
			most = max(minExcerpt, min(most, width-len("  ")-len(number)-len(" | ")-2))
		}
		text, indent := frame(p.Excerpt, p.Column, most)
		fmt.Fprintf(&b, "  %s %s\n", paint("2", number+" |"), text)
		fmt.Fprintf(&b, "  %s %s%s\n", paint("2", strings.Repeat(" ", len(number))+" |"), strings.Repeat(" ", indent), paint("31", "^"))
	}
	if p.Hint != "" {
		const label = "  hint: "
		hint := []string{printable(p.Hint)}
		if width > 0 {
			hint = wrap(hint[0], width-len(label))
		}
		b.WriteString("  " + paint("36", "hint:") + " " + strings.Join(hint, "\n"+strings.Repeat(" ", len(label))) + "\n")
	}
	return b.String()
}

// wrap breaks a text between its words into lines of at most so many cells; a
// longer word stays whole. Spaces within a line stay: they may be part of what is
// to be written.
func wrap(text string, width int) []string {
	var lines []string
	line, cells := "", 0
	for word := range strings.SplitAfterSeq(text, " ") {
		if w := cellsOf(strings.TrimRight(word, " ")); line != "" && cells+w > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line, cells = "", 0
		}
		line += word
		cells += cellsOf(word)
	}
	return append(lines, strings.TrimRight(line, " "))
}

func cellsOf(text string) int {
	at := 0
	for _, r := range text {
		_, width := cell(r, at)
		at += width
	}
	return at
}

func place(p Problem) string {
	where := printable(p.File)
	if p.Line > 0 {
		where += fmt.Sprintf(":%d:%d", p.Line, p.Column)
	}
	return where + ":"
}

// frame returns the part of a line around a column, of at most so many cells, and
// how many cells before it the column is. Tabs become spaces up to the next multiple of four.
func frame(line string, column, most int) (text string, indent int) {
	var cells []string // what each column shows
	var starts []int   // and at which cell
	at := 0
	for _, r := range line {
		shown, width := cell(r, at)
		cells, starts = append(cells, shown), append(starts, at)
		at += width
	}
	column = min(max(column-1, 0), len(cells))
	starts = append(starts, at)
	first, prefix := 0, ""
	if starts[column] > most*3/4 {
		prefix = "…"
		for starts[column]-starts[first] > most/2 {
			first++
		}
	}
	last := first
	for last < len(cells) && starts[last+1]-starts[first] < most {
		last++
	}
	text = prefix + strings.Join(cells[first:last], "")
	if last < len(cells) {
		text += "…"
	}
	return text, len([]rune(prefix)) + starts[column] - starts[first]
}

// cell returns what a character shows when it comes at a cell, and its width.
func cell(r rune, at int) (string, int) {
	switch {
	case r == '\t':
		width := 4 - at%4
		return strings.Repeat(" ", width), width
	case !unicode.IsPrint(r) && !unicode.Is(unicode.Mn, r):
		return "\ufffd", 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return string(r), 0
	case wide(r):
		return string(r), 2
	}
	return string(r), 1
}

// wide tells characters that take two cells: the blocks that Unicode's East Asian
// Width calls wide or fullwidth, and emoji.
func wide(r rune) bool {
	for _, block := range [...][2]rune{
		{0x1100, 0x115f},
		{0x2e80, 0x303e},
		{0x3041, 0xa4cf},
		{0xac00, 0xd7a3},
		{0xf900, 0xfaff},
		{0xfe30, 0xfe6f},
		{0xff00, 0xff60},
		{0xffe0, 0xffe6},
		{0x1f300, 0x1f64f},
		{0x1f680, 0x1f6ff},
		{0x1f900, 0x1f9ff},
		{0x20000, 0x3fffd},
	} {
		if block[0] <= r && r <= block[1] {
			return true
		}
	}
	return false
}

// printable replaces what a terminal would obey.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && !unicode.Is(unicode.Mn, r) && r != ' ' {
			return '\ufffd'
		}
		return r
	}, text)
}
