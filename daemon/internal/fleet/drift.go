package fleet

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/ipc"
)

// drift are the keys in which machines declare jobs of one name differently. A machine where a job does not exist has no part.
func (j *judge) drift(jobs []Job) []ipc.FleetDrift {
	byName := map[string][]Job{}
	for _, job := range jobs {
		if j.hosts[job.HostID] != nil && job.Spec.Here {
			byName[job.Name] = append(byName[job.Name], job)
		}
	}
	drift := []ipc.FleetDrift{}
	for name, same := range byName {
		if len(same) < 2 {
			continue
		}
		keys := map[string]bool{}
		for _, job := range same {
			for key := range job.Spec.Fields {
				keys[key] = true
			}
		}
		for key := range keys {
			values := map[string]string{}
			for _, job := range same {
				values[j.labels[job.HostID]] = homeless(job.Spec.Fields[key], j.hosts[job.HostID].User)
			}
			if !agree(values) {
				drift = append(drift, ipc.FleetDrift{Job: name, Key: key, Values: values})
			}
		}
	}
	slices.SortFunc(drift, func(a, b ipc.FleetDrift) int { return cmp.Or(cmp.Compare(a.Job, b.Job), cmp.Compare(a.Key, b.Key)) })
	return drift
}

func agree(values map[string]string) bool {
	all := slices.Collect(maps.Values(values))
	return !slices.ContainsFunc(all, func(v string) bool { return v != all[0] })
}

// homeless is a text with ~ for the user's home directory, which is expanded in what is declared, and lies elsewhere on each system.
func homeless(text, user string) string {
	homes := []string{"/home/" + user, "/Users/" + user, "/var/home/" + user}
	if user == "root" {
		homes = []string{"/root", "/var/root"}
	}
	for _, home := range homes {
		text = strings.ReplaceAll(text, home+"/", "~/")
		if rest, is := strings.CutSuffix(text, home); is {
			text = rest + "~"
		}
	}
	return text
}
