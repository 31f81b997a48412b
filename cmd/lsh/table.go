package main

import (
	"io"
	"strings"
)

// columnGap is between columns.
const columnGap = 2

// cell is one text in a table; paint colours it after it has been cut, so
// that a colour is never cut in two.
type cell struct {
	text  string
	short string // says it in fewer words, for a terminal that is narrow
	paint func(string) string
}

// plain is a cell without colour.
func plain(text string) cell { return cell{text: text} }

// painted is a cell in a colour; nil for none.
func painted(text string, paint func(string) string) cell { return cell{text: text, paint: paint} }

// or is a cell that has a shorter text, too.
func (c cell) or(short string) cell {
	c.short = short
	return c
}

// column is the head of a column, and the width that it keeps for as long as
// others have more to give.
type column struct {
	name string
	keep int
}

// table is rows under heads. It never wraps but notes: where it does not fit the
// width, cells are said in fewer words, the last columns go when nothing could be
// read in them, and the widest are cut.
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
		cells[i].text, cells[i].short = oneLine(cells[i].text), oneLine(cells[i].short)
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
		t.shrink(widths, t.shorten(widths, width-t.indent), width-t.indent)
	}
	var b strings.Builder
	head := make([]cell, len(t.columns))
	for i, c := range t.columns {
		head[i] = painted(c.name, s.dim)
	}
	t.line(&b, head, widths)
	for i, row := range t.rows {
		t.line(&b, row, widths)
		if beneath[i] == "" {
			continue
		}
		const indent = 4
		for _, line := range wrapText(beneath[i], max(width-t.indent-indent, leastColumn), "") {
			t.line(&b, []cell{{}, painted(line, row[len(row)-1].paint)}, []int{indent - columnGap, textWidth(line)})
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
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
