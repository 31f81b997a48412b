package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// durationError is a text that is no duration, and what was probably meant.
type durationError struct{ message, hint string }

func (e *durationError) Error() string { return e.message }

// Why a part of a duration cannot be used.
var (
	errNoUnit  = errors.New("no unit")
	errTooLong = errors.New("longer than 292 years") // more than 64 bits of nanoseconds hold
	errSyntax  = errors.New("not a duration")
)

// ParseDuration reads a duration as jobs files write it: Go's syntax (1h30m,
// 1.5s, 100ms) with the units d of 24 hours and w of 7 days. It is never negative.
// The error says what is wrong with the text.
func ParseDuration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	d, err := sumParts(text)
	switch {
	case err == nil:
		return d, nil
	case text == "":
		return 0, &durationError{"the duration is empty", ""}
	case errors.Is(err, errNoUnit):
		return 0, &durationError{"the duration " + quote(text) + " has no unit", "write " + shorten(text) + "s or " + shorten(text) + "m"}
	case errors.Is(err, errTooLong):
		return 0, &durationError{"the duration " + quote(text) + " is longer than 292 years", "write something shorter, or leave the key out"}
	}
	return 0, notDuration(text)
}

// notDuration guesses what was meant by a text that is not in the syntax.
func notDuration(text string) *durationError {
	hint := func(guess string) string {
		if _, err := sumParts(guess); err != nil {
			return ""
		}
		return "write " + guess
	}
	if positive, ok := strings.CutPrefix(text, "-"); ok {
		message := "the duration " + quote(text) + " is negative"
		switch _, err := sumParts(positive); {
		case err == nil:
			return &durationError{message, "write " + positive}
		case errors.Is(err, errNoUnit):
			return &durationError{message, "write " + positive + "s or " + positive + "m"}
		}
	}
	joined := strings.Join(strings.Fields(text), "")
	if guess := hint(joined); guess != "" {
		return &durationError{"the duration " + quote(text) + " has a space in it", guess}
	}
	if m := spelledOut().FindStringSubmatch(joined); m != nil {
		return &durationError{"the unit of the duration " + quote(text) + " is not known", hint(m[1] + strings.ToLower(m[2][:1]))}
	}
	return &durationError{quote(text) + " is not a duration", ""}
}

var spelledOut = lazily(`^(?i)([0-9.]+)(seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?)$`)

// sumParts adds up the parts of a duration.
func sumParts(text string) (time.Duration, error) {
	if text == "" {
		return 0, errSyntax
	}
	var sum time.Duration
	for rest := text; rest != ""; {
		part, after := cutPart(rest)
		d, err := parsePart(part)
		if err != nil {
			return 0, err
		}
		if d > math.MaxInt64-sum {
			return 0, errTooLong
		}
		sum += d
		rest = after
	}
	return sum, nil
}

// cutPart cuts a number and its unit off the start of a text.
func cutPart(text string) (part, rest string) {
	i := 0
	for i < len(text) && (text[i] == '.' || '0' <= text[i] && text[i] <= '9') {
		i++
	}
	for i < len(text) && text[i] != '.' && (text[i] < '0' || text[i] > '9') {
		i++
	}
	return text[:i], text[i:]
}

func parsePart(part string) (time.Duration, error) {
	unit := strings.TrimLeft(part, ".0123456789")
	number := strings.TrimSuffix(part, unit)
	days := time.Duration(0)
	switch unit {
	case "":
		return 0, errNoUnit
	case "d":
		days = 1
	case "w":
		days = 7
	}
	if number == "" || strings.Count(number, ".") > 1 || number == "." {
		return 0, errSyntax
	}
	if days > 0 {
		unit = "h"
	}
	if _, err := time.ParseDuration("1" + unit); err != nil {
		return 0, errSyntax
	}
	d, err := time.ParseDuration(number + unit)
	if err != nil { // the number and the unit are good, so it is their product
		return 0, errTooLong
	}
	if days == 0 {
		return d, nil
	}
	if d > math.MaxInt64/(24*days) {
		return 0, errTooLong
	}
	return d * 24 * days, nil
}

// FormatDuration returns the canonical text of a duration, which ParseDuration
// reads back: 90m is 1h30m, 36h is 1d12h, nothing is 0s.
func FormatDuration(d time.Duration) string {
	if d < 0 {
		return "-" + FormatDuration(-max(d, -math.MaxInt64))
	}
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if n := d / unit.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + unit.name)
			d -= n * unit.size
		}
	}
	if d > 0 {
		b.WriteString(d.String())
	}
	return b.String()
}
