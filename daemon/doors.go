package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// doorCheck is how soon a socket is made again whose path was cleaned.
const doorCheck = 30 * time.Second

// doors are the listeners. One that cannot be opened, since somebody squats
// its path, costs that path only.
type doors struct {
	log    *slog.Logger
	server *ipc.Server
	paths  []string

	mu    sync.Mutex
	open  map[string]*ipc.SocketFile
	given map[string]*ipc.SocketFile // by a service manager, and not yet open
	wrong map[string]string          // why a path has no listener
	wg    sync.WaitGroup
}

func newDoors(log *slog.Logger, server *ipc.Server, paths []string) *doors {
	return &doors{log: log, server: server, paths: paths, open: map[string]*ipc.SocketFile{}, given: map[string]*ipc.SocketFile{}, wrong: map[string]string{}}
}

// take has listeners serve that a service manager has made. Those of other paths than ours are doors as well. One that cannot be
// used, since its file is gone, costs nothing: the path gets a listener of ours.
func (d *doors) take(files []*os.File) {
	for _, f := range files {
		s, err := ipc.Inherit(f)
		if err != nil {
			d.log.Warn("socket of the service manager cannot be used", "err", err)
			continue
		}
		if !slices.Contains(d.paths, s.Path()) {
			d.paths = append(d.paths, s.Path())
		}
		d.given[s.Path()] = s
	}
}

// openAll opens what is not open. The error is that of the last path, when
// none could be opened.
func (d *doors) openAll(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var last error
	for _, path := range d.paths {
		if s := d.open[path]; s != nil {
			if s.StillThere() {
				continue
			}
			d.log.Warn("socket is gone and is made again", "path", path)
			s.Close()
			delete(d.open, path)
		}
		s, err := d.listen(path)
		if err != nil {
			if d.wrong[path] != why(path, err) {
				d.log.Warn("socket cannot be opened", "path", path, "err", err)
			}
			d.wrong[path], last = why(path, err), err
			continue
		}
		delete(d.wrong, path)
		d.open[path] = s
		d.wg.Go(func() {
			if err := d.server.Serve(ctx, s); err != nil && ctx.Err() == nil {
				d.log.Warn("serve socket", "path", path, "err", err)
			}
		})
	}
	if len(d.open) > 0 {
		return nil
	}
	return last
}

// listen opens a path, or takes what has been given for it.
func (d *doors) listen(path string) (*ipc.SocketFile, error) {
	if s := d.given[path]; s != nil {
		delete(d.given, path)
		return s, nil
	}
	return ipc.Listen(path)
}

// why is what is wrong with a path, for a reader who has it before him.
func why(path string, err error) string {
	if squatted, is := errors.AsType[*ipc.SquattedError](err); is {
		return fmt.Sprintf("a %s of %s is there", squatted.Kind, config.UserName(squatted.Owner))
	}
	return strings.TrimPrefix(err.Error(), "listen on "+path+": ")
}

// keep opens again what was cleaned away, until ctx ends.
func (d *doors) keep(ctx context.Context, also func()) {
	tick := time.NewTicker(doorCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = d.openAll(ctx) // what is wrong shows in status
			also()
		}
	}
}

// closeAll removes the sockets. Their connections end with Serve's context.
func (d *doors) closeAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.open {
		s.Close()
	}
	d.wg.Wait()
}

// Sockets are where the daemon listens, or wants to and cannot.
func (d *Daemon) Sockets() []ipc.Socket { return d.doors.describe() }

// describe is every path and what is wrong with it.
func (d *doors) describe() []ipc.Socket {
	d.mu.Lock()
	defer d.mu.Unlock()
	var sockets []ipc.Socket
	for _, path := range d.paths {
		sockets = append(sockets, ipc.Socket{Path: path, Error: d.wrong[path]})
	}
	return sockets
}
