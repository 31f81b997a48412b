package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// noArgs refuses any argument.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage(fmt.Sprintf("%s takes no arguments; got %q", cmd.CommandPath(), args[0]), cmd.CommandPath()+" --help")
}

// oneJob wants the name of one job.
func oneJob(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage(cmd.CommandPath()+" needs the name of a job", cmd.CommandPath()+" JOB; lsh list shows the names")
	}
	return atMostOne(cmd, args)
}

// atMostOne takes one argument or none.
func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	return usage(fmt.Sprintf("%s takes one argument; got %d", cmd.CommandPath(), len(args)), cmd.CommandPath()+" --help")
}

// first is the first argument, "" when there is none.
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
