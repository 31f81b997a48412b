package main

import (
	"slices"
	"strings"

	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completing tells whether a shell asks what could come next.
func completing(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// completeFlags says for every flag of every command what its value can be. Where
// nobody knows, names of files are offered only to flags that take one.
func completeFlags(a *app, cmd *cobra.Command) {
	known := map[string]cobra.CompletionFunc{
		"output":      oneOf("table", "json"),
		"job":         a.completeValue(jobNames),
		"set":         completeKey,
		"tag":         a.completeValue(tagNames),
		"run":         completeRun(a),
		"state":       oneOf(ipc.JobStates()...),
		"timezone":    oneOf(schedule.ZoneNames()...),
		"dst-gap":     oneOf("run", "skip"),
		"dst-overlap": oneOf("first", "both"),
		"apply":       oneOf("auto", "manual"),
		"log-level":   oneOf("debug", "info", "warn", "error"),
		"log-format":  oneOf("text", "json"),
	}
	files := []string{"file", "socket", "config", "jobs-file", "state-dir", "pid-file", "log-file", "ca-cert", "write"}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		complete, ok := known[f.Name]
		switch {
		case slices.Contains(files, f.Name):
			return
		case !ok:
			complete = cobra.NoFileCompletions
		}
		// One that its command has taken care of is refused, and stays as it is.
		_ = cmd.RegisterFlagCompletionFunc(f.Name, complete)
	})
	for _, sub := range cmd.Commands() {
		completeFlags(a, sub)
	}
}

func oneOf(words ...cobra.Completion) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		fit := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !strings.HasPrefix(word, typed) })
		return fit, cobra.ShellCompDirectiveNoFileComp
	}
}
