package daemon

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

const (
	// outputAPage is how much output one answer carries, in bytes; with
	// base64 it stays well under what a client must be ready to read.
	outputAPage = 1 << 20
	// outputPoll is how soon new output of a run in progress is seen.
	outputPoll = 100 * time.Millisecond
)

// runOutput is output as it stands, and with follow the rest as it comes.
func (d *Daemon) runOutput(ctx context.Context, p ipc.OutputParams) (ipc.OutputResult, error) {
	lines := 0
	if p.Tail != nil {
		lines = *p.Tail
	}
	if err := cmp.Or(notNegative("offset", p.Offset), notNegative("tail", lines)); err != nil {
		return ipc.OutputResult{}, err
	}
	k, err := d.outputOf(p)
	if err != nil {
		return ipc.OutputResult{}, err
	}
	f := &outputFile{path: k.output}
	defer f.close()
	offset := p.Offset
	if p.Tail != nil {
		if offset, err = f.tail(lines); err != nil {
			return ipc.OutputResult{}, err
		}
	}
	data, err := f.read(offset)
	if err != nil {
		return ipc.OutputResult{}, err
	}
	result := ipc.OutputResult{Run: *k.run, Data: data, Offset: offset, More: len(data) == outputAPage}
	if !p.Follow {
		return result, nil
	}
	result.More, result.Subscription = false, newID()
	id, conn := k.run.ID, ipc.ConnFrom(ctx)
	conn.Go(func(ctx context.Context) {
		d.follow(ctx, conn, id, k.output, ipc.OutputChunk{Subscription: result.Subscription, Offset: offset + int64(len(data))})
	})
	return result, nil
}

// outputOf is the run that is asked for.
func (d *Daemon) outputOf(p ipc.OutputParams) (kept, error) {
	if p.Run != "" {
		k, err := d.findRun(p.Run)
		if err == nil && p.Job != "" && k.run.Job != p.Job {
			return kept{}, ipc.Errorf(ipc.CodeUnknownRun, "run %s is not one of %s but of %s", p.Run, p.Job, k.run.Job)
		}
		return k, err
	}
	if k, ok := d.history.last(p.Job); ok {
		return k, nil
	}
	if _, known := d.table.find(p.Job); !known {
		return kept{}, d.unknownJob(p.Job)
	}
	return kept{}, ipc.Errorf(ipc.CodeUnknownRun, "%s has not run yet", p.Job).WithHint("lsh run %s --wait", p.Job)
}

// follow pushes what is written from chunk.Offset on until the run has ended
// and all of it has been pushed.
func (d *Daemon) follow(ctx context.Context, conn *ipc.Conn, id, path string, chunk ipc.OutputChunk) {
	f := &outputFile{path: path}
	defer f.close()
	done := d.finished(id)
	tick := time.NewTicker(outputPoll)
	defer tick.Stop()
	for ended := false; ; {
		data, err := f.read(chunk.Offset)
		if err != nil {
			d.log.Warn("read output", "run", id, "err", err)
			ended, data = true, nil
		}
		if len(data) > 0 {
			chunk.Data = data
			if conn.NotifyWait(ctx, ipc.NotifyOutput, chunk) != nil {
				return // the client is gone
			}
			chunk.Offset += int64(len(data))
			chunk.Data = nil
			continue
		}
		if ended {
			break
		}
		select {
		case <-tick.C:
		case <-done:
			ended = true // once more: what it wrote last
		case <-ctx.Done():
			return
		}
	}
	chunk.End = true
	if k, ok := d.history.find(id); ok {
		chunk.Run = k.run
	}
	_ = conn.NotifyWait(ctx, ipc.NotifyOutput, chunk)
}

// outputFile is a run's output, which need not exist yet.
type outputFile struct {
	path string
	file *os.File
}

// open tells whether the file is there.
func (o *outputFile) open() (bool, error) {
	if o.file != nil {
		return true, nil
	}
	if o.path == "" {
		return false, nil // a run that never began
	}
	f, err := os.Open(o.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	o.file = f
	return err == nil, err
}

func (o *outputFile) close() {
	if o.file != nil {
		o.file.Close()
	}
}

// read is the output from an offset on, at most a page.
func (o *outputFile) read(offset int64) ([]byte, error) {
	if there, err := o.open(); !there {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(o.file, offset, outputAPage))
}

// tail is where the last lines begin. A last line without its end counts.
func (o *outputFile) tail(lines int) (int64, error) {
	if there, err := o.open(); !there {
		return 0, err
	}
	info, err := o.file.Stat()
	if err != nil {
		return 0, err
	}
	const block = 64 << 10
	end := info.Size()
	if lines <= 0 {
		return end, nil
	}
	buf := make([]byte, block)
	for at := end; at > 0; {
		from := max(0, at-block)
		part := buf[:at-from]
		if _, err := o.file.ReadAt(part, from); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		for i := len(part); ; {
			i = bytes.LastIndexByte(part[:i], '\n')
			if i < 0 {
				break
			}
			if from+int64(i) == end-1 {
				continue // the end of the last line
			}
			if lines--; lines == 0 {
				return from + int64(i) + 1, nil
			}
		}
		at = from
	}
	return 0, nil
}

// subscribe pushes events until the connection ends.
func (d *Daemon) subscribe(ctx context.Context, p ipc.EventsParams) (ipc.EventsResult, error) {
	if p.Job != "" {
		if _, err := d.named([]string{p.Job}); err != nil {
			return ipc.EventsResult{}, err
		}
	}
	id := newID()
	events, cancel := d.events.subscribe(p.Job)
	conn := ipc.ConnFrom(ctx)
	conn.Go(func(ctx context.Context) {
		defer cancel()
		for {
			select {
			case e := <-events:
				if conn.NotifyWait(ctx, ipc.NotifyEvent, ipc.EventNotification{Subscription: id, Event: e}) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	})
	return ipc.EventsResult{Subscription: id}, nil
}
