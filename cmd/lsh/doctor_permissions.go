package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/lsh-project/lsh/config"
)

// checkPermissions looks who may write what the daemon believes, and read what is secret.
func checkPermissions(_ context.Context, s *subject, r *diagnosis) {
	s.checkStateDir(r)
	told := map[string]bool{}
	look := func(path, harm string) {
		for _, t := range onTheWay(path) {
			if !told[t.path] {
				told[t.path] = true
				s.checkWriters(r, t, harm)
			}
		}
	}
	for _, path := range s.files() {
		look(path, "change what runs as you")
	}
	s.checkSaving(r)
	look(filepath.Dir(s.stateDir), "put another state directory there")
	for _, path := range s.listening() {
		look(filepath.Dir(path), "put another socket there")
	}
	s.checkRuntimeDir(r)
	if s.inside != nil {
		for _, path := range s.inside.EnvFiles {
			if t := lookAt(path); t.info != nil && t.info.Mode().IsRegular() && t.info.Mode().Perm()&0o044 != 0 {
				r.note("chmod 600 "+s.arg(path), "the env file %s can be read by others", s.short(path))
			}
		}
	}
	s.checkPgpass(r)
	r.ok("state directory %s, jobs file and settings are yours alone to write", s.short(s.stateDir))
}

// checkStateDir looks at the directory of the journal.
func (s *subject) checkStateDir(r *diagnosis) {
	dir, err := filepath.EvalSymlinks(s.stateDir)
	if errors.Is(err, fs.ErrNotExist) && s.daemon == nil {
		above := existing(s.stateDir) // in which the first start makes it
		if err := unix.Access(above, unix.W_OK|unix.X_OK); errors.Is(err, unix.EACCES) {
			r.wrong(s.ownHint(above, "chmod u+rwx "+s.arg(above)), "there is no state directory %s, and %s does not let one be made", s.short(s.stateDir), s.short(above))
		}
		return
	}
	if denied, is := errors.AsType[*fs.PathError](err); is && errors.Is(err, fs.ErrPermission) {
		r.wrong("ls -ld "+s.arg(filepath.Dir(denied.Path)), "the state directory %s cannot be looked at: %s", s.short(s.stateDir), bareError(err))
		return
	}
	if err != nil {
		r.wrong("mkdir -m 700 -p "+s.arg(s.stateDir), "the state directory %s is not to be had: %s", s.short(s.stateDir), bareError(err))
		return
	}
	t := lookAt(dir)
	if t.info == nil {
		r.wrong("ls -ld "+s.arg(dir), "the state directory %s cannot be looked at: %s", s.short(dir), bareError(t.err))
		return
	}
	perm := t.info.Mode().Perm()
	switch {
	case !t.info.IsDir():
		r.wrong(t.away(s.uid), "the state directory %s is %s", s.short(dir), t)
	case t.owner != s.uid:
		r.wrong(s.ownHint(dir, "sudo chown -R "+config.UserName(s.uid)+" "+s.arg(dir)), "the state directory %s belongs to %s", s.short(dir), config.UserName(t.owner))
	case perm&0o022 != 0:
		r.wrong("chmod 700 "+s.arg(dir), "others may write to the state directory %s (mode %04o): no daemon starts there", s.short(dir), perm)
	case perm&0o300 != 0o300:
		r.wrong("chmod 700 "+s.arg(dir), "the state directory %s cannot be written (mode %04o)", s.short(dir), perm)
	case perm&0o055 != 0:
		r.warn("chmod 700 "+s.arg(dir), "others may look into the state directory %s (mode %04o)", s.short(dir), perm)
	default:
		if err := unix.Access(dir, unix.W_OK); err != nil && !errors.Is(err, syscall.EROFS) { // which is told of with the disks
			r.wrong("ls -ld "+s.arg(dir), "the state directory %s cannot be written: %s", s.short(dir), err)
		}
	}
}

// ownHint is what makes a directory of the state usable. One that is not below the home directory may be somebody's: it is left
// alone.
func (s *subject) ownHint(dir, mend string) string {
	if !s.atHome(dir) {
		return "name a directory of your own with LSH_STATE_DIR, or as state_dir in config.yaml"
	}
	return mend
}

// atHome tells whether a path lies in or below the home directory.
func (s *subject) atHome(path string) bool {
	home, _ := s.getenv("HOME")
	real, err := filepath.EvalSymlinks(home)
	return home != "" && (strings.HasPrefix(path+"/", home+"/") || err == nil && strings.HasPrefix(path+"/", real+"/"))
}

// checkSaving looks whether a jobs file can be saved where it is, which takes a new file beside it. A directory of somebody else's, as
// one that a system is made of, is so on purpose.
func (s *subject) checkSaving(r *diagnosis) {
	c := linkChain(s.jobsFile)
	dirs := []string{filepath.Dir(c.hops[0]), filepath.Dir(c.real())}
	for _, dir := range slices.Compact(dirs) {
		t := lookAt(dir)
		if t.info != nil && t.info.IsDir() && t.owner == s.uid && t.info.Mode().Perm()&0o300 != 0o300 {
			r.warn("chmod u+wx "+s.arg(dir), "the directory %s cannot be written (mode %04o): no command can save the jobs file there", s.short(dir), t.info.Mode().Perm())
		}
	}
}

