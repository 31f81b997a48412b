package main

import "slices"

const (
	// leastColumn is what any column keeps, however narrow the terminal.
	leastColumn = 6
	// legibleColumn is how much of a column that could be wider is still of use.
	legibleColumn = 12
)

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
	kept := t.shorten(widths, room)
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
	t.shrink(widths, kept, room)
	return beneath
}

// shorten says cells in fewer words, the last columns first, until every column
// has what it keeps. It returns that: all of a column that could have been said so.
func (t *table) shorten(widths []int, room int) (kept []int) {
	kept = make([]int, len(widths))
	for i, w := range widths {
		kept[i] = min(w, t.keep(i))
		if t.hasShort(i) {
			kept[i] = w
		}
	}
	for i := len(widths) - 1; i >= 0 && total(kept) > room; i-- {
		if widths[i] == 0 || !t.hasShort(i) {
			continue
		}
		widths[i] = textWidth(t.columns[i].name)
		for _, row := range t.rows {
			if row[i].short != "" {
				row[i].text = row[i].short
			}
			widths[i] = max(widths[i], textWidth(row[i].text))
		}
		kept[i] = min(widths[i], t.keep(i))
	}
	return kept
}

func (t *table) hasShort(i int) bool {
	return slices.ContainsFunc(t.rows, func(row []cell) bool { return row[i].short != "" })
}

func (t *table) keep(i int) int { return max(t.columns[i].keep, leastColumn) }

// legible is the least of a column in which something can be read.
func (t *table) legible(i int) int {
	if t.hasShort(i) { // which says no more than it must
		return t.keep(i)
	}
	return min(t.keep(i), legibleColumn)
}

// shrink makes the columns fit. The last ones go while others would have less
// than can be read; then the widest give, down to what each keeps, and further.
func (t *table) shrink(widths, kept []int, room int) {
	legible, least := make([]int, len(widths)), make([]int, len(widths))
	for i, w := range widths {
		legible[i] = t.legible(i)
		least[i] = min(w, legible[i])
	}
	for i := len(widths) - 1; i > 0 && total(least) > room; i-- {
		least[i], widths[i] = 0, 0
	}
	shrinkTo(widths, room, kept)
	shrinkTo(widths, room, legible)
	widths[0] = min(widths[0], max(room, 1))
}

func shrinkTo(widths []int, room int, least []int) {
	for excess := total(widths) - room; excess > 0; excess = total(widths) - room {
		widest, second := -1, 0
		for i, w := range widths {
			switch {
			case w <= least[i]:
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
		widths[widest] -= min(excess, max(1, w-second), w-least[widest])
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
