package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The units of sizes.
const (
	kibibyte int64 = 1 << 10
	mebibyte int64 = 1 << 20
	gibibyte int64 = 1 << 30
)

// ParseSize reads a size in bytes as jobs files write it: a whole number that is not 0, with K, M or G for powers of 1024.
func ParseSize(text string) (int64, error) {
	unit := int64(1)
	number := text
	for suffix, size := range map[string]int64{"K": kibibyte, "M": mebibyte, "G": gibibyte} {
		if n, is := strings.CutSuffix(text, suffix); is {
			number, unit = n, size
		}
	}
	n, err := strconv.ParseUint(number, 10, 63)
	if err != nil || n == 0 || strings.HasPrefix(number, "+") || int64(n) > math.MaxInt64/unit {
		return 0, fmt.Errorf("%q is not a size", text)
	}
	return int64(n) * unit, nil
}

// FormatSize is the canonical text of a size, which ParseSize reads back.
func FormatSize(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{gibibyte, "G"}, {mebibyte, "M"}, {kibibyte, "K"}} {
		if n >= unit.size && n%unit.size == 0 {
			return strconv.FormatInt(n/unit.size, 10) + unit.name
		}
	}
	return strconv.FormatInt(n, 10)
}
