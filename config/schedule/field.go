package schedule

import (
	"fmt"
	"strconv"
	"strings"
)

// fieldSpec is what a field of a cron expression may hold.
type fieldSpec struct {
	name          string
	lowest        int
	highest       int
	highestHash   int      // H stays at or below it: every month has 28 days
	words         []string // names of the values, from lowest on
	sundayIsSeven bool     // 7 is another name of 0
}

// fieldSpecs are the fields of a cron expression, in order.
var fieldSpecs = [...]fieldSpec{
	{name: "second", highest: 59, highestHash: 59},
	{name: "minute", highest: 59, highestHash: 59},
	{name: "hour", highest: 23, highestHash: 23},
	{name: "day of month", lowest: 1, highest: 31, highestHash: 28},
	{name: "month", lowest: 1, highest: 12, highestHash: 12, words: []string{
		"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
	}},
	{name: "day of week", highest: 6, highestHash: 6, sundayIsSeven: true, words: []string{
		"sun", "mon", "tue", "wed", "thu", "fri", "sat",
	}},
}

// plain checks a field and returns it in the words robfig/cron understands: only
// stars, numbers, ranges, steps and lists, without H and without a weekday 7.
// robfig/cron itself would take empty items, signs and "*-5" without a word.
func (f fieldSpec) plain(w word, seed string) (string, *Error) {
	var out []string
	offset := w.offset
	for item := range strings.SplitSeq(w.text, ",") {
		if item == "" {
			return "", errorAt(offset, "take the comma out, or write a value beside it", "the %s has an empty item in its list", f.name)
		}
		text, err := f.plainItem(word{item, offset}, seed)
		if err != nil {
			return "", err
		}
		out = append(out, text)
		offset += len(item) + 1
	}
	return strings.Join(out, ","), nil
}

// plainItem reads one item of a list: a value, a range, a star or H, and a step.
func (f fieldSpec) plainItem(item word, seed string) (string, *Error) {
	body, stepText, stepped := strings.Cut(item.text, "/")
	step := 1
	if stepped {
		var err *Error
		if step, err = f.step(word{stepText, item.offset + len(body) + 1}); err != nil {
			return "", err
		}
	}
	switch {
	case body == "":
		return "", errorAt(item.offset, fmt.Sprintf("write */%d", step), "the %s has a step without a start", f.name)
	case (body[0] == '*' || body[0] == '?') && len(body) > 1:
		return "", errorAt(item.offset, fmt.Sprintf("write %s alone, or with a step as in */5", body[:1]), "the %s has %q", f.name, body)
	case body == "*", body == "?":
		return item.text, nil
	case body == "H", strings.HasPrefix(body, "H("):
		return f.hashed(word{body, item.offset}, stepped, step, seed)
	default:
		return f.ranged(word{body, item.offset}, stepped, step)
	}
}

// step reads what follows a slash.
func (f fieldSpec) step(w word) (int, *Error) {
	step, ok := number(w.text)
	if !ok || step == 0 {
		return 0, errorAt(w.offset, "write a whole number of at least 1 after the slash, as in */5",
			"the %s has the step %q", f.name, w.text)
	}
	return step, nil
}

// ranged reads a value or a range of values.
func (f fieldSpec) ranged(body word, stepped bool, step int) (string, *Error) {
	fromText, toText, isRange := strings.Cut(body.text, "-")
	from, err := f.value(word{fromText, body.offset})
	if err != nil {
		return "", err
	}
	to := from
	switch {
	case isRange:
		at := word{toText, body.offset + len(fromText) + 1}
		if to, err = f.value(at); err != nil {
			return "", err
		}
		// A week that ends on Sunday: fri-sun.
		if f.sundayIsSeven && to == 0 && from > 0 && strings.EqualFold(toText, f.words[0]) {
			to = 7
		}
	case stepped:
		// A value with a step goes on to the end of the field.
		to = max(from, f.highest)
	}
	if from > to {
		return "", f.reversed(body, from, to)
	}
	if to <= f.highest {
		if stepped {
			return fmt.Sprintf("%d-%d/%d", from, to, step), nil
		}
		return fmt.Sprintf("%d-%d", from, to), nil
	}
	var days []string
	for day := from; day <= to; day += step {
		days = append(days, strconv.Itoa(day%7))
	}
	return strings.Join(days, ","), nil
}

// reversed says that a range runs backwards and how to write it.
func (f fieldSpec) reversed(body word, from, to int) *Error {
	return errorAt(body.offset, fmt.Sprintf("write %s,%s", span(from, f.highest), span(f.lowest, to)),
		"the %s range %s runs backwards", f.name, body.text)
}

func span(from, to int) string {
	if from == to {
		return strconv.Itoa(from)
	}
	return fmt.Sprintf("%d-%d", from, to)
}

// value reads a number or a name.
func (f fieldSpec) value(w word) (int, *Error) {
	for i, name := range f.words {
		if strings.EqualFold(w.text, name) {
			return f.lowest + i, nil
		}
	}
	highest := f.highest
	if f.sundayIsSeven {
		highest++
	}
	n, ok := number(w.text)
	if ok && f.lowest <= n && n <= highest {
		return n, nil
	}
	if ok {
		return 0, errorAt(w.offset, fmt.Sprintf("write a number from %d to %d", f.lowest, highest),
			"%s %s is out of range", f.name, w.text)
	}
	return 0, f.unknown(w, highest)
}

// unknown says that a value is neither a number nor a name.
func (f fieldSpec) unknown(w word, highest int) *Error {
	hint := fmt.Sprintf("write a number from %d to %d", f.lowest, highest)
	if f.words != nil {
		hint += fmt.Sprintf(" or a name from %s to %s", f.words[0], f.words[len(f.words)-1])
	}
	hint += ", a range a-b, a list a,b, a star, a step */n, or H"
	if len(w.text) > 3 && f.words != nil {
		if near, ok := nearest(w.text[:3], f.words, 0); ok {
			hint = "write " + near
		}
	} else if strings.HasPrefix(w.text, "h") && f.words == nil {
		hint = "write a capital H"
	}
	if w.text == "" {
		return errorAt(w.offset, hint, "the %s lacks a value", f.name)
	}
	return errorAt(w.offset, hint, "%q is not a %s", w.text, f.name)
}

// number reads a decimal number of digits only. What is too long for any field
// becomes a number that is out of range of all of them.
func number(text string) (int, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > 1_000_000 {
		return 1_000_000, true
	}
	return n, true
}
