package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

var (
	// errNoUnit is a number where a duration should be.
	errNoUnit = errors.New("no unit")
	// errTooLong is a duration that 64 bits of nanoseconds cannot hold.
	errTooLong = errors.New("longer than 292 years")
)

// ParseDuration reads a duration as jobs files write it: Go's syntax (1h30m,
// 1.5s, 100ms) with the units d of 24 hours and w of 7 days. It is never negative.
// The error says what is wrong with the text.
func ParseDuration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	if text == "" {
		return 0, errors.New("the duration is empty")
	}
	var sum time.Duration
	for rest := text; rest != ""; {
		part, after := cutPart(rest)
		d, err := parsePart(part)
		if errors.Is(err, errNoUnit) {
			return 0, fmt.Errorf("the duration %s has %w", quote(text), errNoUnit)
		}
		if errors.Is(err, errTooLong) || err == nil && d > math.MaxInt64-sum {
			return 0, fmt.Errorf("the duration %s is %w", quote(text), errTooLong)
		}
		if err != nil {
			return 0, fmt.Errorf("%s is not a duration", quote(text))
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
	if number == "" {
		return 0, strconv.ErrSyntax
	}
	if days == 0 {
		return time.ParseDuration(part)
	}
	d, err := time.ParseDuration(number + "h")
	if err != nil {
		return 0, err
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
