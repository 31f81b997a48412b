package main

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// What a terminal is told. The numbers are those of xterm, which all have taken
// over: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l" // another screen, no cursor, nothing wraps
	leaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	beginUpdate = "\x1b[?2026h" // show nothing of it before its end
	endUpdate   = "\x1b[?2026l"
	clearAll    = "\x1b[2J"
	clearRest   = "\x1b[K" // of the line
)

// screen is a terminal whose lines are drawn in place: only those that differ are
// written, so that nothing flickers.
type screen struct {
	tty    *os.File
	lines  []string // that it shows
	known  bool     // lines is what it shows
	within bool     // it is ours
	before *unix.Termios
}

func newScreen(tty *os.File) *screen { return &screen{tty: tty} }

// size is that of the terminal in columns and lines.
func (s *screen) size() (width, height int) {
	width, height, err := term.GetSize(int(s.tty.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}

// forget has the next draw write every line.
func (s *screen) forget() { s.known = false }

// draw shows lines from the top.
func (s *screen) draw(lines []string) error {
	var b strings.Builder
	if !s.within {
		s.within, s.known = true, false
		s.quiet()
		b.WriteString(enterScreen)
	}
	if !s.known {
		b.WriteString(clearAll)
		s.lines = nil
	}
	for i := range max(len(lines), len(s.lines)) {
		now, was := "", ""
		if i < len(lines) {
			now = lines[i]
		}
		if i < len(s.lines) {
			was = s.lines[i]
		}
		if now != was {
			// Cleared first: behind a line that is full the cursor stands on its
			// last character.
			b.WriteString("\x1b[" + strconv.Itoa(i+1) + ";1H" + clearRest + now)
		}
	}
	s.lines, s.known = lines, true
	if b.Len() == 0 {
		return nil
	}
	_, err := s.tty.WriteString(beginUpdate + b.String() + endUpdate)
	return err
}

// leave gives the terminal back as it was.
func (s *screen) leave() {
	if !s.within {
		return
	}
	s.within = false
	_, _ = s.tty.WriteString(leaveScreen) // one that is gone needs nothing
	if s.before != nil {
		_ = unix.IoctlSetTermios(int(s.tty.Fd()), setTermios, s.before)
		s.before = nil
	}
}

// quiet has what is typed not shown: it would stand in the middle of the screen.
// Ctrl-C and Ctrl-Z are what they are.
func (s *screen) quiet() {
	before, err := unix.IoctlGetTermios(int(s.tty.Fd()), getTermios)
	if err != nil {
		return
	}
	now := *before
	now.Lflag &^= unix.ECHO
	if unix.IoctlSetTermios(int(s.tty.Fd()), setTermios, &now) == nil {
		s.before = before
	}
}
