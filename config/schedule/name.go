package schedule

import (
	"strings"
	"time"
)

// names are the schedules that begin with @.
var names = []string{
	"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually", "@every", "@start", "@boot",
}

// expression returns the cron fields that a name stands for, or "".
func expression(name string) string {
	switch name {
	case "@hourly":
		return "0 * * * *"
	case "@daily", "@midnight":
		return "0 0 * * *"
	case "@weekly":
		return "0 0 * * 0"
	case "@monthly":
		return "0 0 1 * *"
	case "@yearly", "@annually":
		return "0 0 1 1 *"
	default:
		return ""
	}
}

// parseName reads a schedule that begins with @.
func (s *Schedule) parseName(words []word, seed string) *Error {
	name, rest := words[0], words[1:]
	if name.text == "@every" {
		return s.parseEvery(name, rest, seed)
	}
	fields := expression(name.text)
	switch {
	case name.text == "@start":
		s.kind = KindStart
	case name.text == "@boot":
		s.kind = KindBoot
	case fields == "":
		return unknownName(name)
	}
	if len(rest) > 0 {
		return errorAt(rest[0].offset, "write "+name.text+" alone", "%s takes nothing after it", name.text)
	}
	if fields == "" {
		return nil
	}
	return s.parseFields(split(fields), seed)
}

func unknownName(name word) *Error {
	hint := "write one of " + strings.Join(names, " ")
	if name.text == "@reboot" {
		hint = "write @boot (once per boot of the machine) or @start (whenever the daemon starts)"
	} else if near, ok := nearest(name.text, names, 2); ok {
		hint = "did you mean " + near + "?"
	}
	return errorAt(name.offset, hint, "%q is not a schedule", name.text)
}

// parseEvery reads the duration of @every.
func (s *Schedule) parseEvery(name word, rest []word, seed string) *Error {
	const hint = "write a duration such as @every 15m, @every 1h30m or @every 2d"
	if len(rest) == 0 {
		return errorAt(name.offset, hint, "@every needs a duration")
	}
	if len(rest) > 1 {
		return errorAt(rest[1].offset, hint, "@every takes one duration, without spaces")
	}
	distance, err := parseDuration(rest[0].text)
	if err != nil {
		return errorAt(rest[0].offset, hint, "%q is not a duration", rest[0].text)
	}
	if distance < time.Second {
		return errorAt(rest[0].offset, "write @every 1s or longer", "@every %s is shorter than a second", rest[0].text)
	}
	s.kind = KindEvery
	s.distance = distance
	s.offset = time.Duration(hash(seed, "every") % uint64(distance))
	if distance%time.Second == 0 {
		s.offset = s.offset.Truncate(time.Second)
	}
	return nil
}
