package ipc

import "time"

// Limits bound what clients can cost. A zero field has the default.
type Limits struct {
	Request  int           // bytes of a request; 4 MiB
	Conns    int           // connections of the server at a time; 64
	InFlight int           // requests in progress per connection; 64, with the answers to expect no more bytes than Request
	Batch    int           // requests a batch; 1000
	Queue    int           // bytes waiting to be read by a client; 8 MiB
	Messages int           // messages waiting to be read by a client; 4096
	Idle     time.Duration // without a request in progress or a subscription; 10 min
	Partial  time.Duration // without progress in the middle of a request; 30 s
	Write    time.Duration // without progress of a write; 10 s
}

func (l Limits) withDefaults() Limits {
	orInt := func(value *int, byDefault int) {
		if *value == 0 {
			*value = byDefault
		}
	}
	orTime := func(value *time.Duration, byDefault time.Duration) {
		if *value == 0 {
			*value = byDefault
		}
	}
	orInt(&l.Request, 4<<20)
	orInt(&l.Conns, 64)
	orInt(&l.InFlight, 64)
	orInt(&l.Batch, 1000)
	orInt(&l.Queue, 8<<20)
	orInt(&l.Messages, 4096)
	orTime(&l.Idle, 10*time.Minute)
	orTime(&l.Partial, 30*time.Second)
	orTime(&l.Write, 10*time.Second)
	return l
}

// The limits that nobody has a reason to change.
const (
	// lineGrace is how long an object that has come to the end of a line, and can
	// be of either protocol, may take to go on in the next line; else it is lines.
	lineGrace = time.Second
	// patience is how long a request waits for a place among those in flight
	// before it is answered as busy. The connection is not read meanwhile.
	patience = time.Second
	// batchAnswers bounds the answers of one batch, in bytes.
	batchAnswers = 4 << 20
	// unreadTotal bounds the answers that wait to be read by all clients, in
	// bytes. Beyond it each client has its fairShare, so that those who do not
	// read take nothing from the others, and a smallAnswer is never refused: it
	// mostly tells what has been done.
	unreadTotal = 32 << 20
	fairShare   = 512 << 10
	smallAnswer = 8 << 10
	// makingTotal bounds what the requests in progress of all clients weigh
	// with their answers, by what those of the same method have weighed; before
	// the first one that is firstWeight. A client has one in progress at any
	// weight.
	makingTotal = 16 << 20
	firstWeight = 32 << 10
	// longestID bounds an id, in bytes: it is given back with every answer,
	// also where that says that there is no room.
	longestID = 1 << 10
	// mostEchoed is how much of a text an error repeats, and mostSaid how long
	// its message is, in characters.
	mostEchoed = 200
	mostSaid   = 1000
	// farewell is how long a client that is turned away may go on sending,
	// so that it reads why before its own writes fail.
	farewell = time.Second
	// drain is how long requests may finish when the server stops, and cut how
	// long those that were then cancelled have to say so.
	drain = 750 * time.Millisecond
	cut   = 250 * time.Millisecond
	// peek is how often a client that sends no more is looked at: does it
	// still wait for answers?
	peek = 200 * time.Millisecond
)
