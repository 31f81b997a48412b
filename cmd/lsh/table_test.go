package main

import (
	"strings"
	"testing"
)

func wide() *table {
	t := newTable(column{"JOB", 12}, column{"STATE", 7}, column{"EMPTY", 6}, column{"NOTE", 6}, column{"REASON", 6})
	t.add(plain("backup"), plain("running"), plain(""), plain("for 4 min (pid 991)"), plain("the schedule says so, and nothing was against it"))
	t.add(plain("日本語ジョブ"), plain("paused"), plain(""), plain("until 14:00"), plain(""))
	return t
}

func printed(t *testing.T, table *table, width int) string {
	t.Helper()
	var b strings.Builder
	if err := table.write(&b, width, style{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTableOffTerminalCutsNothing(t *testing.T) {
	want := `
JOB           STATE    NOTE                 REASON
backup        running  for 4 min (pid 991)  the schedule says so, and nothing was against it
日本語ジョブ  paused   until 14:00
`
	if got := printed(t, wide(), 0); got != strings.TrimPrefix(want, "\n") {
		t.Errorf("got\n%s\nwant%s", got, want)
	}
}

func TestTableCutsTheWidestColumnFirst(t *testing.T) {
	want := `
JOB           STATE    NOTE              REASON
backup        running  for 4 min (pid …  the schedule say…
日本語ジョブ  paused   until 14:00
`
	if got := printed(t, wide(), 58); got != strings.TrimPrefix(want, "\n") {
		t.Errorf("got\n%s\nwant%s", got, want)
	}
}

func TestTableNeverWraps(t *testing.T) {
	for width := 1; width < 120; width++ {
		for _, line := range strings.Split(printed(t, wide(), width), "\n") {
			if textWidth(line) > width {
				t.Errorf("at width %d a line takes %d columns: %q", width, textWidth(line), line)
			}
		}
	}
}

// What a note says is not cut: it stands under its row where it does not fit.
func TestTableNotes(t *testing.T) {
	notes := func() *table {
		table := newTable(column{"JOB", leastColumn}, column{"LAST", 20}, column{"NOTE", 12})
		table.notes = true
		table.add(plain("backup-of-a-long-name"), plain("for 4 min (pid 991)"), plain("02:30 does not exist on 29 March: 03:00"))
		table.add(plain("web"), plain("failed"), plain("paused"))
		return table
	}
	for width, want := range map[int]string{
		90: `
JOB                    LAST                 NOTE
backup-of-a-long-name  for 4 min (pid 991)  02:30 does not exist on 29 March: 03:00
web                    failed               paused
`,
		60: `
JOB                    LAST                 NOTE
backup-of-a-long-name  for 4 min (pid 991)
    02:30 does not exist on 29 March: 03:00
web                    failed               paused
`,
		30: `
JOB        LAST
backup-o…  for 4 min (pid 991)
    02:30 does not exist on 29
    March: 03:00
web        failed
    paused
`,
	} {
		if got := printed(t, notes(), width); got != strings.TrimPrefix(want, "\n") {
			t.Errorf("at %d got\n%s\nwant%s", width, got, want)
		}
	}
	for width := leastColumn + 4; width < 120; width++ {
		for _, line := range strings.Split(printed(t, notes(), width), "\n") {
			if textWidth(line) > width {
				t.Errorf("at width %d a line takes %d columns: %q", width, textWidth(line), line)
			}
		}
	}
}

// A cell that can be said in fewer words is said so before anything is cut, and a
// column in which nothing could be read goes.
func TestTableSaysLessBeforeItCuts(t *testing.T) {
	runs := func() *table {
		table := newTable(column{"JOB", 20}, column{"LAST", 15}, column{"NEXT", 16})
		table.add(plain("thumbnails-of-every-picture"), plain("failed (exit 3) 2 h ago").or("failed (exit 3)"), plain("Tue 03:30 (in 14 h)").or("Tue 03:30"))
		table.add(plain("web"), plain("–"), plain("–"))
		return table
	}
	for width, want := range map[int]string{
		80: `
JOB                          LAST                     NEXT
thumbnails-of-every-picture  failed (exit 3) 2 h ago  Tue 03:30 (in 14 h)
web                          –                        –
`,
		60: `
JOB                       LAST                     NEXT
thumbnails-of-every-pic…  failed (exit 3) 2 h ago  Tue 03:30
web                       –                        –
`,
		50: `
JOB                     LAST             NEXT
thumbnails-of-every-p…  failed (exit 3)  Tue 03:30
web                     –                –
`,
		36: `
JOB                  LAST
thumbnails-of-ever…  failed (exit 3)
web                  –
`,
		20: `
JOB
thumbnails-of-every…
web
`,
	} {
		if got := printed(t, runs(), width); got != strings.TrimPrefix(want, "\n") {
			t.Errorf("at %d got\n%s\nwant%s", width, got, want)
		}
	}
}

func TestWrapText(t *testing.T) {
	for _, c := range []struct {
		text, hang string
		width      int
		want       string
	}{
		{"all of it", "  ", 0, "all of it"},
		{"all of it fits", "  ", 14, "all of it fits"},
		{"between words, if it can", "", 10, "between|words, if|it can"},
		{"each line hangs", "  ", 7, "each|  line|  hangs"},
		{"a_word_that_is_long in pieces", "  ", 8, "a_word_t|  hat_is|  _long|  in|  pieces"},
		{"日本語の出力", "", 5, "日本|語の|出力"},
		{"e\u0301e\u0301e\u0301", "", 2, "e\u0301e\u0301|e\u0301"},
		{"語", "    ", 1, "語"},
		{"two  spaces   stay", "", 12, "two  spaces|stay"},
	} {
		if got := strings.Join(wrapText(c.text, c.width, c.hang), "|"); got != c.want {
			t.Errorf("%q in %d columns is %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestTextWidth(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "plain": 5, "日本": 4, "ｗｉｄｅ": 8, "e\u0301": 1, "💾": 2, "한": 2,
		"\u1112\u1161\u11ab": 2, // the same, as macOS writes it into the names of files
		"a\u200bb":           2, // a space that is none
		"soft\u00adhyphen":   11,
	} {
		if got := textWidth(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

func TestTableColoursAreNotCut(t *testing.T) {
	table := newTable(column{"STATE", 6})
	table.add(painted("failed for a long time", style{on: true}.red))
	var b strings.Builder
	if err := table.write(&b, 8, style{on: true}); err != nil {
		t.Fatal(err)
	}
	if want := "\x1b[31mfailed …\x1b[0m\n"; !strings.HasSuffix(b.String(), want) {
		t.Errorf("got %q, want it to end in %q", b.String(), want)
	}
}

func TestOneLineTamesTerminalCodes(t *testing.T) {
	for in, want := range map[string]string{
		"plain":             "plain",
		"two\nlines\tand":   "two lines and",
		"\x1b[2Jcleared":    "�[2Jcleared",
		"abc\u202ereversed": "abc�reversed",
		"wörter → Ω":        "wörter → Ω",
	} {
		if got := oneLine(in); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", in, got, want)
		}
	}
}
