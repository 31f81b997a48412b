package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// checkSockets looks at every place where a daemon listens or may listen, and at the pid file.
func checkSockets(_ context.Context, s *subject, r *diagnosis) {
	if s.daemon != nil {
		s.checkListeners(r)
	} else {
		s.checkLeft(r)
	}
	s.checkPidFile(r)
}

// checkListeners looks at those of the daemon that is reached.
func (s *subject) checkListeners(r *diagnosis) {
	var open []string
	for _, socket := range s.daemon.Sockets {
		there := lookAt(socket.Path)
		switch {
		case socket.Error != "" && there.inTheWay(s.uid):
			r.warn(there.away(s.uid)+" && "+again, "%s cannot be opened: %s is there", s.short(socket.Path), there)
		case socket.Error != "":
			r.warn(socketHint(socket.Path), "%s cannot be opened: %s", s.short(socket.Path), socket.Error)
		case there.info == nil:
			r.note(again, "%s has been removed; the daemon makes it again by itself within 30 s", s.short(socket.Path))
		case there.inTheWay(s.uid): // since it was opened
			r.warn(there.away(s.uid)+" && "+again, "%s is the daemon's, and what is there is %s", s.short(socket.Path), there)
		case there.info.Mode().Perm() != 0o600:
			r.warn("chmod 600 "+s.arg(socket.Path), "%s has the mode %04o, and not 0600: others may ask for a connection", s.short(socket.Path), there.info.Mode().Perm())
		default:
			open = append(open, socket.Path)
		}
	}
	s.checkNamed(r, open)
	s.checkLeftovers(r)
	short := make([]string, len(open))
	for i, path := range open {
		short[i] = s.short(path)
	}
	r.ok("%s, of %s", strings.Join(short, ", "), config.UserName(s.uid))
}

// checkLeftovers looks for sockets that nobody listens at any more, beside those of a daemon that runs.
func (s *subject) checkLeftovers(r *diagnosis) {
	for _, p := range slices.Concat(s.sockets, s.others) {
		mine := slices.ContainsFunc(s.daemon.Sockets, func(socket ipc.Socket) bool { return socket.Path == p.path })
		if !mine && errors.Is(p.err, syscall.ECONNREFUSED) {
			r.note("rm "+s.arg(p.path), "%s was left by a daemon that is gone", s.short(p.path))
		}
	}
}

// checkNamed looks whether LSH_SOCKET leads to the daemon.
func (s *subject) checkNamed(r *diagnosis, open []string) {
	named, _ := s.getenv("LSH_SOCKET")
	for _, socket := range s.daemon.Sockets {
		if socket.Path == named {
			return
		}
	}
	for _, p := range s.sockets {
		if named == "" || p.path == named && p.daemon != nil {
			return
		}
	}
	hint := "unset LSH_SOCKET"
	if len(open) > 0 && s.reached != "" {
		hint += ", or  export LSH_SOCKET=" + s.arg(s.reached)
	}
	r.warn(hint, "LSH_SOCKET names %s, where no daemon listens; yours is at %s", named, s.short(s.reached))
}

// checkLeft looks at what lies where a daemon would listen.
func (s *subject) checkLeft(r *diagnosis) {
	for _, p := range slices.Concat(s.sockets, s.others) {
		there := lookAt(p.path)
		denied, isDenied := errors.AsType[*ipc.DeniedError](p.err)
		hint := socketHint(p.path)
		switch {
		case there.info == nil && errors.Is(there.err, fs.ErrNotExist):
			if hint != "" && s.wanted(p.path) {
				r.wrong(hint, "%s cannot be a socket", s.short(p.path))
			}
		case errors.Is(there.err, syscall.ENOTDIR): // which is told of with the permissions
		case there.info == nil:
			r.wrong("ls -ld "+s.arg(filepath.Dir(p.path)), "%s cannot be looked at: %s", s.short(p.path), bareError(there.err))
		case there.inTheWay(s.uid):
			r.wrong(there.away(s.uid), "%s is where the daemon should listen: %s", s.short(p.path), there)
		case isDenied:
			r.wrong(denied.Hint(), "%s", denied)
		case errors.Is(p.err, syscall.ECONNREFUSED):
			r.note("rm "+s.arg(p.path), "%s was left by a daemon that is gone; the next start takes its place", s.short(p.path))
		case p.err != nil && !p.hung():
			r.wrong("ls -l "+s.arg(p.path), "%s", p.err)
		}
	}
	if len(r.findings) == 0 {
		r.ok("nothing is in the way")
	}
}

