package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/spf13/cobra"
)

// completeKey completes KEY= of lsh job add --set, from the schema of a job.
func completeKey(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var keys []cobra.Completion
	for _, k := range fileKeys().job {
		if !strings.Contains(k.name, ".") && strings.HasPrefix(k.name+"=", typed) {
			keys = append(keys, described(k.name+"=", k.doc))
		}
	}
	return keys, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// fileKey is a key of the jobs file, with what it is for.
type fileKey struct{ name, doc string }

// documentedKeys are the keys at the top of a jobs file, those of a group, and
// those of a job, by name; a key in a key as output.max_size.
type documentedKeys struct{ top, group, job []fileKey }

// object is a mapping in a schema, or else has no properties.
type object struct {
	Description string
	Properties  map[string]object
	Defs        map[string]object `json:"$defs"`
}

// fileKeys reads them from the schema, the one place that has them all.
func fileKeys() documentedKeys {
	var schema object
	// It is our own, and tests read it.
	_ = json.Unmarshal(config.Schema(), &schema)
	return documentedKeys{
		top:   schema.keys(""),
		group: schema.Defs["group"].keys(""),
		job:   schema.Defs["job"].keys(""),
	}
}

// keys are those in o, each with those in it behind it.
func (o object) keys(prefix string) []fileKey {
	var all []fileKey
	for _, name := range slices.Sorted(maps.Keys(o.Properties)) {
		p := o.Properties[name]
		all = append(all, fileKey{prefix + name, p.Description})
		all = append(all, p.keys(prefix+name+".")...)
	}
	return all
}
