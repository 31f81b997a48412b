package main

import (
	"strings"
	"unicode"
)

// style colours text for a terminal, or leaves it alone.
type style struct{ on bool }

func (s style) paint(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) red(text string) string    { return s.paint("31", text) }
func (s style) green(text string) string  { return s.paint("32", text) }
func (s style) yellow(text string) string { return s.paint("33", text) }
func (s style) blue(text string) string   { return s.paint("34", text) }
func (s style) bold(text string) string   { return s.paint("1", text) }
func (s style) dim(text string) string    { return s.paint("2", text) }
func (s style) none(text string) string   { return text }

// oneLine is text that cannot move the cursor: texts come from files and from
// other people, and a description must not be able to repaint a terminal.
func oneLine(text string) string {
	if !strings.ContainsFunc(text, unruly) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unruly(r):
			return '�'
		}
		return r
	}, text)
}

// unruly is a control character, or one of those that reorder text.
func unruly(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
