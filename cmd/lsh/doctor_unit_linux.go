package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// unitPromises are the lines of a unit on which rests what is promised of the daemon. systemd says what it goes by, whichever file has it.
var unitPromises = [...]struct {
	key   string
	right []string // the first is what lsh writes
	harm  string
}{
	{"KillMode", []string{"process"}, "jobs end with the daemon when it crashes, and when it is started anew"},
	{"Restart", []string{"always", "on-failure"}, "nobody starts the daemon again when it crashes"},
	{"Type", []string{"notify", "notify-reload"}, "systemd does not wait until the daemon is ready"},
	{"NotifyAccess", []string{"all"}, "systemd does not hear that the daemon is ready, and ends it"},
}

// brokenPromises are those that the unit as systemd has it does not keep.
func brokenPromises(shown map[string]string, files []string) (broken []brokenPromise) {
	for _, p := range unitPromises {
		value := shown[p.key]
		if value == "" || slices.Contains(p.right, value) {
			continue
		}
		pattern := `^[ \t]*` + p.key + `[ \t]*=[ \t]*` + value + `[ \t]*$`
		mend := mendUnit(files, pattern, "s/"+pattern+"/"+p.key+"="+p.right[0]+"/")
		if mend == "" { // it was taken out of the unit
			mend = installIt + " --force"
		}
		broken = append(broken, brokenPromise{fmt.Sprintf("the service has %s=%s: %s", p.key, value, p.harm), mend})
	}
	return broken
}

// takeOut is what takes a variable out of the unit.
func takeOut(files []string, name string) string {
	pattern := `^[ \t]*Environment[ \t]*=[ \t]*"*` + name + `=[^ "]*"*[ \t]*$`
	if mend := mendUnit(files, pattern, "/"+pattern+"/d"); mend != "" {
		return mend
	}
	return "systemctl --user edit " + serviceUnit + "  without " + name
}

// mendUnit is the command that edits each file that has a line of a pattern; "" when none has.
func mendUnit(files []string, pattern, edit string) string {
	line := regexp.MustCompile(`(?m)` + pattern)
	sed := "sed -i"
	var named []string
	for _, file := range files {
		real, err := filepath.EvalSymlinks(file) // sed would put a file in the place of a link
		if err != nil {
			continue
		}
		text, err := os.ReadFile(real)
		if err != nil || !line.Match(text) {
			continue
		}
		named = append(named, quoteArg(real))
		if unix.Access(filepath.Dir(real), unix.W_OK) != nil {
			sed = "sudo sed -i"
		}
	}
	if len(named) == 0 {
		return ""
	}
	return fmt.Sprintf("%s '%s' %s && systemctl --user daemon-reload", sed, edit, strings.Join(named, " "))
}

// unitVariables are those in what systemctl shows of Environment=, where those with spaces are quoted.
func unitVariables(shown string) []string {
	words := regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\S+`).FindAllString(shown, -1)
	for i, word := range words {
		if plain, err := strconv.Unquote(word); err == nil {
			words[i] = plain
		}
	}
	return words
}
