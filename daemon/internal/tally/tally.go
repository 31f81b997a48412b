package tally

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// emptyFrom is from what size a file of settled lines is emptied, in bytes.
const emptyFrom = 64 << 10

// Started says that a run has a process.
type Started struct {
	Run   string    `json:"run"`
	Job   string    `json:"job"`
	Pid   int       `json:"pid"`
	Start uint64    `json:"start"` // the kernel's start time of the process
	At    time.Time `json:"at"`
}

// Ended says how the process of a run has ended.
type Ended struct {
	Run       string        `json:"run"`
	Pid       int           `json:"pid"`
	Code      int           `json:"code"`
	Signal    int           `json:"signal,omitempty"`
	At        time.Time     `json:"at"`
	CPU       time.Duration `json:"cpu,omitempty"`
	MaxRSS    int64         `json:"max_rss,omitempty"`
	Survivors bool          `json:"survivors,omitempty"`
}

// line is one line of the file: one of its fields is set.
type line struct {
	Boot    string   `json:"boot,omitempty"`    // the lines after it are of this boot of the machine
	Forking string   `json:"forking,omitempty"` // run that is about to be started
	Started *Started `json:"started,omitempty"`
	Ended   *Ended   `json:"ended,omitempty"`
}

// Former is what an earlier worker has noted within this boot, by run.
type Former struct {
	Forking map[string]bool // about to be started
	Started map[string]Started
	Ended   map[string]Ended
}

// Tally is the open file. It is safe for concurrent use.
type Tally struct {
	mu      sync.Mutex
	file    *os.File
	boot    string
	size    int64
	pending int
	torn    bool // the last line is
	headed  bool // the file says which boot it is of
}

// Open opens the file at path and reads what is in it. A line that is torn or
// strange is passed over. Nothing is removed before Empty.
func Open(path, boot string) (*Tally, Former, error) {
	former := Former{map[string]bool{}, map[string]Started{}, map[string]Ended{}}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, former, fmt.Errorf("open tally: %w", err)
	}
	ours := false
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var l line
		if json.Unmarshal(lines.Bytes(), &l) != nil {
			continue
		}
		switch {
		case l.Boot != "":
			ours = l.Boot == boot
		case !ours:
		case l.Forking != "":
			former.Forking[l.Forking] = true
		case l.Started != nil:
			former.Started[l.Started.Run] = *l.Started
		case l.Ended != nil:
			former.Ended[l.Ended.Run] = *l.Ended
		}
	}
	t := &Tally{file: f, boot: boot}
	if info, err := f.Stat(); err == nil {
		t.size = info.Size()
	}
	t.torn = true // perhaps
	reserve(f)
	_ = t.head() // else with the first line
	return t, former, nil
}

// head writes which boot the lines to come are of, without which they are passed over.
func (t *Tally) head() error {
	if t.headed {
		return nil
	}
	err := t.put(line{Boot: t.boot})
	t.headed = err == nil
	return err
}

// put appends a line. What is left of a torn one must not swallow it.
func (t *Tally) put(l line) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if t.torn {
		text = append([]byte{'\n'}, text...)
	}
	n, err := t.file.Write(text)
	t.size, t.torn = t.size+int64(n), n < len(text)
	return err
}

// Forking notes that a run is about to be started: without it, it has not been.
func (t *Tally) Forking(run string) error { return t.add(line{Forking: run}) }

// Started notes a start.
func (t *Tally) Started(s Started) error { return t.add(line{Started: &s}) }

// Ended notes an end.
func (t *Tally) Ended(e Ended) error { return t.add(line{Ended: &e}) }

func (t *Tally) add(l line) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending++
	err := t.head()
	if err == nil {
		err = t.put(l)
	}
	if err != nil {
		return fmt.Errorf("note in tally: %w", err)
	}
	return nil
}

// Settle says that n more lines have reached the journal.
func (t *Tally) Settle(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending -= n
	if t.pending <= 0 && t.size > emptyFrom {
		t.empty()
	}
}

// Empty says that everything that was read by Open has reached the journal.
func (t *Tally) Empty() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pending <= 0 {
		t.empty()
	}
}

func (t *Tally) empty() {
	if t.file.Truncate(0) == nil {
		t.size, t.torn, t.headed = 0, false, false
		reserve(t.file)
		_ = t.head() // else with the next line
	}
}

// Close closes the file.
func (t *Tally) Close() error { return t.file.Close() }
