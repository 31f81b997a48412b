package logfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Records of ten bytes in files of twenty: two to a file.
const record = "123456789\n"

func numbered(n int) string { return strings.Replace(record, "1", string(rune('a'+n)), 1) }

func TestRotationKeepsThree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	f := openFile(t, path, 20)
	for i := range 11 {
		put(t, f, numbered(i))
	}
	wantText(t, path, numbered(10))
	wantText(t, path+".1", numbered(8)+numbered(9))
	wantText(t, path+".2", numbered(6)+numbered(7))
	wantText(t, path+".3", numbered(4)+numbered(5))
	names, err := filepath.Glob(path + "*")
	check(t, err)
	if len(names) != 4 {
		t.Errorf("files %q, want four", names)
	}
}

func TestARecordIsNeverSplit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	f := openFile(t, path, 20)
	long := strings.Repeat("x", 50) + "\n"
	put(t, f, record)
	put(t, f, long)
	put(t, f, record)
	wantText(t, path+".2", record)
	wantText(t, path+".1", long)
	wantText(t, path, record)
}

func TestAnEmptyFileIsNotPutAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	put(t, openFile(t, path, 20), strings.Repeat("x", 50)+"\n")
	if _, err := os.Lstat(path + ".1"); err == nil {
		t.Error("the empty file was rotated to make room for a long record")
	}
}

func TestTheSizeOfAnEarlierDaemonCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	check(t, os.WriteFile(path, []byte(record+record), 0o600))
	put(t, openFile(t, path, 20), record)
	wantText(t, path+".1", record+record)
	wantText(t, path, record)
}

func TestRotationLeavesWhatIsNotOursAtThePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	f := openFile(t, path, 20)
	put(t, f, record+record)
	check(t, os.Rename(path, path+".mine"))
	check(t, os.WriteFile(path, []byte("new\n"), 0o600))
	put(t, f, record)
	wantText(t, path, "new\n"+record)
	if _, err := os.Lstat(path + ".1"); err == nil {
		t.Error("a file that was not the log was rotated")
	}
}

// A directory that is not empty cannot be renamed over, by root neither.
func squat(t *testing.T, path string) {
	t.Helper()
	check(t, os.MkdirAll(filepath.Join(path, "in the way"), 0o700))
}

func TestASquattedRotationIsBoundedAllTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	f := openFile(t, path, 20)
	// The file that is put aside cannot be: .3 blocks .2 blocks .1.
	squat(t, path+".3")
	squat(t, path+".2")
	squat(t, path+".1")
	for i := range 8 { // four files' worth
		put(t, f, numbered(i))
	}
	if got := len(read(t, path)); got != 80 {
		t.Errorf("%d bytes in the log, want all 80", got)
	}
	put(t, f, numbered(8))
	wantText(t, path, numbered(8))

	check(t, os.RemoveAll(path+".1"))
	put(t, f, numbered(9))
	put(t, f, numbered(10))
	wantText(t, path, numbered(10))
	wantText(t, path+".1", numbered(8)+numbered(9))
}

func TestOneSquattedOldFileCostsOnlyItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	f := openFile(t, path, 20)
	squat(t, path+".3")
	for i := range 9 {
		put(t, f, numbered(i))
	}
	wantText(t, path, numbered(8))
	wantText(t, path+".1", numbered(6)+numbered(7))
	wantText(t, path+".2", numbered(4)+numbered(5))
}
