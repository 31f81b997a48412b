package main

import (
	"context"
	"encoding/json"

	"github.com/lsh-project/lsh/ipc"
)

// outputReader brings the output of a run, piece by piece, to write.
type outputReader struct {
	feed  *feed
	write func(offset int64, data []byte) error
	// offset is where the next piece begins: what comes twice is dropped.
	offset int64
	run    string // that is read, once that is known: on another connection it is the same
}

// read brings all that p asks for, and with p.Follow all that comes until the
// run has ended. It returns the run as it stands then.
func (o *outputReader) read(ctx context.Context, p ipc.OutputParams) (ipc.Run, error) {
	again := o.run != ""
	if again {
		p = ipc.OutputParams{Run: o.run, Offset: o.offset, Follow: p.Follow}
	}
	result, err := ipc.RunsOutput.Call(ctx, o.feed.client, p)
	if err != nil {
		return ipc.Run{}, err
	}
	o.run = result.Run.ID
	if !again {
		o.offset = result.Offset
	}
	if err := o.piece(result.Offset, result.Data); err != nil {
		return ipc.Run{}, err
	}
	if result.Subscription != "" {
		return o.follow(ctx, result.Subscription)
	}
	for result.More {
		// The run is named: the job may have started another meanwhile.
		result, err = ipc.RunsOutput.Call(ctx, o.feed.client, ipc.OutputParams{Run: result.Run.ID, Offset: o.offset})
		if err != nil {
			return ipc.Run{}, err
		}
		if err := o.piece(result.Offset, result.Data); err != nil {
			return ipc.Run{}, err
		}
	}
	return result.Run, nil
}

func (o *outputReader) follow(ctx context.Context, subscription string) (ipc.Run, error) {
	var run ipc.Run
	err := o.feed.each(ctx, func(method string, params json.RawMessage) (bool, error) {
		var c ipc.OutputChunk
		if method != ipc.NotifyOutput || json.Unmarshal(params, &c) != nil || c.Subscription != subscription {
			return false, nil
		}
		if c.Run != nil {
			run = *c.Run
		}
		return c.End, o.piece(c.Offset, c.Data)
	})
	return run, err
}

func (o *outputReader) piece(offset int64, data []byte) error {
	if known := o.offset - offset; known > 0 {
		data = data[min(known, int64(len(data))):]
		offset = o.offset
	}
	if len(data) == 0 {
		return nil
	}
	o.offset = offset + int64(len(data))
	return o.write(offset, data)
}
