package main

import (
	"fmt"
	"strings"
)

// unified is what must change in one text to make it another, in the form of diff -u with all lines; both are short.
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
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s, as lsh %s writes it\n@@ -1,%d +1,%d @@\n", path, path, version, len(old), len(fresh))
	i, j := 0, 0
	for i < len(old) || j < len(fresh) {
		switch {
		case i < len(old) && j < len(fresh) && old[i] == fresh[j]:
			b.WriteString(" " + old[i] + "\n")
			i, j = i+1, j+1
		case i < len(old) && (j == len(fresh) || same[i+1][j] >= same[i][j+1]):
			b.WriteString("-" + old[i] + "\n")
			i++
		default:
			b.WriteString("+" + fresh[j] + "\n")
			j++
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
