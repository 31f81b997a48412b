package mirror

import (
	"testing"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

func TestGoesOn(t *testing.T) {
	// a brought forth 100 changes and 10 events, b 50 and 5 more; c goes on.
	openings := []journal.Opening{{ID: "a"}, {ID: "b", Change: 100, Event: 10}, {ID: "c", Change: 150, Event: 15}}
	heads := journal.Heads{NewestChange: 170, NewestEvent: 17}
	for what, c := range map[string]struct {
		by    string
		acked point
		want  bool
	}{
		"the database has nothing":                         {by: "", want: true},
		"it has a part of a worker's":                      {"a", point{60, 5}, true},
		"it has all of a worker's":                         {"a", point{100, 10}, true},
		"it has a change that the next worker did not see": {"a", point{101, 10}, false},
		"it has an event that the next worker did not see": {"a", point{100, 11}, false},
		"it has what the worker of now brought":            {"c", point{170, 17}, true},
		"it has more than there is":                        {"c", point{171, 17}, false},
		"it has what an unknown worker brought":            {"d", point{60, 5}, false},
		"it has begun a new life":                          {"b", point{120, 0}, false},
	} {
		if got := goesOn(openings, heads, c.by, c.acked); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
	if !goesOn(openings[:1], journal.Heads{NewestChange: 3}, "a", point{2, 0}) {
		t.Error("without any event, it is taken for another life")
	}
}
