package schedule

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Words says when the schedule comes due, in the words of a person, without its
// zone. It tells what the fields mean and not how they are written: what is
// written in two ways and means the same is said alike. H is said as the value
// that it stands for.
func (s *Schedule) Words() string {
	switch s.kind {
	case KindStart:
		return "when the daemon starts"
	case KindBoot:
		return "once per boot of the machine"
	case KindEvery:
		return "every " + durationWords(s.distance)
	}
	times, days := s.timeWords(), s.dayWords()
	switch inDay := strings.HasPrefix(times, "at ") && s.hour != allHours; {
	case inDay && days == "":
		return "every day " + times
	case inDay:
		return days + " " + times
	case days == "":
		return times
	}
	return times + ", " + days
}

// ClockWords says what a change of the clock does to the schedule; "" where it
// can do nothing.
func (s *Schedule) ClockWords() string {
	switch {
	case s.kind == KindStart || s.kind == KindBoot:
		return ""
	case s.Elapsed():
		return "by elapsed time: no change of the clock adds or takes a slot"
	}
	gap := "a time that a change of the clock skips comes at the end of the gap"
	if s.dst.Gap == GapSkip {
		gap = "a time that a change of the clock skips does not come"
	}
	if s.dst.Overlap == OverlapBoth {
		return gap + ", one that comes twice counts both times"
	}
	return gap + ", one that comes twice counts the first time"
}

// durationWords is a duration as in "1 hour 30 minutes".
func durationWords(d time.Duration) string {
	var parts []string
	rest := d
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"week", 7 * 24 * time.Hour}, {"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		n := rest / unit.size
		if n == 0 || unit.name == "week" && rest%unit.size != 0 {
			continue
		}
		rest -= n * unit.size
		if n == d/unit.size && n == 1 && rest == 0 {
			return unit.name
		}
		parts = append(parts, counted(int(n), unit.name))
	}
	if rest > 0 {
		parts = append(parts, rest.String())
	}
	return strings.Join(parts, " ")
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// listed joins texts with commas and a last "and".
func listed(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " and " + items[last]
}

// bitsOf are the values of a mask.
func bitsOf(mask uint64) []int {
	var list []int
	for ; mask != 0; mask &= mask - 1 {
		list = append(list, bits.TrailingZeros64(mask))
	}
	return list
}

// step is the distance between values that all have the same, 0 for others and
// for fewer than three.
func step(list []int) int {
	if len(list) < 3 {
		return 0
	}
	d := list[1] - list[0]
	for i := range list[1:] {
		if list[i+1]-list[i] != d {
			return 0
		}
	}
	return d
}

// spans are the values in texts, three or more that follow each other as a range.
func spans(list []int, name func(int) string) []string {
	var texts []string
	for i := 0; i < len(list); {
		end := i
		for end+1 < len(list) && list[end+1] == list[end]+1 {
			end++
		}
		if end-i >= 2 {
			texts = append(texts, name(list[i])+" to "+name(list[end]))
			i = end + 1
			continue
		}
		texts = append(texts, name(list[i]))
		i++
	}
	return texts
}
