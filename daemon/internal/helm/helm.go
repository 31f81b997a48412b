// Package helm is the worker's side of the link to its keeper, see package keeper.
package helm

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/lsh-project/lsh/daemon/keeper"
)

// Helm is the link. It is safe for concurrent use.
type Helm struct {
	link  *keeper.Link
	hello keeper.Message
	held  []*os.File
	wg    sync.WaitGroup
}

// helloWithin is how long the keeper's first word is waited for.
const helloWithin = 10 * time.Second

// Attach takes over the descriptor of the link and waits for the keeper's hello.
func Attach(fd int) (*Helm, error) {
	link, err := keeper.OpenLink(fd)
	if err != nil {
		return nil, err
	}
	silent := time.AfterFunc(helloWithin, func() { link.Close() })
	defer silent.Stop()
	m, files, err := link.Receive()
	if err == nil && m.Kind != keeper.KindHello {
		err = fmt.Errorf("its first word is %q", m.Kind)
	}
	if err != nil {
		link.Close()
		return nil, fmt.Errorf("hear from keeper: %w", err)
	}
	return &Helm{link: link, hello: m, held: files}, nil
}

// Pid is the keeper's.
func (h *Helm) Pid() int { return h.hello.Pid }

// Started is when the keeper was.
func (h *Helm) Started() time.Time { return h.hello.Started }

// Workers counts the workers so far, this one included.
func (h *Helm) Workers() int { return h.hello.Workers }

// Last is how the worker before this one ended; nil when there was none.
func (h *Helm) Last() *keeper.Record { return h.hello.Last }

// Hung tells whether that one stood still and was ended for it.
func (h *Helm) Hung() bool { return h.hello.Hung }

// Base is where the file of the record begins: what was in it before it was emptied, in bytes.
func (h *Helm) Base() int64 { return h.hello.Offset }

// Held are the descriptors that an earlier worker has given the keeper, in its order.
func (h *Helm) Held() []*os.File { return h.held }

// Hold gives the keeper copies of descriptors, in place of those before; the last one is the record of ends.
func (h *Helm) Hold(files ...*os.File) error {
	return h.link.Send(keeper.Message{Kind: keeper.KindHold}, files...)
}

// Ready says that this worker answers.
func (h *Helm) Ready() error {
	return h.link.Send(keeper.Message{Kind: keeper.KindReady, Version: keeper.Version})
}

// Pong answers a ping.
func (h *Helm) Pong() {
	_ = h.link.Send(keeper.Message{Kind: keeper.KindPong}) // a keeper that is gone asks no more
}

// Settled says that the record up to an offset is in the journal.
func (h *Helm) Settled(offset int64) {
	_ = h.link.Send(keeper.Message{Kind: keeper.KindSettled, Offset: offset}) // a keeper that is gone needs no word
}

// Stopping says that the daemon is to end, also should this worker die before it has come to that.
func (h *Helm) Stopping() error { return h.link.Send(keeper.Message{Kind: keeper.KindStopping}) }

// Handler is told what the keeper says, from one goroutine.
type Handler struct {
	Signal func(os.Signal)
	End    func(r keeper.Record, offset int64)
	Ping   func() // to be answered with Pong by what must not stand still
	Gone   func() // the keeper has died
}

// Listen hands on what the keeper says until Close.
func (h *Helm) Listen(to Handler) {
	h.wg.Go(func() {
		for {
			m, files, err := h.link.Receive()
			for _, f := range files {
				f.Close()
			}
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					to.Gone()
				}
				return
			}
			switch m.Kind {
			case keeper.KindSignal:
				if s, known := signals()[m.Signal]; known {
					to.Signal(s)
				}
			case keeper.KindPing:
				to.Ping()
			case keeper.KindEnd:
				if m.End != nil {
					to.End(*m.End, m.Offset)
				}
			}
		}
	})
}

func signals() map[string]os.Signal {
	return map[string]os.Signal{"HUP": syscall.SIGHUP, "TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "USR1": syscall.SIGUSR1}
}

// Close ends the link.
func (h *Helm) Close() {
	h.link.Close()
	h.wg.Wait()
}

// Records are the lines of the record that are of this boot, and how long the file is. Lines that are torn are passed over.
func Records(f *os.File, boot string) (records []keeper.Record, size int64) {
	if _, err := f.Seek(0, 0); err != nil {
		return nil, 0
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		size += int64(len(lines.Bytes())) + 1
		var r keeper.Record
		if json.Unmarshal(lines.Bytes(), &r) == nil && r.Boot == boot {
			records = append(records, r)
		}
	}
	return records, size
}
