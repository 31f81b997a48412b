package watch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must come within a second or two: the machine may be busy.
const patience = 20 * time.Second

const (
	gone   = "(missing)"  // label of a file that is not there
	unread = "(not read)" // label of a file that no path and no pattern leads to
)

// desk is one person's files and a reader of them that does what the daemon does: arm, read, and again when told.
type desk struct {
	t     *testing.T
	dir   string // where scripts run
	main  string // the jobs file, absolute
	extra []string
	globs []string
	empty bool // an empty file is a content of its own, not half of one

	watcher *Watcher
	nudge   chan struct{}

	mu    sync.Mutex
	seen  map[string]string // path → label of the content last read
	looks int
}

// newDesk has an empty home directory, and in it the path of a jobs file that is not there.
func newDesk(t *testing.T) *desk {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, dir: dir, main: dir + "/.config/lsh/jobs.yaml", nudge: make(chan struct{}, 1)}
	d.watcher = New(slog.New(slog.DiscardHandler))
	d.watcher.pace.safety = time.Hour // events have to do the work
	d.watcher.pace.polling = time.Hour
	return d
}

// start runs watcher and reader until the test ends, and returns when the first look that had watches is over.
func (d *desk) start() {
	d.t.Helper()
	ctx, cancel := context.WithCancel(d.t.Context())
	var wg sync.WaitGroup
	d.t.Cleanup(func() { cancel(); wg.Wait() })
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-d.nudge:
				d.look(ctx)
			}
		}
	})
	d.watcher.Set(d.paths(), d.globs)
	wg.Go(func() {
		changed := func() {
			select {
			case d.nudge <- struct{}{}:
			default:
			}
		}
		if err := d.watcher.Run(ctx, changed); err != nil {
			d.t.Errorf("run: %v", err)
		}
	})
	d.until("the first look", func() bool { return d.looks > 0 })
}

// startHeldUp runs the watcher alone until the test ends, without any Set after the first: each call of changed is sent
// to calls and returns when told to resume.
func (d *desk) startHeldUp() (calls <-chan struct{}, resume chan<- struct{}) {
	ctx, cancel := context.WithCancel(d.t.Context())
	var wg sync.WaitGroup
	d.t.Cleanup(func() { cancel(); wg.Wait() })
	called, goOn := make(chan struct{}), make(chan struct{})
	pass := func(ctx context.Context, send chan<- struct{}, receive <-chan struct{}) {
		select {
		case send <- struct{}{}:
		case <-receive:
		case <-ctx.Done():
		}
	}
	d.watcher.Set(d.paths(), d.globs)
	wg.Go(func() {
		err := d.watcher.Run(ctx, func() {
			pass(ctx, called, nil)
			pass(ctx, nil, goOn)
		})
		if err != nil {
			d.t.Errorf("run: %v", err)
		}
	})
	return called, goOn
}

func (d *desk) paths() []string {
	paths := append([]string{d.main}, d.extra...)
	for _, glob := range d.globs {
		found, _ := filepath.Glob(glob)
		paths = append(paths, found...)
	}
	return paths
}

func (d *desk) look(ctx context.Context) {
	seen := map[string]string{}
	d.watcher.Set(d.paths(), d.globs)
	paths := d.paths()
	d.watcher.Set(paths, d.globs)
	for _, path := range paths {
		var content Content
		err := Patiently(ctx, func() (err error) {
			content, err = Read(path)
			return err
		})
		if ctx.Err() != nil {
			return
		}
		seen[path] = d.label(path, content, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = seen
	d.looks++
}

func (d *desk) label(path string, content Content, err error) string {
	if _, ok := errors.AsType[*MissingError](err); ok {
		return gone
	}
	if err != nil {
		return err.Error()
	}
	text := string(content.Text)
	if text == "" && d.empty {
		return ""
	}
	label, _, _ := strings.Cut(text, "\n")
	if text != document(label) {
		d.t.Errorf("read %s: torn content of %d bytes beginning with %q", path, len(text), label)
	}
	return label
}

// until waits for a condition, which is asked under the lock.
func (d *desk) until(what string, cond func() bool) {
	d.t.Helper()
	for limit := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		d.mu.Lock()
		ok, seen, looks := cond(), fmt.Sprint(d.seen), d.looks
		d.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(limit) {
			d.t.Fatalf("%s: not within %v; after %d looks the reader saw %s", what, patience, looks, seen)
		}
	}
}

// expect waits for a look, after the given number of looks, that finds a file with this label.
func (d *desk) expect(path, label string, after int) {
	d.t.Helper()
	d.until(fmt.Sprintf("%s should read %q", path, label), func() bool {
		seen, ok := d.seen[path]
		return d.looks > after && (seen == label || !ok && label == unread)
	})
}

func (d *desk) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.looks
}

// sh runs a shell script in the desk's directory. It finds the documents old, new and more there as $old, $new and $more,
// and the jobs file's path as $jobs.
func (d *desk) sh(script string) {
	d.t.Helper()
	cmd := exec.Command("sh", "-euc", script)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "HOME="+d.dir, "jobs="+d.main, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b")
	shelf := d.t.TempDir()
	for _, label := range []string{"old", "new", "more"} {
		file := filepath.Join(shelf, label)
		if err := os.WriteFile(file, []byte(document(label)), 0o600); err != nil {
			d.t.Fatal(err)
		}
		cmd.Env = append(cmd.Env, label+"="+file)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("%s\n%v\n%s", script, err, out)
	}
}

// document is a file's content that proves by itself to be whole, long enough not to be written in one piece.
func document(label string) string {
	body := label + "\n" + strings.Repeat(strings.Repeat("x", 63)+"\n", 4000)
	return fmt.Sprintf("%send %x\n", body, sha256.Sum256([]byte(body)))
}

// need fails the test when a program is not installed: these cases are worth nothing against an imitation.
func need(t *testing.T, programs ...string) {
	t.Helper()
	missing := slices.DeleteFunc(programs, func(name string) bool {
		_, err := exec.LookPath(name)
		return err == nil
	})
	if len(missing) > 0 {
		t.Fatalf("not installed: %s; run make deps", strings.Join(missing, ", "))
	}
}
