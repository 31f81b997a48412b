package config

import "strings"

// Nearest returns the known word that was probably meant by another: the one of
// the fewest slips of the pen (a letter left out, added, changed, or two letters
// swapped), the first of equals. It returns false when none is near enough to be
// worth a guess. Case does not matter.
func Nearest(word string, known []string) (string, bool) {
	folded := []rune(strings.ToLower(word))
	limit := len(folded)/3 + 1
	nearest, best := "", limit+1
	for _, candidate := range known {
		other := []rune(strings.ToLower(candidate))
		if max(len(other)-len(folded), len(folded)-len(other)) > limit {
			continue
		}
		d := distance(folded, other)
		if d >= max(len(folded), len(other)) || len(folded) <= 4 && d > max(1, len(other)-len(folded)) {
			continue // with most of a short word replaced it is another word, not a slip
		}
		if d < best || d == best && d <= limit && candidate < nearest {
			nearest, best = candidate, d
		}
	}
	return nearest, best <= limit
}

// distance is the optimal string alignment distance: edits and swaps of
// neighbours, each counting one.
func distance(a, b []rune) int {
	before := make([]int, len(b)+1)
	last := make([]int, len(b)+1)
	now := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		now[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			now[j+1] = min(last[j+1]+1, now[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
