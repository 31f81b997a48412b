package schedule

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/robfig/cron/v3"
)

// maxText bounds the length of a schedule, in bytes. An expression that lists
// every value of every field is shorter.
const maxText = 1024

const fieldsHint = `write five fields, "minute hour day-of-month month day-of-week", or six with seconds first; or a name such as @daily`

// word is a part of a text without white space, and where it begins.
type word struct {
	text   string
	offset int
}

// Parse reads a schedule: five cron fields, six with seconds first, or one of the
// names @hourly @daily @midnight @weekly @monthly @yearly @annually @every @start
// and @boot. Every error is an *[Error]. A schedule that can never come, such as
// one for 30 February, is an error too.
func Parse(text string, o Options) (*Schedule, error) {
	s, err := parse(text, o)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func parse(text string, o Options) (*Schedule, *Error) {
	if len(text) > maxText {
		return nil, errorAt(maxText, "make it a list of schedules", "the schedule is longer than %d bytes", maxText)
	}
	words := split(text)
	if len(words) == 0 {
		return nil, errorAt(0, fieldsHint, "the schedule is empty")
	}
	s := &Schedule{text: text, loc: o.Location, dst: o.DST}
	if s.loc == nil {
		s.loc = time.Local
	}
	if strings.HasPrefix(words[0].text, "@") {
		return s, s.parseName(words, o.Seed)
	}
	if err := checkZone(words[0]); err != nil {
		return nil, err
	}
	return s, s.parseFields(words, o.Seed)
}

func split(text string) []word {
	var words []word
	rest := text
	for {
		rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		if rest == "" {
			return words
		}
		end := strings.IndexFunc(rest, unicode.IsSpace)
		if end < 0 {
			end = len(rest)
		}
		words = append(words, word{rest[:end], len(text) - len(rest)})
		rest = rest[end:]
	}
}

// checkZone refuses the zone prefix of other crons: a job has one zone, which its
// other times share, and robfig/cron's parser panics on some of these.
func checkZone(w word) *Error {
	key, zone, found := strings.Cut(w.text, "=")
	if !found || key != "TZ" && key != "CRON_TZ" {
		return nil
	}
	if zone == "" {
		zone = "Europe/Berlin"
	}
	return errorAt(w.offset, fmt.Sprintf("take it out and write `timezone: %s` beside the schedule", zone),
		"a schedule cannot set %s", key)
}

// parseFields reads a cron expression into the schedule's masks.
func (s *Schedule) parseFields(words []word, seed string) *Error {
	specs := fieldSpecs[:]
	if len(words) == len(specs)-1 {
		specs = specs[1:]
	}
	if len(words) != len(specs) {
		return wrongCount(words)
	}
	plain := make([]string, 0, len(fieldSpecs))
	if len(words) < len(fieldSpecs) {
		plain = append(plain, "0")
	}
	for i, spec := range specs {
		text, err := spec.plain(words[i], seed)
		if err != nil {
			return err
		}
		plain = append(plain, text)
	}
	spec, err := parseCron(strings.Join(plain, " "))
	if err != nil {
		return errorAt(words[0].offset, fieldsHint, "%v", err)
	}
	s.kind = KindCron
	s.second, s.minute = clean(spec.Second, 59), clean(spec.Minute, 59)
	s.hour, s.day = uint32(clean(spec.Hour, 23)), uint32(clean(spec.Dom, 31))
	s.month, s.weekday = uint16(clean(spec.Month, 12)), uint8(clean(spec.Dow, 6))
	// Vixie cron asks for the first character alone, so that */2 is a star as well;
	// robfig/cron does not count that one, so the stars come from the text.
	day, weekday := words[len(words)-3], words[len(words)-1]
	s.bothDays = starred(day.text) || starred(weekday.text)
	if _, ok := s.match(0); !ok {
		return errorAt(day.offset, "take a day that one of them has: February has at most 29 days, April, June, September and November have 30",
			"the schedule never comes: no such day in the months it names")
	}
	return nil
}

func starred(field string) bool {
	return strings.HasPrefix(field, "*") || strings.HasPrefix(field, "?")
}

// clean drops what is not a value of a field: robfig/cron's star bit.
func clean(mask uint64, highest int) uint64 {
	return mask & (1<<(highest+1) - 1)
}

// parseCron runs robfig/cron's parser on six checked fields. Its panics, of which
// none is known for such fields, become errors.
func parseCron(fields string) (spec *cron.SpecSchedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parse schedule: %v", r)
		}
	}()
	parser := cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	parsed, err := parser.Parse(fields)
	if err != nil {
		return nil, fmt.Errorf("parse schedule: %w", err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("parse schedule: %q is not a cron expression", fields)
	}
	return spec, nil
}

// wrongCount says that there are too few or too many fields, and guesses what
// was meant.
func wrongCount(words []word) *Error {
	first := words[0]
	hint := fieldsHint
	if d, err := parseDuration(words[len(words)-1].text); err == nil && d > 0 && len(words) <= 2 {
		hint = "write @every " + words[len(words)-1].text
	} else if name, ok := nearest("@"+first.text, names, 0); ok && len(words) == 1 {
		hint = "write " + name
	}
	if len(words) > len(fieldSpecs) {
		return errorAt(words[len(fieldSpecs)].offset, hint, "the schedule has %d fields", len(words))
	}
	if len(words) == 1 {
		return errorAt(first.offset, hint, "%q is not a schedule", first.text)
	}
	return errorAt(first.offset, hint, "the schedule has %d fields", len(words))
}
