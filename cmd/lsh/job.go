package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func jobCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "job",
		Short: "Add and remove jobs of your own, beside the file",
		Long: `Ad-hoc jobs belong to you and not to the file: apply never removes them, they
survive restarts, and status shows whose they are. When the file gets a job of
the same name, that one takes over.`,
		Example: `  lsh job add cleanup --schedule @hourly -- rm -rf /tmp/scratch
  lsh job remove cleanup`,
		Args: noSuchCommand,
		RunE: showHelp,
	}
	cmd.AddCommand(jobAddCommand(a), jobRemoveCommand(a))
	return cmd
}

// jobAdd is what `lsh job add` is told.
type jobAdd struct {
	command   string
	schedules []string
	timezone  string
	set       []string
	file      string
}

func jobAddCommand(a *app) *cobra.Command {
	var to jobAdd
	cmd := &cobra.Command{
		Use:   "add NAME -- COMMAND…",
		Short: "Add an ad-hoc job, or change it",
		Long: `Adds a job that is not in the file. The command is a list of arguments after --,
or a text for the shell with --command. Any other key of a job is given with
--set KEY=VALUE, the value as YAML; or all of them in a file (- is stdin), as
they would stand below the job's name in the jobs file. To add one again under
the same name puts the new definition in place of the old.`,
		Example: `  lsh job add cleanup --schedule "0 4 * * *" -- rm -rf /tmp/scratch
  lsh job add ping --schedule "@every 5m" --command 'ping -c1 host >/dev/null' \
    --set 'retry={max: 3}'
  lsh job add report -f report.yaml`,
		ValidArgsFunction: completeDefinition(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || cmd.ArgsLenAtDash() == 0 {
				return usage("lsh job add needs the name of the job", "lsh job add NAME -- COMMAND…")
			}
			if cmd.ArgsLenAtDash() != 1 && len(args) > 1 {
				return usage("the command stands behind --", "lsh job add "+args[0]+" -- "+strings.Join(args[1:], " "))
			}
			definition, err := a.definition(to, args[1:])
			if err != nil {
				return err
			}
			j, err := ask(cmd.Context(), a, ipc.JobsAdd, ipc.JobAddParams{Job: args[0], Definition: definition})
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(j)
			}
			a.printf("%s added: %s\n", j.Name, addedText(j, a.now()))
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&to.command, "command", "", "a `TEXT` for the shell to run")
	flags.StringArrayVar(&to.schedules, "schedule", nil, "when: an `EXPR`; may be given several times")
	flags.StringVar(&to.timezone, "timezone", "", "the `ZONE` of the schedule")
	flags.StringArrayVar(&to.set, "set", nil, "another key: `KEY=VALUE`, the value as YAML; may be given several times")
	flags.StringVarP(&to.file, "file", "f", "", "read all keys from `FILE`; - is stdin")
	return cmd
}

// addedText is what comes of an ad-hoc job.
func addedText(j ipc.Job, now time.Time) string {
	if j.State == ipc.JobManual {
		return "it has no schedule; lsh run " + j.Name + " runs it"
	}
	return resumeText(j, now)
}

// definition is the job's mapping. Texts are written as JSON, which YAML
// reads.
func (a *app) definition(to jobAdd, argv []string) (string, error) {
	if to.file != "" {
		if to.command != "" || len(argv)+len(to.schedules)+len(to.set) > 0 || to.timezone != "" {
			return "", usage("--file holds all keys: nothing else is given beside it", "lsh job add NAME -f FILE")
		}
		return a.readDefinition(to.file)
	}
	if (to.command == "") == (len(argv) == 0) {
		return "", usage("lsh job add needs a command, in one way", "lsh job add NAME -- COMMAND…, or --command TEXT")
	}
	var b strings.Builder
	write := func(key string, value any) {
		text, _ := json.Marshal(value) // texts always can
		fmt.Fprintf(&b, "%s: %s\n", key, text)
	}
	if to.command != "" {
		write("command", to.command)
	} else {
		write("command", argv)
	}
	if len(to.schedules) > 0 {
		write("schedule", to.schedules)
	}
	if to.timezone != "" {
		write("timezone", to.timezone)
	}
	for _, pair := range to.set {
		key, value, is := strings.Cut(pair, "=")
		if !is || key == "" || strings.ContainsAny(pair, "\n") {
			return "", usage(fmt.Sprintf("--set %q is not KEY=VALUE", pair), "--set overlap=queue")
		}
		fmt.Fprintf(&b, "%s: %s\n", key, value)
	}
	return b.String(), nil
}

func (a *app) readDefinition(path string) (string, error) {
	var text []byte
	var err error
	if path == "-" {
		text, err = io.ReadAll(a.stdin)
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return "", fmt.Errorf("read definition: %w", err)
	}
	return string(text), nil
}

func jobRemoveCommand(a *app) *cobra.Command {
	var p ipc.JobRemoveParams
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove an ad-hoc job",
		Long: `Removes an ad-hoc job. A run in progress finishes; --stop stops it. Its history
stays.`,
		Example:           "  lsh job remove cleanup --stop",
		Args:              oneJob,
		ValidArgsFunction: completeAdHoc(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.Job = args[0]
			j, err := ask(cmd.Context(), a, ipc.JobsRemove, p)
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(j)
			}
			text := "removed"
			switch {
			case len(j.Running) > 0 && p.Stop:
				text += "; " + countOf(len(j.Running), "run") + " stopped"
			case len(j.Running) > 0:
				text += "; " + countOf(len(j.Running), "run") + " in progress finishes"
			}
			a.printf("%s: %s\n", j.Name, text)
			return nil
		},
	}
	cmd.Flags().BoolVar(&p.Stop, "stop", false, "stop its runs in progress")
	return cmd
}

// ownerOperator is the owner of ad-hoc jobs.
const ownerOperator = "operator"

// addedBy is whose an ad-hoc job is.
func addedBy(o *ipc.Owner) string {
	if o == nil {
		return ""
	}
	name := o.User
	if name == "" {
		name = config.UserName(o.UID)
	}
	return "added by " + name
}
