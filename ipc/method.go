package ipc

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
)

// Method is one thing that can be asked: its name on the wire, one sentence,
// and the types of its parameters (a struct) and of its result.
type Method[P, R any] struct{ Name, Doc string }

// Handle makes h answer m. Register every handler before the first Serve; a
// second handler for one method is a mistake in the program and panics.
//
// An *Error from h is the answer as it is, also when it is wrapped; any other
// error is answered as CodeInternal and logged. The context ends with the
// connection, and when the server stops.
func (m Method[P, R]) Handle(s *Server, h func(context.Context, P) (R, error)) {
	s.register(m.Name, func(ctx context.Context, raw json.RawMessage) (any, error) {
		var p P
		if bad := decodeParams(m.Name, raw, &p); bad != nil {
			return nil, bad
		}
		return h(ctx, p)
	})
}

// Call asks the daemon for m. An error answer is an *Error; an answer that
// did not come in time is the context's error.
func (m Method[P, R]) Call(ctx context.Context, c *Client, p P) (R, error) {
	var r R
	params, err := json.Marshal(p)
	if err != nil {
		return r, fmt.Errorf("ask %s: %w", m.Name, err)
	}
	// The first look at a type is what decoding costs most: it is taken
	// while the daemon is busy with the answer.
	learn := func() { _ = json.Unmarshal([]byte("{}"), &r) }
	result, err := c.call(ctx, m.Name, params, learn)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(result, &r); err != nil {
		return r, fmt.Errorf("read answer of %s: %w", m.Name, err)
	}
	return r, nil
}

// Description is one line of the table.
type Description struct {
	Name   string
	Doc    string
	Params reflect.Type
	Result reflect.Type
}

func (m Method[P, R]) describe() Description {
	return Description{m.Name, m.Doc, reflect.TypeFor[P](), reflect.TypeFor[R]()}
}

// Methods is the whole table, in the order of methods.go.
func Methods() []Description {
	return []Description{
		DaemonStatus.describe(),
		DaemonReload.describe(),
		DaemonStop.describe(),
		DaemonRestart.describe(),
		DaemonMetrics.describe(),
		DaemonExamine.describe(),
		ConfigPlan.describe(),
		ConfigApply.describe(),
		ConfigDiff.describe(),
		ConfigGenerations.describe(),
		ConfigGeneration.describe(),
		ConfigRollback.describe(),
		ConfigExport.describe(),
		JobsList.describe(),
		JobsGet.describe(),
		JobsRun.describe(),
		JobsStop.describe(),
		JobsPause.describe(),
		JobsResume.describe(),
		JobsSkip.describe(),
		JobsWhy.describe(),
		JobsAdd.describe(),
		JobsRemove.describe(),
		JobsNext.describe(),
		JobsExplain.describe(),
		RunsList.describe(),
		RunsGet.describe(),
		RunsWait.describe(),
		RunsOutput.describe(),
		OverridesList.describe(),
		OverridesClear.describe(),
		EventsList.describe(),
		EventsSubscribe.describe(),
		SyncStatus.describe(),
		SyncNow.describe(),
		SyncFleet.describe(),
		Discover.describe(),
	}
}