// wanted tells whether a daemon would listen there.
func (s *subject) wanted(path string) bool {
	if c := s.checkup; c != nil && c.Settings != nil {
		return path == c.Settings.Socket || path == c.Settings.RuntimeSocket
	}
	return len(s.sockets) > 0 && path == s.sockets[0].path
}

// checkPidFile looks whether the pid file is the daemon's, and names it.
func (s *subject) checkPidFile(r *diagnosis) {
	there, running := lookAt(s.pidFile), s.daemon != nil
	if there.info == nil {
		if running && s.pidFile != "" && errors.Is(there.err, fs.ErrNotExist) {
			r.note(again, "the pid file %s has been removed; the daemon makes it again by itself within 30 s", s.short(s.pidFile))
		}
		return
	}
	switch regular := there.info.Mode().IsRegular(); {
	case !regular || there.owner != s.uid:
		hint := there.away(s.uid)
		if running {
			hint += " && " + again
		}
		r.warn(hint, "%s is where the pid file should be: %s", s.short(s.pidFile), there)
	case running:
		text, err := os.ReadFile(s.pidFile)
		if named := strings.TrimSpace(string(text)); err == nil && named != strconv.Itoa(s.daemon.Pid) && named != strconv.Itoa(s.daemon.Keeper.Pid) {
			r.warn(again, "the pid file %s names %s, and the daemon is %d", s.short(s.pidFile), strconv.QuoteToASCII(fit(named, 20)), s.daemon.Pid)
		}
	case s.checkup != nil && s.checkup.Settings != nil && s.checkup.Pid == 0:
		r.note("rm "+s.arg(s.pidFile), "%s was left by a daemon that is gone; the next start takes its place", s.short(s.pidFile))
	}
}

// socketHint is what is wrong with the way to a socket, put as what mends it; "" when nothing is.
func socketHint(path string) string {
	const most = 103 // on macOS, the least of all
	if !filepath.IsAbs(path) || len(path) > most {
		return "name a shorter absolute path with LSH_SOCKET, or as socket in config.yaml"
	}
	dir := lookAt(filepath.Dir(path))
	switch {
	case dir.info == nil && errors.Is(dir.err, fs.ErrNotExist):
		return "" // it is made
	case dir.info == nil:
		return "ls -ld " + quoteArg(dir.path)
	case dir.info.Mode()&0o002 != 0 && dir.info.Mode()&fs.ModeSticky == 0 && dir.info.IsDir():
		return "chmod o-w " + quoteArg(dir.path)
	case dir.owner != os.Geteuid() && dir.owner != 0:
		return "name a path in a directory of your own with LSH_SOCKET, or as socket in config.yaml"
	}
	return ""
}

// thing is what lies at a path.
type thing struct {
	path  string
	info  fs.FileInfo // nil when there is nothing, or it may not be known
	owner int
	err   error
}

func lookAt(path string) thing {
	info, err := os.Lstat(path)
	if err != nil {
		return thing{path: path, err: err}
	}
	return thing{path: path, info: info, owner: ownerOf(info)}
}

func ownerOf(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

// inTheWay tells whether it is no socket of ours, and so is left alone by the daemon.
func (t thing) inTheWay(uid int) bool {
	return t.info != nil && (t.info.Mode().Type() != fs.ModeSocket || t.owner != uid)
}

// String is what it is and whose.
func (t thing) String() string {
	kind := "a device"
	switch mode := t.info.Mode(); {
	case mode.IsRegular():
		kind = "a file"
	case mode.IsDir():
		kind = "a directory"
	case mode&fs.ModeSymlink != 0:
		kind = "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		kind = "a named pipe"
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	}
	return kind + " of " + config.UserName(t.owner)
}

// away is the command that takes it out of the way.
func (t thing) away(uid int) string {
	remove := "rm "
	if t.info.IsDir() {
		remove = "rm -r "
	}
	if t.owner != uid && uid != 0 {
		remove = "sudo " + remove
	}
	return remove + quoteArg(t.path)
}

// bareError is an error without the operation and the path that the reader has before him.
func bareError(err error) error {
	if pathErr, is := errors.AsType[*fs.PathError](err); is {
		return pathErr.Err
	}
	return err
}
