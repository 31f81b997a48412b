package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/spf13/cobra"
)

// completeKey completes KEY= of lsh job add --set, from the schema of a job.
func completeKey(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var keys []cobra.Completion
	for _, k := range fileKeys().job {
		if strings.HasPrefix(k.name+"=", typed) {
			keys = append(keys, described(k.name+"=", k.doc))
		}
	}
	return keys, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// fileKey is a key of the jobs file, with what it is for.
type fileKey struct{ name, doc string }

// documentedKeys are the keys at the top of a jobs file, and those of a job, by name.
type documentedKeys struct{ top, job []fileKey }

// fileKeys reads them from the schema, the one place that has both for all.
func fileKeys() documentedKeys {
	type object struct {
		Properties map[string]struct{ Description string }
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	// The schema is our own, and a test reads it.
	_ = json.Unmarshal(config.Schema(), &schema)
	list := func(o object) []fileKey {
		var keys []fileKey
		for name, p := range o.Properties {
			keys = append(keys, fileKey{name, p.Description})
		}
		slices.SortFunc(keys, func(x, y fileKey) int { return strings.Compare(x.name, y.name) })
		return keys
	}
	return documentedKeys{top: list(schema.object), job: list(schema.Defs["job"])}
}
