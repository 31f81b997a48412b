package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/lsh-project/lsh/ipc"
)

// shortID is how many characters of a run's id people see: the end, where ids
// of the same second differ.
const shortID = 8

// shortRun is a run's id as people see it and may type it.
func shortRun(id string) string {
	if len(id) <= shortID+4 {
		return id
	}
	return id[len(id)-shortID:]
}

// resolveRun is the whole id of the run whose id ends in text. A text that is
// the end of none is left to the daemon to refuse.
func resolveRun(ctx context.Context, client *ipc.Client, job, text string) (string, error) {
	const wholeID = 36
	if len(text) >= wholeID {
		return text, nil
	}
	p := ipc.RunsListParams{Job: job, Limit: historyPage}
	found := ""
	for {
		page, err := ipc.RunsList.Call(ctx, client, p)
		if err != nil {
			return "", err
		}
		for _, r := range page.Runs {
			if r.ID == text {
				return text, nil
			}
			if !strings.HasSuffix(r.ID, text) {
				continue
			}
			if found != "" {
				return "", fail("ambiguous_run", fmt.Sprintf("the ids of several runs end in %s", text), "lsh history -o json tells the whole ids")
			}
			found = r.ID
		}
		if page.After == "" {
			break
		}
		p.After = page.After
	}
	if found == "" {
		return text, nil
	}
	return found, nil
}
