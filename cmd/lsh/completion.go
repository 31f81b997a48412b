package main

import (
	_ "embed"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// bareBash is what the script for bash borrows from the package
// bash-completion, for a bash without it.
//
//go:embed completion_bare.bash
var bareBash string

// shells are those that completion knows.
var shells = [...]string{"bash", "zsh", "fish"}

func completionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print a script that completes lsh in your shell",
		Long: `Prints a script that completes commands, flags, and the names of jobs, tags,
runs and generations, each with what it is. Without a daemon the jobs are those
of the jobs file.

  bash:  eval "$(lsh completion bash)"       in ~/.bashrc
  zsh:   source <(lsh completion zsh)        in ~/.zshrc, after compinit
  fish:  lsh completion fish | source        in ~/.config/fish/config.fish`,
		Example:   `  eval "$(lsh completion bash)"`,
		Args:      atMostOne,
		ValidArgs: shells[:],
		RunE: func(cmd *cobra.Command, args []string) error {
			switch shell := first(args); shell {
			case "bash", "zsh", "fish":
				return completionScript(a.out, cmd.Root(), shell)
			case "":
				return usage("lsh completion needs a shell", "lsh completion bash, zsh or fish")
			default:
				return usage(fmt.Sprintf("shell %q is unknown", shell), "lsh completion bash, zsh or fish")
			}
		},
	}
}

// completionScript writes the script for one of shells.
func completionScript(w io.Writer, root *cobra.Command, shell string) error {
	switch shell {
	case "zsh":
		return root.GenZshCompletion(w)
	case "fish":
		return root.GenFishCompletion(w, true)
	}
	if err := root.GenBashCompletionV2(w, true); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s", bareBash)
	return err
}
