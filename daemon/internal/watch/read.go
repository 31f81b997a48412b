package watch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	maxSize   = 64 << 20 // bytes; a jobs file of 100,000 jobs is a tenth of it
	stableGap = time.Second
	busyRetry = 200 * time.Millisecond
	busyLimit = 10 * time.Second
)

// Content is what a path led to at one moment.
type Content struct {
	Text    []byte
	Sum     [32]byte // SHA-256 of Text
	Real    string   // the path of the file with all links resolved
	Missing bool     // there is no file; the error is a *MissingError
}

// Read returns the whole content of the file that path, which is absolute, leads to. It never returns half of what a
// writer is writing: as long as one has the file open (known on Linux only, for files of our own), or when the file
// changed or was replaced under the reader's hands, the error is a *BusyError. Others are *MissingError and *UnfitError.
func Read(path string) (Content, error) { return read(path, true) }

// ReadStable is Read for someone who insists: a writer may have the file open as long as two reads 1 s apart are equal.
func ReadStable(path string) (Content, error) {
	content, err := read(path, true)
	if _, busy := errors.AsType[*BusyError](err); !busy {
		return content, err
	}
	first, err := read(path, false)
	if err != nil {
		return first, err
	}
	time.Sleep(stableGap)
	second, err := read(path, false)
	if err != nil {
		return second, err
	}
	if first.Sum != second.Sum || first.Real != second.Real {
		return Content{}, &BusyError{Path: path, Reason: "it is being written"}
	}
	return second, nil
}

// Patiently calls look until it returns something other than a *BusyError, every 200 ms and for at most 10 s. It returns
// look's last error, or that of ctx when ctx ends first.
func Patiently(ctx context.Context, look func() error) error {
	limit := time.Now().Add(busyLimit)
	for {
		err := look()
		if _, busy := errors.AsType[*BusyError](err); !busy || time.Now().After(limit) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(busyRetry):
		}
	}
}

func read(path string, leased bool) (Content, error) {
	at, err := resolve(path, func(string, string) {})
	switch {
	case err != nil:
		return Content{}, &UnfitError{path, cause(err)}
	case at.missing != "":
		return Content{Missing: true}, &MissingError{path, at.missing}
	case !at.info.Mode().IsRegular():
		return Content{}, &UnfitError{path, "it is not a regular file"} // before open: some devices act on being opened
	}
	// NOFOLLOW and NONBLOCK: it may have become a link or a fifo since.
	file, err := os.OpenFile(at.real, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	switch {
	case absent(err), errors.Is(err, syscall.ELOOP):
		return Content{}, &BusyError{path, "it was replaced while it was read"}
	case err != nil:
		return Content{}, &UnfitError{path, cause(err)}
	}
	defer file.Close()

	text, err := readWhole(path, file, leased)
	if err != nil {
		return Content{}, err
	}
	info, err := file.Stat()
	if err != nil {
		return Content{}, &UnfitError{path, cause(err)}
	}
	again, err := resolve(path, func(string, string) {})
	if err != nil || again.real != at.real || again.info == nil || !os.SameFile(again.info, info) {
		return Content{}, &BusyError{path, "it was replaced while it was read"}
	}
	return Content{Text: text, Sum: sha256.Sum256(text), Real: at.real}, nil
}

// readWhole reads an open file, under a lease if it may, and vouches that it did not change meanwhile.
func readWhole(path string, file *os.File, leased bool) ([]byte, error) {
	before, err := stampOf(file)
	switch {
	case err != nil:
		return nil, &UnfitError{path, cause(err)}
	case before.kind != unix.S_IFREG:
		return nil, &UnfitError{path, "it is not a regular file"}
	case before.size > maxSize:
		return nil, &UnfitError{path, fmt.Sprintf("it has %d MiB, more than the %d MiB allowed", before.size>>20, maxSize>>20)}
	}
	if leased {
		release, free := lease(file)
		if !free {
			return nil, &BusyError{path, "a writer has it open"}
		}
		defer release()
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err != nil {
		return nil, &UnfitError{path, cause(err)}
	}
	after, err := stampOf(file)
	if err != nil || after != before || int64(len(text)) != after.size {
		return nil, &BusyError{path, "it changed while it was read"}
	}
	return text, nil
}

// stamp is what cannot stay the same when a file is written, short of a write within the clock's tick.
type stamp struct {
	kind             uint32
	size             int64
	modified, status unix.Timespec
}

func stampOf(file *os.File) (stamp, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &st); err != nil {
		return stamp{}, err
	}
	return stamp{uint32(st.Mode) & unix.S_IFMT, st.Size, st.Mtim, st.Ctim}, nil
}

// cause strips the system call and the path off an error, which the caller's error names.
func cause(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return err.Error()
}
