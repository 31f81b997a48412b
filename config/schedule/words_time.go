package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// fewTimes is how many times of a day are told one by one.
const fewTimes = 6

// timeWords says at which times of a day the fields of the clock match: "at …"
// for some times, "every …" for a distance.
func (s *Schedule) timeWords() string {
	seconds, minutes, hours := bitsOf(s.second), bitsOf(s.minute), bitsOf(uint64(s.hour))
	onTheMinute := s.second == 1
	if len(seconds)*len(minutes)*len(hours) <= fewTimes {
		var times []string
		for _, h := range hours {
			for _, m := range minutes {
				for _, sec := range seconds {
					times = append(times, Local{Hour: h, Minute: m, Second: sec}.clock())
				}
			}
		}
		return "at " + listed(times)
	}
	first := Local{Hour: hours[0], Minute: minutes[0], Second: seconds[0]}.clock()
	last := Local{Hour: hours[len(hours)-1], Minute: minutes[len(minutes)-1], Second: seconds[len(seconds)-1]}.clock()
	if len(first) < len(last) {
		first += ":00"
	}
	within := ""
	if len(hours) < 24 {
		within = " from " + first + " to " + last
	}
	inARow := len(hours) == 24 || len(hours) == 1 || step(hours) == 1 || len(hours) == 2 && hours[1] == hours[0]+1
	switch {
	case !inARow || len(seconds) > 1 && len(minutes) < 60:
	case onTheMinute && even(minutes):
		return every(minutes, "minute") + startingAt(minutes, "minute") + within
	case even(seconds) && len(minutes) == 60:
		return every(seconds, "second") + startingAt(seconds, "second") + within
	}
	if len(seconds) == 1 && len(minutes) == 1 {
		return s.hourWords(hours, first, last)
	}
	return s.fieldWords(seconds, minutes, hours)
}

// hourWords says hours at one minute and second.
func (s *Schedule) hourWords(hours []int, first, last string) string {
	at := first[len("00"):]
	switch d := step(hours); {
	case len(hours) == 24 && s.minute == 1 && s.second == 1:
		return "every hour, on the hour"
	case len(hours) == 24:
		return "every hour, at " + at
	case d == 1:
		return "every hour from " + first + " to " + last
	case d > 1:
		return fmt.Sprintf("every %d hours from %s to %s", d, first, last)
	}
	return "at " + at + " past the hours " + listed(spans(hours, strconv.Itoa))
}

// fieldWords says the fields one by one, where they make no simple sentence.
func (s *Schedule) fieldWords(seconds, minutes, hours []int) string {
	text := "at "
	if s.second != 1 {
		text += fieldOf(seconds, "second", 60) + " of "
	}
	text += fieldOf(minutes, "minute", 60)
	switch {
	case len(hours) == 24 && len(minutes) == 60:
		return text
	case len(hours) == 24:
		return text + " of every hour"
	}
	return text + " of " + fieldOf(hours, "hour", 24)
}

// fieldOf is one field: "every minute", "minute 5", "minutes 5, 10 to 20 and 50".
func fieldOf(list []int, name string, all int) string {
	switch {
	case len(list) == all:
		return "every " + name
	case len(list) == 1:
		return name + " " + strconv.Itoa(list[0])
	}
	if d := step(list); d > 1 && len(list) > fewTimes {
		return fmt.Sprintf("%ss %d, %d, %d … %d", name, list[0], list[1], list[2], list[len(list)-1])
	}
	return name + "s " + listed(spans(list, strconv.Itoa))
}

// even tells whether values of 0 to 59 have one distance, also from the last to
// the first of the next round.
func even(list []int) bool {
	switch len(list) {
	case 1:
		return false
	case 2:
		return list[1]-list[0] == 30
	}
	d := step(list)
	return d > 0 && 60%d == 0 && len(list) == 60/d
}

func every(list []int, name string) string {
	if d := 60 / len(list); d > 1 {
		return "every " + counted(d, name)
	}
	return "every " + name
}

// startingAt says which values those are that do not begin with 0.
func startingAt(list []int, name string) string {
	if list[0] == 0 {
		return ""
	}
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.Itoa(n)
	}
	if len(texts) > fewTimes {
		texts = slices.Concat(texts[:2], []string{"… " + texts[len(texts)-1]})
		return ", at " + name + "s " + strings.Join(texts, ", ")
	}
	return ", at " + name + "s " + listed(texts)
}
