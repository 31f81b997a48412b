package main

import (
	"encoding/xml"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// launchdLabel is the name of the agent, by which launchctl knows it.
const launchdLabel = "com.github.lsh-project.lshd"

// launchdExit is how long a daemon that is asked to stop may take, for its jobs.
const launchdExit = 2 * time.Minute

// plistFacts are what the text of the agent's plist depends on.
type plistFacts struct {
	lsh     string   // absolute path of the binary
	args    []string // settings, for lsh daemon run
	home    string
	version string // of lsh
}

// plistForm is how the plist is laid out.
func plistForm() serviceForm {
	return serviceForm{
		before: `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
			`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n",
		open: "<!-- ", begin: "<array>\n", end: "\t</array>", words: plistWords,
	}
}

// launchdPlist is the text of the agent's plist, see launchd.plist(5). Jobs outlive a crash of the daemon, and a daemon that was
// asked to stop, which ends with 0, stays stopped.
func launchdPlist(f plistFacts) string {
	var b strings.Builder
	key := func(name, value string) { fmt.Fprintf(&b, "\t<key>%s</key>\n\t%s\n", name, value) }
	text := func(s string) string {
		var escaped strings.Builder
		_ = xml.EscapeText(&escaped, []byte(s)) // a strings.Builder takes everything
		return "<string>" + escaped.String() + "</string>"
	}
	b.WriteString("<plist version=\"1.0\">\n<dict>\n")
	key("Label", text(launchdLabel))
	var command strings.Builder
	for _, word := range append([]string{f.lsh, "daemon", "run"}, f.args...) {
		command.WriteString("\t\t" + text(word) + "\n")
	}
	key("ProgramArguments", "<array>\n"+command.String()+"\t</array>")
	key("RunAtLoad", "<true/>")
	key("KeepAlive", "<dict>\n\t\t<key>SuccessfulExit</key>\n\t\t<false/>\n\t</dict>")
	key("AbandonProcessGroup", "<true/>")
	key("ExitTimeOut", fmt.Sprintf("<integer>%d</integer>", int(launchdExit.Seconds())))
	key("ProcessType", text("Standard"))
	log := filepath.Join(f.home, "Library", "Logs", "lshd.log")
	key("StandardOutPath", text(log))
	key("StandardErrorPath", text(log))
	b.WriteString("</dict>\n</plist>\n")
	return seal(b.String(), f.version, plistForm(), " -->")
}

// plistWords are the words of a command that launchdPlist has written.
func plistWords(command string) []string {
	var list struct {
		Words []string `xml:"string"`
	}
	if xml.Unmarshal([]byte("<array>"+command+"</array>"), &list) != nil {
		return nil
	}
	return list.Words
}
