package schedule

import (
	"fmt"
	"strings"
)

// namedInNote is how many times lost in a gap a note names one by one.
const namedInNote = 4

// gapNote says that times do not exist and where they went.
func gapNote(lost []Local, end Local) string {
	if len(lost) == 1 {
		return fmt.Sprintf("%s does not exist on %s → %s", lost[0].clock(), lost[0].date(), end.clock())
	}
	var clocks []string
	for _, l := range lost[:min(len(lost), namedInNote)] {
		clocks = append(clocks, l.clock())
	}
	if len(lost) > namedInNote {
		clocks = append(clocks, "…")
	}
	return fmt.Sprintf("%s do not exist on %s → %s", strings.Join(clocks, ", "), lost[0].date(), end.clock())
}

// overlapNote says which pass of a repeated time a slot is: pass 0 is the first
// of so many.
func overlapNote(nominal Local, pass, of int) string {
	times := "twice"
	if of > 2 {
		times = fmt.Sprintf("%d times", of)
	}
	name := fmt.Sprintf("pass %d", pass+1)
	switch pass {
	case 0:
		name = "first pass"
	case 1:
		name = "second pass"
	}
	return fmt.Sprintf("%s happens %s on %s: %s", nominal.clock(), times, nominal.date(), name)
}
