package output

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// block is what holes are made of, in bytes: they begin and end at multiples of it.
const block = 4096

// Cut is the part of an output that was dropped, by the offsets of what was printed.
type Cut struct {
	From  int64 `json:"from"`
	To    int64 `json:"to"`
	Total int64 `json:"total"` // printed when it was cut; a file shorter than that has been rewritten
}

// Dropped is how many bytes are missing.
func (c Cut) Dropped() int64 { return c.To - c.From }

// notePath is where the cut of a file is noted.
func notePath(path string) string { return path + ".cut" }

// cutOf reads what was cut of a file; a zero Cut when nothing was.
func cutOf(path string) Cut {
	var c Cut
	text, err := os.ReadFile(notePath(path))
	if err != nil || json.Unmarshal(text, &c) != nil || c.From < 0 || c.To < c.From {
		return Cut{}
	}
	return c
}

func (c Cut) note(path string) error {
	text, _ := json.Marshal(c)
	next := notePath(path) + ".new"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("note cut of output: %w", err)
	}
	return os.Rename(next, notePath(path))
}

// wanted is the cut that brings a file of some size down to a limit.
func wanted(size, limit int64) Cut {
	head := (limit/2 + block - 1) / block * block
	tail := max(0, size-(limit-limit/2)) / block * block
	return Cut{From: head, To: tail, Total: size}
}

// Trim cuts a file that has outgrown its limit, whoever is appending to it. It gives what is missing now. The error is ErrNoHoles where the
// file system cannot do it.
func Trim(path string, limit int64) (Cut, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Cut{}, err
	}
	before := cutOf(path)
	if info.Size() < before.Total {
		return before, nil // rewritten, and done with
	}
	c := wanted(info.Size(), limit)
	if c.To-max(c.From, before.To) < block {
		return before, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return before, err
	}
	defer f.Close()
	if err := c.note(path); err != nil {
		return before, err
	}
	if err := punch(f, c.From, c.To-c.From); err != nil {
		if before == (Cut{}) {
			_ = os.Remove(notePath(path)) // nothing is missing yet
		} else {
			_ = before.note(path)
		}
		return before, err
	}
	return c, nil
}

// Finish cuts a file whose run has ended for the last time.
func Finish(path string, limit int64) (Cut, error) {
	c, err := Trim(path, limit)
	if !errors.Is(err, ErrNoHoles) {
		return c, err
	}
	return rewrite(path, limit)
}

// rewrite puts head and tail into a new file that takes the place of the old one.
func rewrite(path string, limit int64) (Cut, error) {
	old, err := os.Open(path)
	if err != nil {
		return Cut{}, err
	}
	defer old.Close()
	info, err := old.Stat()
	if err != nil {
		return Cut{}, err
	}
	c := wanted(info.Size(), limit)
	next, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return Cut{}, err
	}
	_, err = io.Copy(next, io.MultiReader(io.NewSectionReader(old, 0, c.From), io.NewSectionReader(old, c.To, info.Size()-c.To)))
	if err = errors.Join(err, next.Close()); err == nil {
		if err = c.note(path); err == nil {
			err = os.Rename(path+".new", path)
		}
	}
	if err != nil {
		_ = os.Remove(path + ".new")
		return Cut{}, fmt.Errorf("shorten output: %w", err)
	}
	return c, nil
}
