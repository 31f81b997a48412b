package output_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/output"
)

// lines is n numbered lines of 16 bytes.
func lines(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "line %010d\n", i)
	}
	return b.Bytes()
}

func write(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run.log")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// all reads an output in pages from an offset on.
func all(t *testing.T, path string, offset, page int64) string {
	t.Helper()
	r := output.NewReader(path)
	defer r.Close()
	var b strings.Builder
	for {
		p, err := r.Read(offset, page)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Data) == 0 {
			return b.String()
		}
		b.Write(p.Data)
		offset = p.Next()
	}
}

func TestHeadAndTailStay(t *testing.T) {
	text := lines(100_000)
	for name, cut := range map[string]func(string, int64) (output.Cut, error){"while it runs": output.Trim, "at its end": output.Finish} {
		t.Run(name, func(t *testing.T) {
			path := write(t, text)
			c, err := cut(path, 64<<10)
			if err != nil {
				t.Fatal(err)
			}
			if kept := int64(len(text)) - c.Dropped(); kept < 64<<10 || kept > 72<<10 {
				t.Errorf("%d bytes are kept", kept)
			}
			for _, page := range []int64{1 << 20, 1000} {
				got := all(t, path, 0, page)
				want := string(text[:c.From]) + fmt.Sprintf("\n[… %d bytes dropped …]\n", c.Dropped()) + string(text[c.To:])
				if got != want {
					t.Errorf("in pages of %d it reads %d bytes, want %d", page, len(got), len(want))
				}
			}
			if got := all(t, path, c.To+160, 1<<20); got != string(text[c.To+160:]) {
				t.Error("an offset behind the cut is another")
			}
			r := output.NewReader(path)
			defer r.Close()
			if at, err := r.Tail(3); err != nil || at != int64(len(text)-48) {
				t.Errorf("the last three lines begin at %d, %v", at, err)
			}
			if at, err := r.Tail(1_000_000); err != nil || at != c.From {
				t.Errorf("more lines than are there begin at %d, %v", at, err)
			}
		})
	}
}

func TestWhatIsShortStaysWhole(t *testing.T) {
	path := write(t, lines(100))
	if c, err := output.Finish(path, 64<<10); err != nil || c.Dropped() != 0 {
		t.Errorf("cut %+v, %v", c, err)
	}
	if got := all(t, path, 0, 100); got != string(lines(100)) {
		t.Error("it reads otherwise")
	}
}

func TestZerosThatWerePrintedAreNoHole(t *testing.T) {
	text := make([]byte, 50_000)
	path := write(t, text)
	if got := all(t, path, 0, 1<<20); got != string(text) {
		t.Error("zeros are taken for a hole")
	}
}

// A real program prints much more than is kept; the disk never holds it all.
func TestALiveFileIsHeldWithinItsLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.log")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	trimmer := output.NewTrimmer(slog.New(slog.DiscardHandler), func(string) {})
	defer trimmer.Close()
	const limit = 256 << 10
	trimmer.Watch("run", path, limit)
	cmd := exec.Command("sh", "-c", "i=0; while [ $i -lt 40 ]; do yes 'some words that are printed' | head -c 500000; sleep 0.05; i=$((i+1)); done; echo the end")
	cmd.Stdout = f
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); onDisk(t, path) > 2*limit; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it takes %d bytes on disk", onDisk(t, path))
		}
	}
	trimmer.Forget("run")
	c, err := output.Finish(path, limit)
	if err != nil || c.Dropped() < 15<<20 {
		t.Errorf("cut %+v, %v", c, err)
	}
	got := all(t, path, 0, 1<<20)
	if !strings.HasPrefix(got, "some words") || !strings.HasSuffix(got, "the end\n") || strings.ContainsRune(got, 0) {
		t.Errorf("it reads %d bytes, from %q to %q", len(got), got[:20], got[len(got)-20:])
	}
}

func onDisk(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Blocks * 512
}

func TestRemovingLeavesNothing(t *testing.T) {
	s := output.Store{Dir: t.TempDir()}
	path := s.Path("backup", "r1")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, lines(10_000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := output.Finish(path, 8192); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Remove("backup", "r1"); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := os.ReadDir(s.Dir); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
}
