package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// choice is an answer that may be given, by its first letter or more of it.
type choice struct {
	word string
	text string // how it is offered
}

// choose asks until one of the choices is given. Where nothing more can be
// typed it is the last one, which must do no harm.
func (a *app) choose(ctx context.Context, question string, choices ...choice) (string, error) {
	if err := a.out.Flush(); err != nil {
		return "", err
	}
	var offers []string
	for _, c := range choices {
		offers = append(offers, c.text)
	}
	s := a.errStyle()
	for {
		fmt.Fprintf(a.stderr, "%s %s: ", s.bold(question), strings.Join(offers, ", "))
		line, err := readLine(ctx, a.stdin)
		if errors.Is(err, io.EOF) {
			fmt.Fprintln(a.stderr)
			return choices[len(choices)-1].word, nil
		}
		if err != nil {
			fmt.Fprintln(a.stderr)
			return "", err
		}
		typed := strings.ToLower(strings.TrimSpace(line))
		for _, c := range choices {
			if typed != "" && strings.HasPrefix(c.word, typed) {
				return c.word, nil
			}
		}
	}
}

// readLine reads one line and nothing after it: that belongs to whoever reads
// the terminal next, which may be an editor.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	type typed struct {
		line string
		err  error
	}
	read := make(chan typed, 1)
	go func() {
		var line []byte
		for {
			var b [1]byte
			n, err := r.Read(b[:])
			switch {
			case n == 1 && b[0] == '\n':
				read <- typed{string(line), nil}
				return
			case n == 1:
				line = append(line, b[0])
			case err != nil:
				read <- typed{"", err}
				return
			}
		}
	}()
	select {
	case t := <-read:
		return t.line, t.err
	case <-ctx.Done():
		return "", endOf(ctx)
	}
}
