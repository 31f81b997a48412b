package process

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestExitTellsHowARunEnded(t *testing.T) {
	r := newRoom(t)
	for _, c := range []struct {
		id, script string
		code       int
		signal     syscall.Signal
	}{
		{"fine", "exit 0", 0, 0},
		{"three", "exit 3", 3, 0},
		{"most", "exit 255", 255, 0},
		{"term", "kill -TERM $$", -1, syscall.SIGTERM},
		{"kill", "kill -KILL $$", -1, syscall.SIGKILL},
		{"like-a-signal", "exit 143", 143, 0},
	} {
		t.Run(c.id, func(t *testing.T) {
			p := r.start(r.sh(c.id, c.script))
			e := r.exit(c.id)
			if e.Code != c.code || e.Signal != c.signal || e.Pid != p.Pid || e.Survivors {
				t.Errorf("got %+v", e)
			}
			if e.Ended.Before(p.Started) {
				t.Errorf("ended %v before it started %v", e.Ended, p.Started)
			}
		})
	}
}

func TestExitTellsWhatARunUsed(t *testing.T) {
	r := newRoom(t)
	const block = 512 << 20
	e, _ := r.run(r.sh("busy", "dd if=/dev/zero of=/dev/null bs=512M count=1 2>/dev/null; i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done"))
	if e.CPU <= 0 || e.CPU > patience {
		t.Errorf("CPU %v", e.CPU)
	}
	if e.MaxRSS < block || e.MaxRSS > 2*block {
		t.Errorf("MaxRSS %d bytes", e.MaxRSS)
	}
}

