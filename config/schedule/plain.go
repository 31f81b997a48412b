package schedule

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Plain is the schedule as a machine that does not know the seed can read it: what
// H and @every take from the seed is written out. [ParsePlain] reads it.
func (s *Schedule) Plain() string {
	words := split(s.text)
	switch {
	case s.kind == KindEvery:
		return s.text + "+" + s.offset.String()
	case s.kind != KindCron || len(words) < len(fieldSpecs)-1: // a name
		return s.text
	}
	masks := [...]uint64{s.second, s.minute, uint64(s.hour), uint64(s.day), uint64(s.month), uint64(s.weekday)}
	first := len(masks) - len(words)
	fields := make([]string, len(words))
	hashed := false
	for i, w := range words {
		items := strings.Split(w.text, ",")
		for n, item := range items {
			if body, _, _ := strings.Cut(item, "/"); body == "H" || strings.HasPrefix(body, "H(") {
				// All values of the field stand for this one: the others are among them.
				items[n], hashed = values(masks[first+i]), true
			}
		}
		fields[i] = strings.Join(items, ",")
	}
	if !hashed {
		return s.text
	}
	return strings.Join(fields, " ")
}

// values lists the bits of a mask.
func values(mask uint64) string {
	var list []string
	for ; mask != 0; mask &= mask - 1 {
		list = append(list, strconv.Itoa(bits.TrailingZeros64(mask)))
	}
	return strings.Join(list, ",")
}

// ParsePlain reads what [Schedule.Plain] has written. The seed of the options is
// of no account.
func ParsePlain(text string, o Options) (*Schedule, error) {
	rule, offset, every := strings.Cut(text, "+")
	s, err := Parse(rule, o)
	if err != nil || !every {
		return s, err
	}
	at, err := time.ParseDuration(offset)
	if err != nil || s.kind != KindEvery {
		return nil, fmt.Errorf("parse schedule: %q is not the offset of a schedule", offset)
	}
	s.offset = at
	return s, nil
}
