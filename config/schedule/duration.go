package schedule

import (
	"errors"
	"math"
	"strings"
	"time"
)

var errDuration = errors.New("not a duration")

// parseDuration reads Go's syntax for durations, in which a day d (24 hours) and a
// week w may be used as well, as in "1w2d" or "1.5d".
func parseDuration(text string) (time.Duration, error) {
	if text == "" {
		return 0, errDuration
	}
	var sum time.Duration
	for text != "" {
		digits := len(text) - len(strings.TrimLeft(text, "0123456789."))
		rest := strings.TrimLeft(text[digits:], "hmsnuµμdw")
		unit := text[digits : len(text)-len(rest)]
		scale := time.Duration(1)
		switch unit {
		case "d":
			unit, scale = "h", 24
		case "w":
			unit, scale = "h", 24*7
		}
		part, err := time.ParseDuration(text[:digits] + unit)
		if err != nil || digits == 0 || part > math.MaxInt64/scale || part*scale > math.MaxInt64-sum {
			return 0, errDuration
		}
		sum += part * scale
		text = rest
	}
	return sum, nil
}