func TestOutputKeepsTheOrderOfBothStreams(t *testing.T) {
	r := newRoom(t)
	_, out := r.run(r.sh("both", "echo 1; echo 2 >&2; echo 3; (echo 4 >&2); echo 5 >>both.out; echo 6"))
	if out != "1\n2\n3\n4\n5\n6\n" {
		t.Errorf("output %q", out)
	}
	info, err := os.Stat(filepath.Join(r.dir, "both.out"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// What is no run of a job has an owner of its own, and no file.
func TestStdoutAndEndOfAChildWithAnOwner(t *testing.T) {
	r := newRoom(t)
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	ended := make(chan Exit, 1)
	s := r.sh("", "echo kept; echo lost >&2; exit 3")
	s.Output, s.Stdout, s.Ended = "", in, func(x Exit) { ended <- x }
	p := r.start(s)
	in.Close()
	if text, err := io.ReadAll(out); string(text) != "kept\n" || err != nil {
		t.Errorf("stdout is %q, %v", text, err)
	}
	select {
	case x := <-ended:
		if x.Pid != p.Pid || x.Code != 3 {
			t.Errorf("ended with %+v", x)
		}
	case <-time.After(patience):
		t.Fatal("its owner is not told of the end")
	}
	r.run(r.sh("run", "exit 0"))
	if r.mu.Lock(); len(r.exits) != 1 {
		t.Errorf("onExit is told of %v, want the run alone", r.exits)
	}
	r.mu.Unlock()
	if files, err := filepath.Glob(r.dir + "/*"); err != nil || len(files) != 1 {
		t.Errorf("files are %v, want the output of the run alone", files)
	}
}

func TestEnvironmentIsExactlyTheGivenOne(t *testing.T) {
	t.Setenv("OF_THE_DAEMON", "secret")
	r := newRoom(t)
	s := r.sh("env", "")
	s.Argv = []string{"env"}
	s.Env = []string{"A=1", path, "EMPTY=", "LSH_RUN_ID=of another run", "B=two words"}
	_, out := r.run(s)
	got := strings.Split(strings.TrimSpace(out), "\n")
	want := []string{"A=1", path, "EMPTY=", "B=two words", "LSH_RUN_ID=env"}
	if !slices.Equal(got, want) {
		t.Errorf("environment %q, want %q", got, want)
	}
}

func TestStdin(t *testing.T) {
	r := newRoom(t)
	big := strings.Repeat("0123456789abcde\n", 1<<16)
	for id, text := range map[string]string{"empty": "", "short": "one line\n", "no-newline": "x", "mebibyte": big} {
		s := r.sh(id, "cat")
		s.Stdin = text
		if e, out := r.run(s); out != text || e.Code != 0 {
			t.Errorf("%s: code %d, %d bytes came back of %d", id, e.Code, len(out), len(text))
		}
	}
}

func TestDirectory(t *testing.T) {
	r := newRoom(t)
	s := r.sh("pwd", "pwd -P")
	s.Dir = filepath.Join(r.dir, "sub dir")
	if err := os.Mkdir(s.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	want, err := filepath.EvalSymlinks(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, out := r.run(s); out != want+"\n" {
		t.Errorf("ran in %q, want %q", out, want)
	}
}

func TestProgramIsFoundAsTheJobSeesIt(t *testing.T) {
	r := newRoom(t)
	for _, dir := range []string{"bin", "other"} {
		if err := os.Mkdir(filepath.Join(r.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\necho " + dir + "\n"
		if err := os.WriteFile(filepath.Join(r.dir, dir, "tool"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(r.dir, "other", "text"), []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	bin, other := filepath.Join(r.dir, "bin"), filepath.Join(r.dir, "other")
	t.Setenv("PATH", other) // the daemon's, which does not count
	for id, c := range map[string]struct{ argv0, path, want string }{
		"path":          {"tool", bin + ":" + other, "bin\n"},
		"first-wins":    {"tool", other + ":" + bin, "other\n"},
		"skips-missing": {"tool", "/nowhere:" + bin, "bin\n"},
		"relative-path": {"tool", "bin", "bin\n"},
		"relative":      {"./bin/tool", "", "bin\n"},
		"absolute":      {filepath.Join(bin, "tool"), "/nowhere", "bin\n"},
	} {
		s := r.sh(id, "")
		s.Argv, s.Env = []string{c.argv0}, []string{"PATH=" + c.path}
		if _, out := r.run(s); out != c.want {
			t.Errorf("%s: output %q, want %q", id, out, c.want)
		}
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	r := newRoom(t)
	file := func(name, text string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	file("taken.out", "kept", 0o600)
	file("plain", "text", 0o600)
	file("no-interpreter", "#!/no/such/shell\n", 0o700)
	file("no-first-line", "echo\n", 0o700)
	if err := os.Symlink(filepath.Join(r.dir, "elsewhere"), filepath.Join(r.dir, "link.out")); err != nil {
		t.Fatal(err)
	}
	argv := func(a ...string) func(*Spec) { return func(s *Spec) { s.Argv = a } }
	for _, c := range []struct {
		id     string
		change func(*Spec)
		want   string
		cause  error
	}{
		{"missing", argv("frobnicate"), `start job: exec "frobnicate": not found in PATH`, nil},
		{"empty", argv(), `start job: exec: the command is empty`, nil},
		{"nowhere", argv("/no/such"), `start job: exec "/no/such": no such file or directory`, fs.ErrNotExist},
		{"not-executable", argv("./plain"), `start job: exec "./plain": permission denied`, fs.ErrPermission},
		{"directory", argv("/"), `start job: exec "/": is a directory`, syscall.EISDIR},
		{"interpreter", argv("./no-interpreter"), `start job: exec "./no-interpreter": the interpreter in its first line does not exist`, nil},
		{"format", argv("./no-first-line"), `start job: exec "./no-first-line": exec format error`, syscall.ENOEXEC},
		{"dir", func(s *Spec) { s.Dir = "/no/such" }, `start job: change directory to "/no/such": no such file or directory`, fs.ErrNotExist},
		{"dir-is-file", func(s *Spec) { s.Dir = "/bin/sh" }, `start job: change directory to "/bin/sh": not a directory`, syscall.ENOTDIR},
		{"output", func(s *Spec) { s.Output = "/no/such" }, `start job: create output "/no/such": no such file or directory`, fs.ErrNotExist},
		{"taken", func(*Spec) {}, `start job: create output "` + r.dir + `/taken.out": file exists`, fs.ErrExist},
		{"link", func(*Spec) {}, `start job: create output "` + r.dir + `/link.out": file exists`, fs.ErrExist},
		{"long", argv("/bin/sh", strings.Repeat("x", 8<<20)), `start job: exec "/bin/sh": argument list too long`, syscall.E2BIG},
	} {
		t.Run(c.id, func(t *testing.T) {
			s := r.sh(c.id, "exit 0")
			c.change(&s)
			_, err := r.Start(s)
			if _, ok := errors.AsType[*StartError](err); !ok || err.Error() != c.want {
				t.Fatalf("got  %v\nwant %v", err, c.want)
			}
			if c.cause != nil && !errors.Is(err, c.cause) {
				t.Errorf("%v does not wrap %v", err, c.cause)
			}
		})
	}
	if text, err := os.ReadFile(filepath.Join(r.dir, "taken.out")); err != nil || string(text) != "kept" {
		t.Errorf("the file in the way became %q, %v", text, err)
	}
	files, err := filepath.Glob(filepath.Join(r.dir, "*.out"))
	if err != nil || len(files) != 2 { // taken.out and link.out
		t.Errorf("left behind: %v, %v", files, err)
	}
}

func TestManyStartsAtOnce(t *testing.T) {
	r := newRoom(t)
	const starters, each = 8, 15
	results := make(chan error, starters*each)
	for i := range starters {
		go func() {
			for j := range each {
				_, err := r.Start(r.sh(runID(i, j), "exit 7"))
				results <- err
			}
		}()
	}
	for range starters * each {
		if err := <-results; err != nil {
			t.Fatal(err)
		}
	}
	for i := range starters {
		for j := range each {
			if e := r.exit(runID(i, j)); e.Code != 7 {
				t.Errorf("got %+v", e)
			}
		}
	}
}

func runID(i, j int) string { return string(rune('a'+i)) + "-" + string(rune('A'+j)) }

func TestCloseLeavesRunsAlone(t *testing.T) {
	r := newRoom(t)
	p := r.start(r.sh("long", "echo up; sleep 1000"))
	r.prints("long", "up")
	closed := make(chan struct{})
	go func() {
		r.Close()
		r.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(patience):
		t.Fatal("Close waits for the run")
	}
	if pids := r.Alive(p); !slices.Contains(pids, p.Pid) {
		t.Errorf("alive after Close: %v", pids)
	}
	if _, err := r.Start(r.sh("late", "exit 0")); !errors.Is(err, errClosed) {
		t.Errorf("start after Close: %v", err)
	}
}
