package main

import (
	"github.com/lsh-project/lsh/config"
	"github.com/spf13/cobra"
)

// schemaFile is the name of the schema beside a jobs file.
const schemaFile = "jobs.schema.json"

func schemaCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the jobs file",
		Long: `Prints the JSON Schema of the jobs file. Editors complete and check with it when
the jobs file begins with

  # yaml-language-server: $schema=./jobs.schema.json`,
		Example:           `  lsh schema > ~/.config/lsh/jobs.schema.json`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.out.Write(config.Schema())
			return err
		},
	}
}
