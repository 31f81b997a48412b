package output

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Reader reads an output by the offsets of what was printed. The file need not exist yet, may grow, and may be cut meanwhile.
type Reader struct {
	path string
	file *os.File
}

// NewReader reads the file at path; "" is an output that never began.
func NewReader(path string) *Reader { return &Reader{path: path} }

// Close closes the file.
func (r *Reader) Close() {
	if r.file != nil {
		r.file.Close()
	}
}

// open tells whether the file is there. A file that was rewritten is opened anew.
func (r *Reader) open() (bool, error) {
	if r.path == "" {
		return false, nil
	}
	now, err := os.Stat(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return r.file != nil, nil // removed while it is read
	}
	if err != nil {
		return false, err
	}
	if r.file != nil {
		if info, err := r.file.Stat(); err == nil && os.SameFile(info, now) {
			return true, nil
		}
		r.file.Close()
	}
	r.file, err = os.Open(r.path)
	return err == nil, err
}

// Page is a piece of output.
type Page struct {
	Data   []byte
	Offset int64 // where Data belongs: its end is where the next page begins
}

// Next is where the next page begins.
func (p Page) Next() int64 { return p.Offset + int64(len(p.Data)) }

// Read is what was printed from an offset on, at most so many bytes. In place of what was dropped it gives one line that says so, which
// ends where the rest begins.
func (r *Reader) Read(offset, most int64) (Page, error) {
	for {
		there, err := r.open()
		if !there {
			return Page{Offset: offset}, err
		}
		c := cutOf(r.path)
		page, err := r.read(offset, most, c)
		if err != nil {
			return page, err
		}
		if cutOf(r.path) == c {
			return page, nil
		}
		// It was cut while it was read: some of the data may be the hole's zeros.
	}
}

func (r *Reader) read(offset, most int64, c Cut) (Page, error) {
	switch {
	case c.Dropped() == 0 || offset >= c.To:
	case offset < c.From:
		most = min(most, c.From-offset)
	default:
		mark := fmt.Appendf(nil, "\n[… %d bytes dropped …]\n", c.Dropped())
		return Page{mark, c.To - int64(len(mark))}, nil
	}
	at := offset
	if c.Dropped() > 0 && offset >= c.To {
		info, err := r.file.Stat()
		if err != nil {
			return Page{Offset: offset}, err
		}
		if info.Size() < c.Total {
			at -= c.Dropped() // it was rewritten without the middle
		}
	}
	data, err := io.ReadAll(io.NewSectionReader(r.file, at, most))
	return Page{data, offset}, err
}

// Tail is the offset at which the last lines begin. A last line without its end counts. Beyond a cut it does not look.
func (r *Reader) Tail(lines int) (int64, error) {
	there, err := r.open()
	if !there {
		return 0, err
	}
	c := cutOf(r.path)
	info, err := r.file.Stat()
	if err != nil {
		return 0, err
	}
	end := info.Size()
	if end < c.Total {
		end += c.Dropped()
	}
	if lines <= 0 {
		return end, nil
	}
	const chunk = 64 << 10
	for upto := end; upto > c.To || c.Dropped() == 0 && upto > 0; {
		from := max(0, upto-chunk)
		if c.Dropped() > 0 {
			from = max(c.To, from)
		}
		page, err := r.read(from, upto-from, c)
		if err != nil {
			return 0, err
		}
		for i := len(page.Data); ; {
			i = bytes.LastIndexByte(page.Data[:i], '\n')
			if i < 0 {
				break
			}
			if from+int64(i) == end-1 {
				continue // the end of the last line
			}
			if lines--; lines == 0 {
				return from + int64(i) + 1, nil
			}
		}
		upto = from
	}
	if c.Dropped() > 0 {
		return c.From, nil // begin with the line that says so
	}
	return 0, nil
}
