package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os/exec"
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
}

// Who reads property lists understands it: Apple's own reader, and elsewhere libplist's.
func TestPlistIsWellFormed(t *testing.T) {
	check := []string{"plistutil", "-i", "-", "-f", "xml"}
	if runtime.GOOS == "darwin" {
		check = []string{"plutil", "-convert", "xml1", "-o", "-", "-"}
	}
	cmd := exec.Command(check[0], check[1:]...)
	cmd.Stdin = strings.NewReader(testPlist())
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil || complaint.Len() > 0 {
		t.Fatalf("%s: %v\n%s", check[0], err, complaint.String())
	}
	var words []string
	decoder := xml.NewDecoder(strings.NewReader(string(out)))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, is := token.(xml.CharData); is && strings.TrimSpace(string(text)) != "" {
			words = append(words, string(text))
		}
	}
	for _, want := range []string{"/Users/ann & bob/bin/lsh", "--jobs-file=/Users/ann/<jobs>.yaml", "AbandonProcessGroup"} {
		if !slices.Contains(words, want) {
			t.Errorf("%q is not in %q", want, words)
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
