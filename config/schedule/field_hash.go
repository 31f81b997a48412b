package schedule

import (
	"fmt"
	"strings"
)

// hashed reads H, H(a-b), H/n and H(a-b)/n. Without a step H is one value of its
// range; with one it is where in the first step the values begin.
func (f fieldSpec) hashed(body word, stepped bool, step int, seed string) (string, *Error) {
	from, to := f.lowest, f.highestHash
	if body.text != "H" {
		var err *Error
		if from, to, err = f.hashRange(body); err != nil {
			return "", err
		}
	}
	size := to - from + 1
	h := hash(seed, f.name)
	if !stepped {
		return fmt.Sprint(from + int(h%uint64(size))), nil
	}
	if step > size {
		return "", errorAt(body.offset+len(body.text)+1, fmt.Sprintf("write a step of at most %d, or H alone", size),
			"the %s has the step %d in a range of %d", f.name, step, size)
	}
	return fmt.Sprintf("%d-%d/%d", from+int(h%uint64(step)), to, step), nil
}

// hashRange reads the range of H(a-b).
func (f fieldSpec) hashRange(body word) (from, to int, err *Error) {
	const prefix = "H("
	inner, closed := strings.CutSuffix(body.text[len(prefix):], ")")
	fromText, toText, isRange := strings.Cut(inner, "-")
	if !closed || !isRange {
		return 0, 0, errorAt(body.offset, fmt.Sprintf("write H(%d-%d), H or H/n", f.lowest, f.highestHash),
			"%q is not a %s", body.text, f.name)
	}
	at := body.offset + len(prefix)
	if from, err = f.value(word{fromText, at}); err != nil {
		return 0, 0, err
	}
	if to, err = f.value(word{toText, at + len(fromText) + 1}); err != nil {
		return 0, 0, err
	}
	if to > f.highestHash {
		return 0, 0, errorAt(at+len(fromText)+1, fmt.Sprintf("write a number from %d to %d", f.lowest, f.highestHash),
			"%s %d is out of range for H", f.name, to)
	}
	if from > to {
		return 0, 0, errorAt(at, fmt.Sprintf("write H(%d-%d)", to, from), "the %s range %s runs backwards", f.name, inner)
	}
	return from, to, nil
}
