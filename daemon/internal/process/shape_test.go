package process

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// The test binary is also the program that has no right to a better nice value.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LSH_TEST_UNPRIVILEGED"); dir != "" {
		fmt.Println(startUnprivileged(dir))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestUmask(t *testing.T) {
	r := newRoom(t)
	before := umaskOfThisProcess(t, r, "before")
	var starts sync.WaitGroup
	for i, mask := range []uint32{0o077, 0o022, 0o007, 0} {
		starts.Go(func() {
			s := r.sh("umask-"+strconv.Itoa(i), "umask")
			s.Umask = &mask
			if _, err := r.Start(s); err != nil {
				t.Error(err)
			}
			r.exit(s.ID)
			if got, want := strings.TrimSpace(r.output(s.ID)), fmt.Sprintf("%04o", mask); got != want {
				t.Errorf("umask %s, want %s", got, want)
			}
		})
	}
	starts.Wait()
	if after := umaskOfThisProcess(t, r, "after"); after != before {
		t.Errorf("the daemon's own umask went from %s to %s", before, after)
	}
}

func umaskOfThisProcess(t *testing.T, r *room, id string) string {
	t.Helper()
	_, out := r.run(r.sh(id, "umask"))
	return out
}

func TestUmaskByShell(t *testing.T) {
	r := newRoom(t)
	s := r.sh("wrapped", "")
	exe, argv := wrapUmask(0o027, "/bin/sh", []string{"sh", "-c", `umask; echo "$@"`, "sh", "two words", "$HOME", ""})
	s.Argv = append([]string{exe}, argv[1:]...)
	if _, out := r.run(s); out != "0027\ntwo words $HOME \n" {
		t.Errorf("output %q", out)
	}
}

func TestNice(t *testing.T) {
	r := newRoom(t)
	nice := 7
	s := r.sh("nice", "nice")
	s.Nice = &nice
	if _, out := r.run(s); out != "7\n" {
		t.Errorf("nice %s", out)
	}
	if _, out := r.run(r.sh("plain", "nice")); out == "7\n" {
		t.Error("a plain run after it has its nice value")
	}
}

func TestUmaskAndNiceTogetherAndErrors(t *testing.T) {
	r := newRoom(t)
	nice, mask := 3, uint32(0o027)
	s := r.sh("both", "umask; nice")
	s.Umask, s.Nice = &mask, &nice
	if _, out := r.run(s); out != "0027\n3\n" {
		t.Errorf("output %q", out)
	}
	s = r.sh("missing", "")
	s.Umask, s.Nice, s.Argv = &mask, &nice, []string{"frobnicate"}
	if _, err := r.Start(s); !errors.Is(err, errNotInPath) {
		t.Errorf("got %v", err)
	}
}

func TestANiceValueThatIsNotPermitted(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "lsh-nice-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	r := newRoom(t)
	s := r.sh("self", "")
	s.Argv, s.Env = []string{self}, []string{path, "LSH_TEST_UNPRIVILEGED=" + dir}
	_, out := r.run(s)
	if want := `start job: set nice "-5": not permitted: permission denied; use a nice no lower than`; !strings.HasPrefix(out, want) {
		t.Errorf("got %q", out)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("left behind %v, %v", files, err)
	}
}

// startUnprivileged gives the answer to a nice value below the own, as a user who may not have it.
func startUnprivileged(dir string) string {
	if os.Geteuid() == 0 {
		const nobody = 65534
		if err := errors.Join(syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
			return err.Error()
		}
	}
	h, err := NewHost(slog.New(slog.DiscardHandler), func(Exit) {})
	if err != nil {
		return err.Error()
	}
	defer h.Close()
	nice := -5
	_, err = h.Start(Spec{
		ID: "greedy", Argv: []string{"/bin/sh", "-c", "touch ran"}, Dir: dir, Env: []string{path},
		Output: dir + "/out", Nice: &nice,
	})
	if e, ok := errors.AsType[*StartError](err); ok {
		return e.Error() + "; " + e.Hint
	}
	return fmt.Sprint(err)
}
