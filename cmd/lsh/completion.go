package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// completeWithin is how long a shell waits for the daemon when Tab is pressed.
const completeWithin = 500 * time.Millisecond

// shells are those that completion knows.
var shells = [...]string{"bash", "zsh", "fish"}

func completionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print a script that completes lsh in your shell",
		Long: `Prints a script that completes commands, flags and the names of jobs.

  bash:  source <(lsh completion bash)       in ~/.bashrc
  zsh:   source <(lsh completion zsh)        in ~/.zshrc, after compinit
  fish:  lsh completion fish | source        in ~/.config/fish/config.fish`,
		Example:   `  source <(lsh completion bash)`,
		Args:      atMostOne,
		ValidArgs: shells[:],
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch shell := first(args); shell {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			case "":
				return usage("lsh completion needs a shell", "lsh completion bash, zsh or fish")
			default:
				hint := "lsh completion bash, zsh or fish"
				if near, ok := config.Nearest(shell, shells[:]); ok {
					hint = "lsh completion " + near
				}
				return usage(fmt.Sprintf("shell %q is unknown", shell), hint)
			}
		},
	}
}

// completeJob completes one name of a job.
func completeJob(a *app) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 && cmd.Name() != "events" {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return jobNames(cmd.Context(), a, nil), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeJobs completes any number of names, each once.
func completeJobs(a *app) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return jobNames(cmd.Context(), a, args), cobra.ShellCompDirectiveNoFileComp
	}
}

// jobNames are the names with what the jobs are for. Without a daemon there
// are none: a shell's prompt is no place for an error.
func jobNames(ctx context.Context, a *app, typed []string) []cobra.Completion {
	ctx, cancel := context.WithTimeout(ctx, completeWithin)
	defer cancel()
	jobs, err := fetchJobs(ctx, a, ipc.JobsListParams{})
	if err != nil {
		return nil
	}
	var names []cobra.Completion
	for _, j := range jobs {
		if slices.Contains(typed, j.Name) {
			continue
		}
		about := oneLine(j.Description)
		if about == "" {
			about = schedules(j)
		}
		names = append(names, cobra.CompletionWithDesc(j.Name, about))
	}
	return names
}
