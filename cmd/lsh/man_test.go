package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/lsh-project/lsh/config"
)

const someDay = "2026-01-02"

// TestManualIsClean has mandoc read every page, which tells of each line that a
// pager would show wrongly.
func TestManualIsClean(t *testing.T) {
	dir := t.TempDir()
	args := []string{"-Tlint"}
	for name, text := range manual(newRoot(&app{}, nil), someDay) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if out, err := exec.Command("mandoc", args...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("mandoc -Tlint: %v\n%s", err, out)
	}
}

// TestManualIsWhole finds a page for every command that the help lists, with all
// its flags and with the sections that people look for.
func TestManualIsWhole(t *testing.T) {
	root := newRoot(&app{}, nil)
	pages := manual(root, someDay)
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		page, ok := pages[pageName(cmd)+".1"]
		if !ok {
			t.Errorf("there is no page for %s", cmd.CommandPath())
		}
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"} {
			if !strings.Contains(page, "\n.SH "+section+"\n") {
				t.Errorf("the page of %s has no section %s", cmd.CommandPath(), section)
			}
		}
		if cmd.Example != "" && !strings.Contains(page, "\n.SH EXAMPLES\n") {
			t.Errorf("the page of %s does not show its examples", cmd.CommandPath())
		}
		for _, f := range regexp.MustCompile(`--[a-z][a-z-]*`).FindAllString(cmd.LocalNonPersistentFlags().FlagUsages(), -1) {
			if f != "--help" && !strings.Contains(page, roffText(f)) {
				t.Errorf("the page of %s does not tell of %s", cmd.CommandPath(), f)
			}
		}
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				walk(sub)
			}
		}
	}
	walk(root)
	for name, sections := range map[string][]string{
		"lsh.1":       {"COMMANDS", "OPTIONS OF EVERY COMMAND", "ENVIRONMENT", "FILES"},
		"lshd.8":      {"OPTIONS", "SIGNALS", "FILES"},
		"jobs.yaml.5": {"KEYS OF THE FILE", "KEYS OF A GROUP", "KEYS OF A JOB", "EXAMPLES"},
	} {
		for _, section := range sections {
			if !strings.Contains(pages[name], "\n.SH "+section+"\n.") {
				t.Errorf("%s has no section %s", name, section)
			}
		}
	}
	for _, key := range []string{"groups", "max_parallel", "schedule", "output.max_size"} {
		if !strings.Contains(pages["jobs.yaml.5"], "\n\\fB"+key+"\\fR\n") {
			t.Errorf("jobs.yaml.5 does not tell of %s", key)
		}
	}
}

// TestManualExample loads the jobs file that the manual shows.
func TestManualExample(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.yaml")
	if err := os.WriteFile(path, []byte(jobsFileExample), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(path, config.LocalHost()); err != nil {
		t.Error(err)
	}
}

// TestManualExitStatuses holds the manual to the README.
func TestManualExitStatuses(t *testing.T) {
	readme := strings.ReplaceAll(read(t, "README.md"), "`", "")
	for _, status := range exitStatuses {
		row := "| " + status.name + " | " + strings.TrimSuffix(lowerFirst(status.text), ".") + " |"
		if !strings.Contains(readme, row) {
			t.Errorf("the README has no row %s", row)
		}
	}
	if rows := regexp.MustCompile(`(?m)^\| \d \| `).FindAllString(readme, -1); len(rows) != len(exitStatuses) {
		t.Errorf("the README has %d exit codes, the manual %d", len(rows), len(exitStatuses))
	}
}

// What is typed is copied from a page as it stands.
func TestManualTextIsVerbatim(t *testing.T) {
	p := newPage("x", 1, someDay, "lsh", "y")
	p.section("EXAMPLES")
	typed := `.hidden -n 'a' "b" \n ~/x ^ $(c) ` + "`d`"
	p.literal(typed + "\n'quoted'")
	path := filepath.Join(t.TempDir(), "x.1")
	if err := os.WriteFile(path, []byte(p.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("mandoc", "-Tascii", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{typed, "'quoted'"} {
		if !strings.Contains(string(out), " "+want+"\n") {
			t.Errorf("%s is shown as\n%s", want, out)
		}
	}
}
