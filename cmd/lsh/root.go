package main

import (
	"errors"
	"fmt"

	"github.com/lsh-project/lsh/config"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The groups of commands in `lsh help`.
const (
	groupFile   = "file"
	groupJobs   = "jobs"
	groupPast   = "past"
	groupDaemon = "daemon"
	groupOther  = "other"
)

// command is a line of the table of commands; make is called only when needed.
type command struct {
	name  string
	group string
	make  func(*app) *cobra.Command
}

// commands is every command. The groups are those of the help.
var commands = [...]command{
	{"init", groupFile, initCommand},
	{"edit", groupFile, editCommand},
	{"check", groupFile, checkCommand},
	{"plan", groupFile, planCommand},
	{"diff", groupFile, diffCommand},
	{"apply", groupFile, applyCommand},
	{"generations", groupFile, generationsCommand},
	{"rollback", groupFile, rollbackCommand},
	{"export", groupFile, exportCommand},
	{"schema", groupFile, schemaCommand},
	{"status", groupJobs, statusCommand},
	{"list", groupJobs, listCommand},
	{"show", groupJobs, showCommand},
	{"explain", groupJobs, explainCommand},
	{"run", groupJobs, runCommand},
	{"stop", groupJobs, stopCommand},
	{"pause", groupJobs, pauseCommand},
	{"resume", groupJobs, resumeCommand},
	{"skip", groupJobs, skipCommand},
	{"override", groupJobs, overrideCommand},
	{"job", groupJobs, jobCommand},
	{"logs", groupPast, logsCommand},
	{"history", groupPast, historyCommand},
	{"why", groupPast, whyCommand},
	{"next", groupPast, nextCommand},
	{"events", groupPast, eventsCommand},
	{"daemon", groupDaemon, daemonCommand},
	{"sync", groupDaemon, syncCommand},
	{"fleet", groupDaemon, fleetCommand},
	{"metrics", groupDaemon, metricsCommand},
	{"doctor", groupDaemon, doctorCommand},
	{"rpc", groupDaemon, rpcCommand},
	{"completion", groupOther, completionCommand},
	{"version", groupOther, versionCommand},
}

// groups are the titles of the groups.
var groups = [...]cobra.Group{
	{ID: groupFile, Title: "The jobs file:"},
	{ID: groupJobs, Title: "Jobs:"},
	{ID: groupPast, Title: "What happened, and what comes:"},
	{ID: groupDaemon, Title: "The daemon:"},
	{ID: groupOther, Title: "Other:"},
}

// addCommands gives root the command that args name, and no other: making all
// of them costs more than asking the daemon. When args do not begin with a
// command, for help, completion, or a slip, root gets all.
func addCommands(root *cobra.Command, a *app, args []string) {
	if len(args) > 0 {
		for _, c := range commands {
			if c.name == args[0] {
				root.AddCommand(c.make(a))
				return
			}
		}
	}
	for i := range groups {
		root.AddGroup(&groups[i])
	}
	for _, c := range commands {
		made := c.make(a)
		made.GroupID = c.group
		root.AddCommand(made)
	}
	root.AddCommand(packagingCommand(a)) // which tells of all of these
}

// newRoot is the tree of commands, as much of it as args need.
func newRoot(a *app, args []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "lsh",
		Short: "Run jobs by a file that is the truth",
		Long: `lsh runs your jobs. What runs, and when, is written in one file, jobs.yaml:
save it and the daemon does what it says. lsh shows what would change, what
runs and what ran, and starts, stops and pauses jobs.`,
		Example: `  lsh init            write a starter jobs file
  lsh daemon start    start the daemon
  lsh status          see the daemon and every job
  lsh run hello       run a job now
  lsh plan            see what a change of the file would do`,
		Args:              noSuchCommand,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		// Suggestions are ours: they are a hint line, as everywhere.
		DisableSuggestions: true,
		CompletionOptions:  cobra.CompletionOptions{DisableDefaultCmd: true},
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if a.output != "table" && a.output != "json" {
				bad := a.output
				a.output = "table"
				return usage(fmt.Sprintf("output %q is unknown", bad), "-o table or -o json")
			}
			a.socket = a.fromHome(a.socket)
			a.started = true
			return nil
		},
		RunE: showHelp,
	}
	root.SetOut(a.out)
	root.SetErr(a.stderr)
	flags := root.PersistentFlags()
	flags.StringVarP(&a.output, "output", "o", a.output, "print a `FORMAT`: table, or json for programs")
	flags.StringVar(&a.socket, "socket", "", "reach the daemon at `PATH` (or LSH_SOCKET)")
	flags.BoolVar(&a.noColor, "no-color", false, "print without colours (or NO_COLOR)")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(helpCommand(root))
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { printHelp(a.out, cmd) })
	addCommands(root, a, args)
	if completing(args) {
		completeFlags(a, root)
	}
	root.SetArgs(args)
	return root
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// helpCommand is `lsh help COMMAND`, which people type though nothing tells
// them to.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "help [COMMAND]",
		Short:  "Show the help of a command",
		Hidden: true,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if found, rest, err := root.Find(args); err == nil && len(rest) == 0 {
				for _, c := range found.Commands() {
					if c.IsAvailableCommand() {
						names = append(names, described(c.Name(), c.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return noSuchCommand(found, rest)
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// noSuchCommand refuses the arguments of a command that only has commands.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage(fmt.Sprintf("unknown command %q", args[0]), cmd.CommandPath()+" "+meant(cmd, args[0]))
}

// elsewhere is what other programs of this kind call our commands.
var elsewhere = [...]struct{ theirs, ours string }{
	{"delete", "job remove"},
	{"disable", "pause"},
	{"enable", "resume"},
	{"ls", "list"},
	{"ps", "status"},
	{"rm", "job remove"},
	{"tail", "logs JOB -f"},
	{"trigger", "run"},
	{"validate", "check"},
}

// meant is what may have been meant by a command that there is not: one that is
// nearly written so, one of a command, or one that has another name here.
func meant(cmd *cobra.Command, typed string) string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if cmd.HasParent() {
		if near, ok := config.Nearest(typed, names); ok {
			return near
		}
		return "--help"
	}
	for _, c := range cmd.Commands() {
		for _, sub := range c.Commands() {
			if sub.Name() == typed && sub.IsAvailableCommand() {
				return c.Name() + " " + typed
			}
		}
	}
	for _, e := range elsewhere {
		if e.theirs == typed {
			return e.ours
		}
	}
	if near, ok := config.Nearest(typed, names); ok {
		return near
	}
	return "--help"
}

// flagError explains a flag that is not there, or whose value is wrong.
func flagError(cmd *cobra.Command, err error) error {
	hint := cmd.CommandPath() + " --help"
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return usage(err.Error(), hint)
	}
	if name := unknown.GetSpecifiedName(); !cmd.HasParent() && (name == "version" || name == "v") {
		return usage(err.Error(), "lsh version")
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if near, ok := config.Nearest(unknown.GetSpecifiedName(), names); ok {
		hint = cmd.CommandPath() + " --" + near
	}
	return usage(err.Error(), hint)
}
