package main

// labels print texts behind their labels, whole, in lines that fit the terminal.
type labels struct {
	*app
	margin int    // where the texts begin
	least  int    // the room that they have in any terminal
	hang   string // before each line of a text but its first
}

// line prints one; a text that is empty has none. A nil paint leaves it as it is.
func (l labels) line(label, text string, paint func(string) string) {
	if text == "" {
		return
	}
	if paint == nil {
		paint = l.style().none
	}
	for _, part := range wrapText(oneLine(text), l.room(l.margin, l.least), l.hang) {
		l.printf("%s %s\n", l.style().dim(pad(label, l.margin-1)), paint(part))
		label = ""
	}
}

// room is how wide a text may be behind a margin: least at least, 0 where nothing is broken.
func (a *app) room(margin, least int) int {
	width := a.width()
	if width == 0 {
		return 0
	}
	return max(width-margin, least)
}
