package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manual are all pages of the manual, by the names of their files. They are made
// from the tree of commands and from the table of keys, so that they tell what
// the program does.
func manual(root *cobra.Command, day string) map[string]string {
	pages := map[string]string{"lshd.8": daemonPage(day), "jobs.yaml.5": jobsFilePage(day)}
	var add func(cmd *cobra.Command)
	add = func(cmd *cobra.Command) {
		pages[pageName(cmd)+".1"] = commandPage(cmd, day)
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				add(sub)
			}
		}
	}
	add(root)
	return pages
}

// pageName is lsh-daemon-start for `lsh daemon start`.
func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func source() string { return "lsh " + currentVersion() }

func commandPage(cmd *cobra.Command, day string) string {
	p := newPage(pageName(cmd), 1, day, source(), lowerFirst(cmd.Short))
	p.section("SYNOPSIS")
	fmt.Fprintln(p, synopsis(cmd))
	p.section("DESCRIPTION")
	about := cmd.Long
	if about == "" {
		about = cmd.Short + "."
	}
	p.text(about)
	p.commands(cmd)
	p.flags("OPTIONS", cmd.LocalNonPersistentFlags())
	if !cmd.HasParent() {
		p.flags("OPTIONS OF EVERY COMMAND", cmd.PersistentFlags())
	}
	if cmd.Example != "" {
		p.section("EXAMPLES")
		p.literal(strings.ReplaceAll(strings.TrimPrefix(cmd.Example, "  "), "\n  ", "\n"))
	}
	p.section("EXIT STATUS")
	if cmd.HasParent() {
		p.text("0 when all went well, otherwise as in lsh(1).")
		p.seeAlso(cmd)
		return p.String()
	}
	p.list(exitStatuses[:])
	p.text("lsh run --wait exits with the job's own code.")
	p.section("ENVIRONMENT")
	p.list(variables[:])
	p.section("FILES")
	p.list(files[:])
	p.seeAlso(cmd)
	return p.String()
}

// synopsis is how a command is typed. Words in capitals stand for what is filled in.
func synopsis(cmd *cobra.Command) string {
	line := bold(cmd.CommandPath())
	if cmd.HasAvailableSubCommands() {
		return line + "\n" + italic("COMMAND") + " [" + italic("flags") + "]"
	}
	line += "\n"
	_, args, _ := strings.Cut(cmd.Use, " ")
	for _, arg := range strings.Fields(args) {
		line += italic(arg) + " "
	}
	return line + "[" + italic("flags") + "]"
}

// commands lists what a command is divided into, in the groups of the help.
func (p *page) commands(cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	p.section("COMMANDS")
	groups := cmd.Groups()
	if len(groups) == 0 {
		groups = []*cobra.Group{{}}
	}
	for _, g := range groups {
		if g.Title != "" {
			fmt.Fprintf(p, ".SS %s\n", roffText(strings.TrimSuffix(g.Title, ":")))
		}
		for _, sub := range cmd.Commands() {
			if sub.GroupID == g.ID && sub.IsAvailableCommand() {
				p.item(bold(pageName(sub))+"(1)", sub.Short+".")
			}
		}
	}
}

func (p *page) flags(title string, flags *pflag.FlagSet) {
	begun := false
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		if !begun {
			p.section(title)
			begun = true
		}
		value, usage := pflag.UnquoteUsage(f)
		tag := bold("--" + f.Name)
		if f.Shorthand != "" {
			tag = bold("-"+f.Shorthand) + ", " + tag
		}
		if value != "" && f.Value.Type() != "bool" {
			tag += " " + italic(value)
		}
		if shown := shownDefault(f); shown != "" {
			usage += " (default " + shown + ")"
		}
		p.item(tag, upperFirst(usage)+".")
	})
}

func (p *page) list(all []told) {
	for _, t := range all {
		p.item(bold(t.name), t.text)
	}
}

// seeAlso names the pages around that of a command.
func (p *page) seeAlso(cmd *cobra.Command) {
	var names []string
	if cmd.HasParent() {
		names = append(names, bold("lsh")+"(1)")
		if up := cmd.Parent(); up.HasParent() {
			names = append(names, bold(pageName(up))+"(1)")
		}
	}
	p.also(append(names, bold("jobs.yaml")+"(5)", bold("lshd")+"(8)"))
}

func (p *page) also(names []string) {
	p.section("SEE ALSO")
	fmt.Fprintln(p, strings.Join(names, ",\n"))
}

// daemonPage tells of lshd. Its flags are those that lsh passes on to it.
func daemonPage(day string) string {
	p := newPage("lshd", 8, day, source(), "daemon that runs the jobs of one user")
	p.section("SYNOPSIS")
	fmt.Fprintf(p, "%s [%s]\n", bold("lshd"), italic("flags"))
	p.section("DESCRIPTION")
	p.text(daemonAbout)
	flags := pflag.NewFlagSet("lshd", pflag.ContinueOnError)
	flags.String("socket", "", "listen at `PATH`")
	addDaemonFlags(flags)
	flags.Bool("version", false, "print the version")
	p.flags("OPTIONS", flags)
	p.section("SIGNALS")
	p.list(daemonSignals[:])
	p.section("FILES")
	p.list(files[:])
	p.also([]string{bold("lsh") + "(1)", bold("lsh-daemon") + "(1)", bold("jobs.yaml") + "(5)"})
	return p.String()
}

// jobsFilePage tells of the jobs file, key by key.
func jobsFilePage(day string) string {
	p := newPage("jobs.yaml", 5, day, source(), "what lsh runs, and when")
	p.section("SYNOPSIS")
	fmt.Fprintln(p, italic("~/.config/lsh/jobs.yaml"))
	p.section("DESCRIPTION")
	p.text(jobsFileAbout)
	keys := fileKeys()
	p.section("KEYS OF THE FILE")
	p.keys(keys.top)
	p.section("KEYS OF A GROUP")
	p.keys(keys.group)
	p.section("KEYS OF A JOB")
	p.keys(keys.job)
	p.section("EXAMPLES")
	p.literal(jobsFileExample)
	p.also([]string{bold("lsh") + "(1)", bold("lsh-check") + "(1)", bold("lsh-plan") + "(1)", bold("lsh-next") + "(1)", bold("lshd") + "(8)"})
	return p.String()
}

func (p *page) keys(all []fileKey) {
	for _, k := range all {
		p.item(bold(k.name), k.doc)
	}
}

func upperFirst(text string) string { return changeFirst(text, unicode.ToUpper) }

// lowerFirst is for a text that goes on behind another. A word in capitals stays.
func lowerFirst(text string) string {
	if r, size := utf8.DecodeRuneInString(text); unicode.IsUpper(r) && len(text) > size {
		if next, _ := utf8.DecodeRuneInString(text[size:]); unicode.IsUpper(next) {
			return text
		}
	}
	return changeFirst(text, unicode.ToLower)
}

func changeFirst(text string, change func(rune) rune) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(change(r)) + text[size:]
}
