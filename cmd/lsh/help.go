package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is how wide a help is in any terminal.
const helpWidth = 80

// printHelp is the help of a command: what it does, how it is typed, examples,
// its commands by group, its flags.
func printHelp(w io.Writer, cmd *cobra.Command) {
	about := cmd.Long
	if about == "" {
		about = cmd.Short + "."
	}
	fmt.Fprintf(w, "%s\n\nUsage:\n  %s\n", about, useLine(cmd))
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	printCommands(w, cmd)
	printFlags(w, "Flags", cmd.LocalNonPersistentFlags())
	printFlags(w, "Flags of every command", cmd.Root().PersistentFlags())
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n%s COMMAND --help tells more about a command.\n", cmd.CommandPath())
	}
}

func useLine(cmd *cobra.Command) string {
	line := cmd.CommandPath()
	if cmd.HasAvailableSubCommands() {
		return line + " COMMAND"
	}
	if _, args, found := strings.Cut(cmd.Use, " "); found {
		line += " " + args
	}
	return line + " [flags]"
}

func printCommands(w io.Writer, cmd *cobra.Command) {
	groups := cmd.Groups()
	if len(groups) == 0 && cmd.HasAvailableSubCommands() {
		groups = []*cobra.Group{{Title: "Commands:"}}
	}
	for _, g := range groups {
		fmt.Fprintf(w, "\n%s\n", g.Title)
		for _, c := range cmd.Commands() {
			if c.GroupID == g.ID && c.IsAvailableCommand() {
				fmt.Fprintf(w, "  %-11s %s\n", c.Name(), c.Short)
			}
		}
	}
}

func printFlags(w io.Writer, title string, flags *pflag.FlagSet) {
	type line struct{ flag, usage string }
	var lines []line
	widest := 0
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		text := "    --" + f.Name
		if f.Shorthand != "" {
			text = "-" + f.Shorthand + ", --" + f.Name
		}
		if value != "" && f.Value.Type() != "bool" {
			text += " " + value
		}
		if shown := shownDefault(f); shown != "" {
			usage += " (default " + shown + ")"
		}
		lines = append(lines, line{text, usage})
		widest = max(widest, len(text))
	})
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", title)
	for _, l := range lines {
		for _, part := range wrapText(l.usage, helpWidth-len("  ")-widest-len("  "), "") {
			fmt.Fprintf(w, "  %-*s  %s\n", widest, l.flag, part)
			l.flag = ""
		}
	}
}

// shownDefault is the value of a flag that is left out, "" where that goes without saying.
func shownDefault(f *pflag.Flag) string {
	switch f.DefValue {
	case "false", "true", "0", "[]":
		return ""
	}
	return f.DefValue
}
