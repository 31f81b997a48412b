package main

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// ellipsis ends text that was cut.
const ellipsis = "…"

// softHyphen is one of the characters for formatting, and yet terminals show it.
const softHyphen = 0xad

// cut is text in at most width columns.
func cut(text string, width int) string {
	if len(text) <= width || textWidth(text) <= width {
		return text
	}
	room := width - 1 // for the ellipsis
	for at, r := range text {
		if room -= runeWidth(r); room < 0 {
			return text[:at] + ellipsis
		}
	}
	return text
}

// fit is one line of text in at most width columns; width 0 cuts nothing.
func fit(text string, width int) string {
	if width == 0 {
		return text
	}
	return cut(text, width)
}

// textWidth is how many columns text takes.
func textWidth(text string) int {
	columns := 0
	for _, r := range text {
		columns += runeWidth(r)
	}
	return columns
}

// runeWidth is how many columns a terminal gives to one character: two to wide
// ones of East Asia and emoji, none to marks laid over the one before.
func runeWidth(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		return 1
	case r == softHyphen:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf), r >= 0x1160 && r <= 0x11ff: // vowels and finals of Hangul
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// pad is text filled with spaces to width columns.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-textWidth(text)))
}

// wrapText breaks text between its words into lines of at most width columns,
// each after the first behind hang. A word that is longer than a line is broken,
// too: nothing is left out. Width 0 breaks nothing.
func wrapText(text string, width int, hang string) []string {
	if width <= 0 || textWidth(text) <= width {
		return []string{text}
	}
	if textWidth(hang) >= width {
		hang = ""
	}
	var lines []string
	line, empty := "", true
	for word := range strings.SplitSeq(text, " ") {
		if !empty && textWidth(line)+1+textWidth(word) <= width {
			line += " " + word
			continue
		}
		if !empty {
			lines = append(lines, strings.TrimRight(line, " "))
			line, empty = hang, true
		}
		if word == "" {
			continue
		}
		for textWidth(line)+textWidth(word) > width {
			piece := beginning(word, width-textWidth(line))
			if piece == word {
				break
			}
			lines = append(lines, line+piece)
			line, word = hang, word[len(piece):]
		}
		line += word
		empty = false
	}
	if empty {
		return lines
	}
	return append(lines, strings.TrimRight(line, " "))
}

// beginning is as much of text as takes at most width columns, and one character
// at least.
func beginning(text string, width int) string {
	for at, r := range text {
		if width -= runeWidth(r); width < 0 && at > 0 {
			return text[:at]
		}
	}
	return text
}
