package main

import (
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// ellipsis ends text that was cut.
const ellipsis = "…"

// leastColumn is what any column keeps when the terminal is too narrow.
const leastColumn = 6

// columnGap is between columns.
const columnGap = 2

// cell is one text in a table; paint colours it after it has been cut, so
// that a colour is never cut in two.
type cell struct {
	text  string
	paint func(string) string
}

// plain is a cell without colour.
func plain(text string) cell { return cell{text: text} }

// column is the head of a column, and the width that it keeps for as long as
// others have more to give.
type column struct {
	name string
	keep int
}

// table is rows under heads. It never wraps but notes: what does not fit the
// width is cut, the widest column first.
type table struct {
	columns []column
	rows    [][]cell
	indent  int
	// notes has the last column take what the others leave, and what does not
	// fit there stand under its row, whole.
	notes bool
}

func newTable(columns ...column) *table { return &table{columns: columns} }

func (t *table) add(cells ...cell) {
	for i := range cells {
		cells[i].text = oneLine(cells[i].text)
	}
	t.rows = append(t.rows, cells)
}

// write prints the table; width 0 cuts nothing. Columns empty in every row
// are left out.
func (t *table) write(w io.Writer, width int, s style) error {
	widths := t.natural()
	beneath := make([]string, len(t.rows))
	switch {
	case width == 0:
	case t.notes:
		beneath = t.takeNotes(widths, width-t.indent)
	default:
		t.shrink(widths, width-t.indent)
	}
	var b strings.Builder
	head := make([]cell, len(t.columns))
	for i, c := range t.columns {
		head[i] = cell{c.name, s.dim}
	}
	t.line(&b, head, widths)
	for i, row := range t.rows {
		t.line(&b, row, widths)
		if beneath[i] == "" {
			continue
		}
		const indent = 4
		for _, line := range wrapText(beneath[i], max(width-t.indent-indent, leastColumn)) {
			t.line(&b, []cell{{}, {line, row[len(row)-1].paint}}, []int{indent - columnGap, textWidth(line)})
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// natural is the width that each column wants, 0 for one without content.
func (t *table) natural() []int {
	widths := make([]int, len(t.columns))
	for _, row := range t.rows {
		for i, c := range row {
			widths[i] = max(widths[i], textWidth(c.text))
		}
	}
	for i, c := range t.columns {
		if widths[i] > 0 {
			widths[i] = max(widths[i], textWidth(c.name))
		}
	}
	return widths
}

// takeNotes makes room for the last column: what is left, when that is as much
// as it keeps, else none. It returns what of it goes under each row, and takes
// that out of the rows.
func (t *table) takeNotes(widths []int, room int) (beneath []string) {
	last := len(widths) - 1
	wanted := widths[last]
	widths[last] = 0
	left := room - total(widths) - columnGap
	if left < min(wanted, t.columns[last].keep) {
		left = 0
	}
	beneath = make([]string, len(t.rows))
	for i, row := range t.rows {
		if w := textWidth(row[last].text); w <= left {
			if w > 0 {
				widths[last] = min(wanted, left)
			}
			continue
		}
		beneath[i] = row[last].text
		t.rows[i] = append(slices.Clone(row[:last]), cell{paint: row[last].paint})
	}
	t.shrink(widths, room)
	return beneath
}

// wrapText breaks text between its words into lines of at most width columns. A
// longer word is cut.
func wrapText(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = cut(word, width)
		case textWidth(line)+1+textWidth(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = cut(word, width)
		}
	}
	return append(lines, line)
}

// shrink takes from the widest column until all fit: first down to what each
// keeps, then further; a terminal too narrow even for that loses its last
// columns.
func (t *table) shrink(widths []int, room int) {
	keep := func(i int) int { return max(t.columns[i].keep, leastColumn) }
	shrinkTo(widths, room, keep)
	shrinkTo(widths, room, func(int) int { return leastColumn })
	for i := len(widths) - 1; i > 0 && total(widths) > room; i-- {
		widths[i] = 0
	}
	widths[0] = min(widths[0], max(room, 1))
}

func shrinkTo(widths []int, room int, least func(int) int) {
	for excess := total(widths) - room; excess > 0; excess = total(widths) - room {
		widest, second := -1, 0
		for i, w := range widths {
			switch {
			case w <= least(i):
			case widest < 0 || w > widths[widest]:
				if widest >= 0 {
					second = widths[widest]
				}
				widest = i
			default:
				second = max(second, w)
			}
		}
		if widest < 0 {
			return
		}
		// Down to the next widest at most, so that two wide columns share
		// the loss.
		w := widths[widest]
		widths[widest] -= min(excess, max(1, w-second), w-least(widest))
	}
}

func total(widths []int) int {
	sum := -columnGap
	for _, w := range widths {
		if w > 0 {
			sum += w + columnGap
		}
	}
	return sum
}

func (t *table) line(b *strings.Builder, cells []cell, widths []int) {
	pending := t.indent
	for i, c := range cells {
		if widths[i] == 0 {
			continue
		}
		text := cut(c.text, widths[i])
		if text != "" {
			b.WriteString(strings.Repeat(" ", pending))
			pending = 0
			if c.paint != nil {
				b.WriteString(c.paint(text))
			} else {
				b.WriteString(text)
			}
		}
		pending += widths[i] - textWidth(text) + columnGap
	}
	b.WriteByte('\n')
}

// cut is text in at most width columns.
func cut(text string, width int) string {
	if len(text) <= width || textWidth(text) <= width {
		return text
	}
	room := width - 1 // for the ellipsis
	for at, r := range text {
		if room -= runeWidth(r); room < 0 {
			return text[:at] + ellipsis
		}
	}
	return text
}

// fit is one line of text in at most width columns; width 0 cuts nothing.
func fit(text string, width int) string {
	if width == 0 {
		return text
	}
	return cut(text, width)
}

// textWidth is how many columns text takes.
func textWidth(text string) int {
	columns := 0
	for _, r := range text {
		columns += runeWidth(r)
	}
	return columns
}

// runeWidth is how many columns a terminal gives to one character: two to wide
// ones of East Asia and emoji, none to marks laid over the one before.
func runeWidth(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}
