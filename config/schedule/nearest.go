package schedule

import "strings"

// nearest returns the candidate that differs from the text by the fewest edits,
// if by no more than limit. The case of letters does not count as a difference.
func nearest(text string, candidates []string, limit int) (string, bool) {
	best, distance := "", limit+1
	text = strings.ToLower(text)
	for _, c := range candidates {
		if d := edits(text, strings.ToLower(c), distance); d < distance {
			best, distance = c, d
		}
	}
	return best, best != ""
}

// edits returns the Levenshtein distance of two texts in bytes, or at least enough
// when it is not smaller than that.
func edits(a, b string, enough int) int {
	if len(a)-len(b) >= enough || len(b)-len(a) >= enough {
		return enough
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
