package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
func brokenPromises(shown map[string]string) (broken []brokenPromise) {
	files := append(strings.Fields(shown["DropInPaths"]), shown["FragmentPath"])
	for _, p := range unitPromises {
		value, known := shown[p.key]
		if !known || value == "" || slices.Contains(p.right, value) {
			continue
		}
		broken = append(broken, brokenPromise{
			text: fmt.Sprintf("the service has %s=%s: %s", p.key, value, p.harm),
			mend: mendUnit(files, p.key, p.right[0]),
		})
	}
	return broken
}

// mendUnit is the command that sets a key right in each file that has it.
func mendUnit(files []string, key, value string) string {
	pattern := `^[ \t]*` + key + `[ \t]*=.*`
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
	if len(named) == 0 { // it was taken out of the unit
		return installIt + " --force"
	}
	return fmt.Sprintf("%s 's/%s/%s=%s/' %s && systemctl --user daemon-reload", sed, pattern, key, value, strings.Join(named, " "))
}
