package main

import (
	"fmt"
	"strings"
)

// page is a manual page in the making, in the man(7) macros.
type page struct{ strings.Builder }

// newPage begins a page: its name in a section of the manual, the day it is of,
// and in one line what it is about.
func newPage(name string, section int, day, source, about string) *page {
	p := &page{}
	fmt.Fprintf(p, ".TH %s %d %s \"%s\" \"lsh\"\n", strings.ToUpper(roffText(name)), section, day, roffText(source))
	fmt.Fprintf(p, ".SH NAME\n%s \\-\n", roffText(name))
	p.fill(about)
	return p
}

func (p *page) section(title string) { fmt.Fprintf(p, ".SH %s\n", roffText(title)) }

// text is prose: paragraphs that a pager fills, and between them what is
// indented, which stays as it is.
func (p *page) text(prose string) {
	for block := range strings.SplitSeq(prose, "\n\n") {
		var literal []string
		for line := range strings.SplitSeq(block, "\n") {
			if indented, is := strings.CutPrefix(line, "  "); is {
				literal = append(literal, indented)
			}
		}
		if literal != nil {
			p.literal(strings.Join(literal, "\n"))
			continue
		}
		p.paragraph()
		p.fill(block)
	}
}

// fill is text in lines that are not too long for who reads the source.
func (p *page) fill(text string) {
	const widest = 78
	line := ""
	for _, word := range strings.Fields(text) {
		word = roffText(word)
		if line != "" && len(line)+1+len(word) > widest {
			fmt.Fprintln(p, roffLine(line))
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	fmt.Fprintln(p, roffLine(line))
}

// paragraph begins one, unless a section has just begun: that is one.
func (p *page) paragraph() {
	s := p.String()
	if last := s[strings.LastIndex(strings.TrimSuffix(s, "\n"), "\n")+1:]; !strings.HasPrefix(last, ".SH") {
		fmt.Fprintln(p, ".PP")
	}
}

// literal is text that no line of is filled: examples.
func (p *page) literal(text string) {
	p.paragraph()
	fmt.Fprintln(p, ".RS 4\n.nf")
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintln(p, roffLine(roffText(line)))
	}
	fmt.Fprintln(p, ".fi\n.RE")
}

// item is one of a list: a tag in roff, and what is to say about it.
func (p *page) item(tag, text string) {
	fmt.Fprintf(p, ".TP\n%s\n", tag)
	p.fill(text)
}

func bold(text string) string   { return `\fB` + roffText(text) + `\fR` }
func italic(text string) string { return `\fI` + roffText(text) + `\fR` }

// roffLine is a line of text: one that begins like a request is none.
func roffLine(line string) string {
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	return line
}

// roffText is text as roff prints it, character for character: what is typed
// must be copied from the page as it is.
func roffText(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, `"`, `\(dq`).Replace(text)
}
