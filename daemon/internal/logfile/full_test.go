package logfile

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWriteErrorsAreCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	f := openFile(t, path, maxSize)
	good := f.out
	bad, err := os.Open(path) // for reading: every write to it is an error
	check(t, err)
	defer bad.Close()

	f.out = bad
	for range 3 {
		if _, err := f.Write([]byte(record)); err == nil {
			t.Fatal("a write to the bad file went well")
		}
	}
	if n, err := f.Lost(); n != 3 || err == nil {
		t.Errorf("Lost is %d, %v, want 3 and why", n, err)
	}

	f.out = good
	put(t, f, record)
	if n, err := f.Lost(); n != 3 || err != nil {
		t.Errorf("Lost is %d, %v, want 3 and no error any more", n, err)
	}
	wantText(t, path, record)
}

// A limit on the size of files is the nearest thing to a full disk that a
// process can make for itself: a write gets as far as the limit, and the next
// is an error.
func TestAFullDiskTearsOneLineOnly(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	path := filepath.Join(t.TempDir(), "lsh.log")
	f := openFile(t, path, maxSize)
	put(t, f, "first\n")

	var was syscall.Rlimit
	check(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was))
	full := was
	full.Cur = 10
	check(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full))
	n, err := f.Write([]byte("second\n"))
	_, err2 := f.Write([]byte("third\n"))
	check(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was))

	if n != 4 || !errors.Is(err, syscall.EFBIG) {
		t.Fatalf("Write on a full disk is %d, %v, want 4 bytes and the cause", n, err)
	}
	if err2 == nil {
		t.Error("the next write on a full disk went well")
	}
	put(t, f, "fourth\n")
	if got := strings.Split(read(t, path), "\n"); len(got) < 3 || got[0] != "first" || got[1] != "seco" || got[len(got)-2] != "fourth" {
		t.Errorf("log says %q, want the torn line and the fourth on lines of their own", got)
	}
	if n, _ := f.Lost(); n != 2 {
		t.Errorf("Lost is %d, want 2", n)
	}
}
