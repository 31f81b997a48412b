package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const wantPlist = `<plist version="1.0">
<dict>
	<key>Label</key>
	<string>com.github.lsh-project.lshd</string>
	<key>ProgramArguments</key>
	<array>
		<string>/Users/ann &amp; bob/bin/lsh</string>
		<string>daemon</string>
		<string>run</string>
		<string>--jobs-file=/Users/ann/&lt;jobs&gt;.yaml</string>
	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>KeepAlive</key>
	<dict>
		<key>SuccessfulExit</key>
		<false/>
	</dict>
	<key>AbandonProcessGroup</key>
	<true/>
	<key>ExitTimeOut</key>
	<integer>120</integer>
	<key>ProcessType</key>
	<string>Standard</string>
	<key>StandardOutPath</key>
	<string>/Users/ann/Library/Logs/lshd.log</string>
	<key>StandardErrorPath</key>
	<string>/Users/ann/Library/Logs/lshd.log</string>
</dict>
</plist>
`

func testPlist() string {
	return launchdPlist(plistFacts{
		lsh: "/Users/ann & bob/bin/lsh", args: []string{"--jobs-file=/Users/ann/<jobs>.yaml"}, home: "/Users/ann", version: "v1.2.3",
	})
}

func TestPlist(t *testing.T) {
	body, whole := unseal(testPlist(), plistForm())
	if body != wantPlist || !whole {
		t.Errorf("the agent is %t\n%s, want\n%s", whole, body, wantPlist)
	}
	rest, command := plistForm().split(body)
	if strings.Contains(rest, "daemon</string>") || !strings.Contains(command, "<string>daemon</string>") {
		t.Errorf("its command is\n%s", command)
	}
	if words := plistWords(command); len(words) < 3 || !slices.Equal(words[1:3], []string{"daemon", "run"}) {
		t.Errorf("the words of its command are %q", words)
	}
}

// readPlist has a reader of property lists read text, Apple's own or libplist's, and is what it has understood, in lines in some order.
// From binary, since to write a text as text is to copy it.
func readPlist(t *testing.T, text string) (lines []string, complaint string) {
	t.Helper()
	dir := t.TempDir()
	given, binary, back := filepath.Join(dir, "given"), filepath.Join(dir, "binary"), filepath.Join(dir, "back")
	if err := os.WriteFile(given, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	reader := func(from, format, to string) *exec.Cmd {
		if runtime.GOOS == "darwin" {
			return exec.Command("plutil", "-convert", map[string]string{"bin": "binary1", "xml": "xml1"}[format], "-o", to, from)
		}
		return exec.Command("plistutil", "-i", from, "-f", format, "-o", to)
	}
	for _, cmd := range []*exec.Cmd{reader(given, "bin", binary), reader(binary, "xml", back)} {
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			return nil, fmt.Sprintf("%v: %s", err, out)
		}
	}
	understood, err := os.ReadFile(back)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(strings.Lines(string(understood))), ""
}

// Who reads property lists understands all of it.
func TestPlistIsUnderstood(t *testing.T) {
	got, complaint := readPlist(t, testPlist())
	want := slices.Sorted(strings.Lines(plistForm().before + wantPlist))
	if complaint != "" || !slices.Equal(got, want) {
		t.Errorf("%s\ngot  %q\nwant %q", complaint, got, want)
	}
}

// Each mistake that could come into the plist is one that its reader is heard to complain of, or that shows in what it has understood.
func TestWrongPlistsAreNotUnderstood(t *testing.T) {
	for name, c := range map[string][2]string{
		"not closed":   {"</dict>\n</plist>", ""},
		"no such type": {"<integer>120</integer>", "<int>120</int>"},
		"no number":    {"<integer>120</integer>", "<integer>long</integer>"},
		"not escaped":  {"ann &amp; bob", "ann & bob"},
		"no value":     {"<key>RunAtLoad</key>\n\t<true/>", "<key>RunAtLoad</key>"},
	} {
		text := strings.Replace(testPlist(), c[0], c[1], 1)
		got, complaint := readPlist(t, text)
		if complaint == "" && slices.Equal(got, slices.Sorted(strings.Lines(strings.Replace(plistForm().before+wantPlist, c[0], c[1], 1)))) {
			t.Errorf("%s: nobody notices", name)
		}
	}
}

func TestUnified(t *testing.T) {
	const before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n"
	got := unified("u", before, "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nk\n")
	want := "--- u\n+++ u, as lsh dev writes it\n@@ -1 +1 @@\n a\n-b\n+B\n c\n d\n e\n@@ -8 +8 @@\n h\n i\n j\n+k\n"
	if got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	if got := unified("u", "", "x\n"); !strings.HasSuffix(got, "@@ -1 +1 @@\n+x\n") {
		t.Errorf("from nothing:\n%s", got)
	}
}
