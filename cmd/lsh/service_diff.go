package main

import (
	"fmt"
	"slices"
	"strings"
)

// unified is what must change in one text to make it another, in the form of diff -u; both are short.
func unified(path, from, to string) string {
	old, fresh := splitText(from), splitText(to)
	// same[i][j] is how many lines old[i:] and fresh[j:] have in common, in their order.
	same := make([][]int, len(old)+1)
	for i := range same {
		same[i] = make([]int, len(fresh)+1)
	}
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(fresh) - 1; j >= 0; j-- {
			if old[i] == fresh[j] {
				same[i][j] = same[i+1][j+1] + 1
			} else {
				same[i][j] = max(same[i+1][j], same[i][j+1])
			}
		}
	}
	var lines []string
	i, j := 0, 0
	for i < len(old) || j < len(fresh) {
		switch {
		case i < len(old) && j < len(fresh) && old[i] == fresh[j]:
			lines = append(lines, " "+old[i])
			i, j = i+1, j+1
		case i < len(old) && (j == len(fresh) || same[i+1][j] >= same[i][j+1]):
			lines = append(lines, "-"+old[i])
			i++
		default:
			lines = append(lines, "+"+fresh[j])
			j++
		}
	}
	return fmt.Sprintf("--- %s\n+++ %s, as lsh %s writes it\n%s", path, path, currentVersion(), hunks(lines))
}

// hunks are the lines that change with those around them, each run under the numbers of its first line before and after.
func hunks(lines []string) string {
	const context = 3
	near := func(at int) bool {
		around := lines[max(0, at-context):min(len(lines), at+context+1)]
		return slices.ContainsFunc(around, func(line string) bool { return line[0] != ' ' })
	}
	var b strings.Builder
	before, after, inside := 1, 1, false
	for at, line := range lines {
		shown := near(at)
		if shown && !inside {
			fmt.Fprintf(&b, "@@ -%d +%d @@\n", before, after)
		}
		if shown {
			b.WriteString(line + "\n")
		}
		inside = shown
		if line[0] != '+' {
			before++
		}
		if line[0] != '-' {
			after++
		}
	}
	return b.String()
}

func splitText(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}
