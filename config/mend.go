package config

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Of a file that is no YAML the parser tells the first slip alone. So that all that
// is wrong can be told at once, each slip is mended in memory and the file is read
// again. What comes of that is looked at for more mistakes and never accepted: what
// was meant is for its writer to say.

const (
	mostSlips = 20       // in one file that are mended
	mostWork  = 32 << 20 // bytes that are parsed to find them; it bounds the time
)

// mending is a file whose slips are being mended.
type mending struct {
	*reader
	copy  *source     // the text, as far as it is mended
	tried map[int]int // how often each line was
	last  slip
}

// mend reads on in a file that was refused. It notes every slip, and returns what
// the file then is; nil when the rest cannot be read.
func (r *reader) mend(err error) (root, more *yaml.Node) {
	m := &mending{
		reader: r, tried: map[int]int{},
		copy: &source{path: r.src.path, keys: r.src.keys, text: bytes.Clone(r.src.text), user: r.src},
	}
	r.src.moved = map[int]int{}
	for range mostSlips {
		if !m.step(err) || m.copy.work > mostWork {
			break
		}
		if root, more, err = parseYAML(m.copy.text); err == nil && root != nil {
			r.src.mended = true
			r.src.moveBack(root)
			r.src.moveBack(more)
			return root, more
		}
		if err == nil {
			break
		}
	}
	last := &r.slips[len(r.slips)-1]
	last.Hint = strings.TrimPrefix(last.Hint+"; the rest of the file could not be read", "; ")
	return nil, nil
}

// step notes the slip that the parser met, and mends it if it can.
func (m *mending) step(err error) bool {
	s := m.copy.syntax(err)
	s.line = min(s.line, len(m.copy.lineStarts()))
	// A line that was mended badly is refused again, for what is no mistake of its
	// writer's. It may have a second one further on, as in a list, where the first
	// was overwritten and all is still in its column.
	again := m.tried[s.line] > 0
	further := again && s.line == m.last.line && s.column > m.last.column && m.copy.inPlace(m.src, s.line) &&
		(s.kind == slipBeginning || s.kind == slipAlias || s.kind == slipControl)
	if !again || further {
		m.tell(s)
	}
	m.last = s
	m.tried[s.line]++
	line := m.copy.line(s.line)
	if again && !further {
		return m.tried[s.line] == 2 && m.comment(s.line, line)
	}
	switch s.kind {
	case slipControl:
		m.overwrite(s.line, line, s.column-1, s.column)
	case slipQuote:
		quote := string([]rune(line)[s.column-1])
		m.blot(s.line, s.column, wholeLine)
		m.replace(s.line, line+quote)
	case slipAlias:
		m.overwrite(s.line, line, s.column-1, endOfValue(line, s.column-1))
	case slipBracket:
		m.overwrite(s.line, line, s.column-1, utf8.RuneCountInString(line))
	case slipBeginning:
		m.quoteFrom(s.line, line, s.column-1)
	case slipValue:
		m.quoteFrom(s.line, line, utf8.RuneCountInString(beforeValue().FindString(line)))
	case slipIndent, slipTab:
		return m.indent(s.line, line) || m.comment(s.line, line)
	case slipColon:
		m.addColon(s.line, line)
	default:
		return m.comment(s.line, line)
	}
	return true
}

// inPlace tells whether a line is as long as it is written.
func (s *source) inPlace(written *source, n int) bool {
	return utf8.RuneCountInString(s.line(n)) == utf8.RuneCountInString(written.line(n))
}

// tell notes a slip where its writer finds it.
func (m *mending) tell(s slip) {
	line, column := m.src.clamp(s.line, m.src.written(s.line, s.column))
	m.slips = append(m.slips, found{m.src.order, Problem{
		File: m.src.path, Line: line, Column: column, Message: s.text, Hint: s.hint, Excerpt: m.src.excerpt(line),
	}})
}

// replace puts another text in the place of a line of the copy.
func (m *mending) replace(n int, text string) {
	start := m.copy.lineStarts()[n-1]
	end := start + len(m.copy.line(n))
	m.copy.text = slices.Concat(m.copy.text[:start], []byte(text), m.copy.text[end:])
	m.copy.starts = nil
}

// blot has nothing said of what is read between two columns: it was made up here.
func (m *mending) blot(n, from, to int) {
	m.blots = append(m.blots, blot{m.src.order, n, m.src.written(n, from), m.src.written(n, to)})
}

// overwrite makes a text without meaning of a part of a line, of the same length.
func (m *mending) overwrite(n int, line string, from, to int) {
	text := []rune(line)
	for i := from; i < to; i++ {
		text[i] = 'x'
	}
	m.blot(n, from+1, to+1)
	m.replace(n, string(text))
}

