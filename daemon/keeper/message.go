package keeper

import "time"

// Version is that of the words below.
const Version = 2

// pingVersion is from which version on a worker answers pings.
const pingVersion = 2

// ExitRestart is the exit code of a worker that wants to be replaced (EX_TEMPFAIL).
const ExitRestart = 75

// Message is one line between keeper and worker.
type Message struct {
	Kind string `json:"kind"`

	// hello
	Version int       `json:"version,omitempty"` // of the words that the sender knows; ready: the worker's
	Pid     int       `json:"pid,omitempty"`     // the keeper's
	Started time.Time `json:"started,omitzero"`
	Workers int       `json:"workers,omitempty"` // started so far, this one included
	Last    *Record   `json:"last,omitempty"`    // how the last worker ended
	Hung    bool      `json:"hung,omitempty"`    // the last worker stood still and was ended
	Held    int       `json:"held,omitempty"`    // hello, hold: descriptors that come along

	Signal string  `json:"signal,omitempty"` // signal: HUP, TERM, INT or USR1
	End    *Record `json:"end,omitempty"`    // end
	Offset int64   `json:"offset,omitempty"` // of the record, counted since the keeper began: hello: where its file begins; end: behind it; settled: up to it
}

// The kinds of message.
const (
	KindHello   = "hello"
	KindSignal  = "signal"
	KindEnd     = "end"
	KindPing    = "ping"
	KindHold    = "hold"
	KindReady   = "ready"
	KindPong    = "pong"
	KindSettled = "settled"

	KindStopping = "stopping"
)

// Record is one line of the record.
type Record struct {
	Boot   string        `json:"boot,omitempty"` // of the machine: a pid means nothing in another
	Pid    int           `json:"pid"`
	Start  uint64        `json:"start"`            // the kernel's start time of the process
	Leader bool          `json:"leader,omitempty"` // it led a session and had executed a program, as the first process of a run has
	Tag    uint64        `json:"tag,omitempty"`    // which every process of a run bears, see package process
	Code   int           `json:"code"`             // -1 when a signal ended it
	Signal int           `json:"signal,omitempty"`
	Ended  time.Time     `json:"ended,omitzero"`
	CPU    time.Duration `json:"cpu,omitempty"`
	RSS    int64         `json:"rss,omitempty"` // bytes
}
