package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// spillSuffix makes its name of the journal's.
const spillSuffix = ".spill"

// spillRoom is how much room is kept for rows that cannot be written, in bytes: some hundred runs.
const spillRoom = 1 << 20

// spill is a file beside the journal for the rows that wait to be written. Its room is kept from the start, so that it can be
// written when the disk is full: neither a crash nor a stop forgets what is in it. One line is one batch.
type spill struct {
	file *os.File // nil when it cannot be opened
	size int64
	torn bool // the last line may be
}

// line is one batch.
type spillLine struct {
	Durable bool       `json:"durable,omitempty"`
	Rows    []spillRow `json:"rows"`
}

type spillRow struct {
	Kind string          `json:"kind"`
	Row  json.RawMessage `json:"row"`
}

func openSpill(path string) *spill {
	s := &spill{torn: true}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return s // rows wait in memory only, which status says when they do
	}
	s.file = f
	if info, err := f.Stat(); err == nil {
		s.size = info.Size()
	}
	reserveRoom(f, spillRoom)
	return s
}

// read gives the batches that an earlier worker has left. What is torn or strange is passed over.
func (s *spill) read() []kept {
	if s.file == nil || s.size == 0 {
		return nil
	}
	lines := bufio.NewReader(io.NewSectionReader(s.file, 0, s.size))
	var all []kept
	for {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			return all
		}
		if k, err := parseSpill(text); err == nil {
			all = append(all, k)
		}
	}
}

// add keeps a batch, and tells whether it is there.
func (s *spill) add(k kept) bool {
	if s.file == nil {
		return false
	}
	text, err := formatSpill(k)
	if err != nil {
		return false
	}
	if s.torn {
		text = append([]byte{'\n'}, text...) // what is left of the line before must not swallow this one
	}
	n, err := s.file.Write(text)
	s.size, s.torn = s.size+int64(n), n < len(text)
	return err == nil
}

// clear is for when everything has been written.
func (s *spill) clear() {
	if s.file == nil || s.size == 0 {
		return
	}
	if s.file.Truncate(0) == nil {
		s.size, s.torn = 0, false
		reserveRoom(s.file, spillRoom)
	}
}

func (s *spill) close() {
	if s.file != nil {
		s.file.Close()
	}
}

func formatSpill(k kept) ([]byte, error) {
	line := spillLine{Durable: k.durable}
	for _, row := range k.rows {
		text, err := json.Marshal(row)
		if err != nil {
			return nil, err
		}
		line.Rows = append(line.Rows, spillRow{kindOf(row), text})
	}
	text, err := json.Marshal(line)
	return append(text, '\n'), err
}

func parseSpill(text []byte) (kept, error) {
	var line spillLine
	if err := json.Unmarshal(bytes.TrimSpace(text), &line); err != nil {
		return kept{}, err
	}
	k := kept{durable: line.Durable, spilled: true}
	for _, r := range line.Rows {
		row, err := rowOf(r)
		if err != nil {
			return kept{}, err
		}
		k.rows = append(k.rows, row)
	}
	return k, nil
}

// kindOf names the type of a row in the file.
func kindOf(row any) string { return fmt.Sprintf("%T", row) }

// rowOf is a row as it was given to Write.
func rowOf(r spillRow) (any, error) {
	for _, read := range []func(spillRow) (any, error){
		as[Run], as[Slot], as[cutSlots], as[Job], as[rename], as[Override], as[endOverride], as[Request], as[dropRequest],
		as[Command], as[Generation], as[Source], as[Event], as[Loss],
	} {
		if row, err := read(r); row != nil || err != nil {
			return row, err
		}
	}
	return nil, fmt.Errorf("read %s: it is no row", r.Kind)
}

// as reads a row of one type; nil when it is of another.
func as[T any](r spillRow) (any, error) {
	var row T
	if kindOf(row) != r.Kind {
		return nil, nil
	}
	err := json.Unmarshal(r.Row, &row)
	return row, err
}