// quoteFrom puts the rest of a line in quotes, up to a comment. In a list or mapping
// on one line nobody can tell where the value ends, and what stands behind it must
// keep its column.
func (m *mending) quoteFrom(n int, line string, from int) {
	text := []rune(line)
	rest := string(text[from:])
	if strings.ContainsAny(string(text[:from]), "[{") || strings.HasSuffix(strings.TrimSpace(rest), ",") {
		m.overwrite(n, line, from, endOfValue(line, from))
		return
	}
	value, comment := rest, ""
	if i := strings.Index(rest, " #"); i >= 0 {
		value, comment = rest[:i], rest[i:]
	}
	value = strings.TrimRight(value, " \t")
	m.replace(n, string(text[:from])+"'"+strings.ReplaceAll(value, "'", "''")+"'"+comment)
}

// endOfValue returns where a value in a list or mapping on one line ends.
func endOfValue(line string, from int) int {
	text := []rune(line)
	for i := from; i < len(text); i++ {
		if strings.ContainsRune(",]}", text[i]) {
			return i
		}
	}
	return len(text)
}

// addColon makes a key of the first word of a line, and no more of the rest than
// that it is a value.
func (m *mending) addColon(n int, line string) {
	m.blot(n, 1, wholeLine)
	start := indentOf(line)
	key, rest, _ := strings.Cut(strings.TrimRight(line[start:], " \t"), " ")
	if len(rest) < 2 {
		m.replace(n, line[:start]+key+":")
		return
	}
	m.replace(n, line[:start]+key+": "+strings.Repeat("x", utf8.RuneCountInString(rest)-1))
}

// comment takes a line out of the file.
func (m *mending) comment(n int, line string) bool {
	if strings.TrimSpace(line) == "" {
		return false
	}
	text := []rune(line)
	i := slices.IndexFunc(text, func(c rune) bool { return c != ' ' })
	text[i] = '#'
	m.replace(n, string(text))
	return true
}

// indent gives a line the indentation that fits the lines above: the nearest to
// what it has, where that can be told.
func (m *mending) indent(n int, line string) bool {
	trimmed := strings.TrimLeft(line, " \t")
	had := len(line) - len(trimmed)
	for _, width := range m.indentations(n, had, strings.Contains(line[:had], "\t")) {
		m.replace(n, strings.Repeat(" ", width)+trimmed)
		starts := m.copy.lineStarts()
		end := len(m.copy.text)
		if n < len(starts) {
			end = starts[n]
		}
		if _, _, err := parseYAML(m.copy.text[:end]); err == nil {
			m.src.moved[n] += width - had
			return true
		}
	}
	m.replace(n, line)
	return false
}

// indentations are those that a line could have below the lines above it, the
// likeliest first.
func (m *mending) indentations(n, had int, tabs bool) []int {
	var widths []int
	deepest := -1
	for above := n - 1; above > 0; above-- {
		line := m.copy.line(above)
		width := len(line) - len(strings.TrimLeft(line, " "))
		if commented(line) || deepest >= 0 && width >= deepest {
			continue
		}
		if deepest < 0 && strings.HasSuffix(strings.TrimRight(line, " \t"), ":") {
			widths = append(widths, width+2)
		}
		deepest = width
		widths = append(widths, width)
	}
	if !tabs {
		near := func(width int) int { return max(width-had, had-width) }
		slices.SortStableFunc(widths, func(a, b int) int { return near(a) - near(b) })
	}
	return widths
}

// beforeValue is what a line has before the value of its first key.
var beforeValue = lazily(`^\s*(?:-\s+)*(?:["']?[A-Za-z_][A-Za-z0-9_.-]*["']?\s*:\s+)?`)

// wholeLine is behind any column.
const wholeLine = math.MaxInt

// blot is a part of a line that was not read as it is written; to is exclusive.
type blot struct{ order, line, from, to int }

func (b blot) hides(f found) bool {
	return f.order == b.order && f.Line == b.line && b.from <= f.Column && f.Column < b.to
}

// written returns the column that a place of the mended text has in the user's.
func (s *source) written(line, column int) int {
	moved := s.moved[line]
	if moved > 0 && column <= moved {
		return 1
	}
	return column - moved
}

// moveBack gives the nodes of the mended text the columns that the user's has.
func (s *source) moveBack(n *yaml.Node) {
	if n == nil {
		return
	}
	n.Column = s.written(n.Line, n.Column)
	for _, child := range n.Content {
		s.moveBack(child)
	}
}
