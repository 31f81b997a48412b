package schedule

import (
	"strconv"
	"time"
)

// The masks of fields that restrict nothing.
const (
	allDays     = 1<<32 - 2
	allMonths   = 1<<13 - 2
	allWeekdays = 1<<7 - 1
)

// dayWords says on which days a cron expression matches; "" for all. The rule for
// two restricted fields is Vixie cron's: either suffices, unless one has a star.
func (s *Schedule) dayWords() string {
	anyDay, anyWeekday := s.day == allDays, s.weekday == allWeekdays
	if !s.bothDays && (anyDay || anyWeekday) {
		anyDay, anyWeekday = true, true // either suffices, and one always does
	}
	months := s.monthWords()
	of := " of the month"
	if months != "" {
		of = " of " + months
		months = " in " + months
	}
	switch {
	case anyDay && anyWeekday && months == "":
		return ""
	case anyDay && anyWeekday:
		return "every day" + months
	case anyDay:
		return s.weekdayWords() + months
	case anyWeekday:
		return s.dateWords() + of
	case s.bothDays:
		return s.weekdayWords() + " that are also " + s.dateWords()[len("on "):] + of
	}
	return s.dateWords() + of + ", and " + s.weekdayWords() + months + " too (either day counts)"
}

// monthWords names the months; "" for all.
func (s *Schedule) monthWords() string {
	if s.month == allMonths {
		return ""
	}
	return listed(spans(bitsOf(uint64(s.month)), func(n int) string { return time.Month(n).String() }))
}

// weekdayWords are days of the week, counted from Monday: "on Mondays", "Monday to
// Friday".
func (s *Schedule) weekdayWords() string {
	var days []int
	for n := 1; n <= 7; n++ {
		if s.weekday&(1<<(n%7)) != 0 {
			days = append(days, n)
		}
	}
	name := func(n int) string { return time.Weekday(n % 7).String() }
	if len(days) > 2 && step(days) == 1 {
		return name(days[0]) + " to " + name(days[len(days)-1])
	}
	names := make([]string, len(days))
	for i, n := range days {
		names[i] = name(n) + "s"
	}
	return "on " + listed(names)
}

// dateWords are days of the month: "on the 1st and 15th".
func (s *Schedule) dateWords() string {
	days := bitsOf(uint64(s.day))
	if d := step(days); d > 1 && len(days) > fewTimes {
		return "on every " + ordinal(d) + " day from the " + ordinal(days[0]) + " to the " + ordinal(days[len(days)-1])
	}
	return "on the " + listed(spans(days, ordinal))
}

// ordinal is a number as in "1st".
func ordinal(n int) string {
	suffix := "th"
	if n/10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}