// files are those whose writer may run programs as this user.
func (s *subject) files() []string {
	files := []string{s.jobsFile, s.configFile}
	if s.inside != nil {
		const most = 1000
		files = append(files, s.inside.Files[:min(most, len(s.inside.Files))]...)
		files = append(files, s.inside.EnvFiles[:min(most, len(s.inside.EnvFiles))]...)
	}
	return files
}

// onTheWay are the files and links that a path leads over, and the directories in which one of them could be replaced.
func onTheWay(path string) []thing {
	var things []thing
	for _, hop := range linkChain(path).hops {
		for at := hop; ; at = filepath.Dir(at) {
			if t := lookAt(at); t.info != nil && t.info.Mode()&fs.ModeSymlink == 0 {
				things = append(things, t)
			}
			if at == filepath.Dir(at) {
				break
			}
		}
	}
	return things
}

// listening are the paths of the daemon's sockets, or those of one that would be started.
func (s *subject) listening() []string {
	var paths []string
	if s.daemon != nil {
		for _, socket := range s.daemon.Sockets {
			paths = append(paths, socket.Path)
		}
	} else if c := s.checkup; c != nil && c.Settings != nil {
		paths = append(paths, c.Settings.Socket, c.Settings.RuntimeSocket)
	}
	return paths
}

// checkRuntimeDir looks whether lsh can use the directory that the login has made for sockets: else they lie elsewhere, and the
// service manager is not found.
func (s *subject) checkRuntimeDir(r *diagnosis) {
	dir, _ := s.getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return
	}
	hint := "unset XDG_RUNTIME_DIR"
	if own := "/run/user/" + strconv.Itoa(s.uid); dir != own && lookAt(own).owner == s.uid && lookAt(own).info != nil {
		hint = "export XDG_RUNTIME_DIR=" + own
	}
	info, err := os.Stat(dir)
	switch {
	case !filepath.IsAbs(dir):
		r.note(hint, "XDG_RUNTIME_DIR is no absolute path, and is not used: %s", dir)
	case err != nil:
		r.note(hint, "XDG_RUNTIME_DIR names %s, which cannot be used: %s", dir, bareError(err))
	case !info.IsDir():
		r.note(hint, "XDG_RUNTIME_DIR names %s, which is no directory", dir)
	case ownerOf(info) != s.uid:
		r.note(hint, "XDG_RUNTIME_DIR names %s, which belongs to %s (left by su or sudo?), and is not used", dir, config.UserName(ownerOf(info)))
	case info.Mode().Perm()&0o022 != 0:
		r.warn("chmod 700 "+s.arg(dir), "others may write to XDG_RUNTIME_DIR, %s (mode %04o): it is not used", dir, info.Mode().Perm())
	}
}

// checkWriters looks who else may write to a thing, and do harm by that.
func (s *subject) checkWriters(r *diagnosis, t thing, harm string) {
	what := "the file"
	if t.info.IsDir() {
		what = "the directory"
	}
	switch {
	case t.owner != s.uid && t.owner != 0:
		hint := "sudo chown " + config.UserName(s.uid) + " " + s.arg(t.path)
		if !s.atHome(t.path) {
			hint = "put what lies there into a directory of your own, or  " + hint
		}
		r.warn(hint, "%s %s belongs to %s, who may %s", what, s.short(t.path), config.UserName(t.owner), harm)
	case writableByOthers(t):
		r.warn("chmod go-w "+s.arg(t.path), "others may write to %s %s (mode %04o), and so %s", what, s.short(t.path), t.info.Mode().Perm(), harm)
	}
}

// writableByOthers tells whether somebody else may write to a file, or put one into a directory: the group that is its user's alone
// is nobody else.
func writableByOthers(t thing) bool {
	perm := t.info.Mode().Perm()
	if t.info.IsDir() && t.info.Mode()&fs.ModeSticky != 0 {
		return false
	}
	return perm&0o002 != 0 || perm&0o020 != 0 && !privateGroup(t)
}

// privateGroup tells whether the group of a file is the one that many systems give to each user, by the user's name.
func privateGroup(t thing) bool {
	group, err := user.LookupGroupId(strconv.Itoa(int(t.info.Sys().(*syscall.Stat_t).Gid)))
	return err == nil && t.owner != 0 && group.Name == config.UserName(t.owner)
}

// checkPgpass looks at the file of passwords, which is passed over when others can read it.
func (s *subject) checkPgpass(r *diagnosis) {
	path, _ := s.getenv("PGPASSFILE")
	if path == "" {
		home, _ := s.getenv("HOME")
		path = filepath.Join(home, ".pgpass")
	}
	t := lookAt(path)
	if t.info == nil || !t.info.Mode().IsRegular() || t.info.Mode().Perm()&0o077 == 0 {
		return
	}
	state := stateNote
	if s.checkup != nil && s.checkup.Settings != nil && s.checkup.Settings.Database {
		state = stateWarning
	}
	r.add(state, "chmod 600 "+s.arg(path), "%s, with passwords of databases, can be read by others (mode %04o)", s.short(path), t.info.Mode().Perm())
}
