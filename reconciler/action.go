package reconciler

import "time"

// Action is the one next thing to do for a job.
type Action struct {
	Op     Op
	Reason string // one sentence, filled for every Op but None

	Run      string    // the run that it is about: Launch, Drop, Terminate, Kill, Tell; Miss: that waits for the slot
	Request  string    // the request that it answers: Start, Enqueue, Refuse
	Override string    // the override that it ends: Expire, and Skip by the operator's word
	Trigger  Trigger   // Start, Enqueue
	Attempt  int       // Start, Enqueue: from 1; more when a slot's run is begun again
	Retries  int       // Enqueue: of its attempts, those that had failed
	Slot     time.Time // Start, Enqueue, Skip, Miss, Collapse, Pass: the slot; zero for a run by hand
	Last     time.Time // Miss, Collapse, Pass, and Skip of several: the last slot of the stretch; SetAside: up to where
	Count    int       // of these: how many slots; 0 is one
	Signal   string    // Terminate, Tell
	StopBy   time.Time // Terminate: when Kill follows
	End      End       // Terminate: how the run will have ended
}

// Op is the verb of an Action.
type Op uint8

// The verbs.
const (
	None      Op = iota
	Start        // begin a run
	Enqueue      // let a run wait
	Launch       // begin the run that waits
	Drop         // end a run that waits, before it began
	Skip         // account for a slot that does not run
	Miss         // account for a stretch of slots that were missed
	Collapse     // account for a stretch of slots that a later one stands for
	Pass         // go on over slots that have been accounted for
	SetAside     // begin to work off slots that were missed, beside those that come
	Spread       // say when a catch-up run of the job may begin: not all at once
	Refuse       // end a request without a run
	Terminate    // ask a run to end
	Kill         // end it
	Tell         // signal a run that its job has changed
	Expire       // end an override
)

var opNames = [...]string{
	"none", "start", "enqueue", "launch", "drop", "skip", "miss", "collapse", "pass", "set aside", "spread", "refuse", "terminate", "kill", "tell", "expire",
}

// String is the verb as it is logged.
func (o Op) String() string { return opNames[o] }

// End is how a run that was asked to end will have ended.
type End uint8

// The ends.
const (
	EndStopped  End = iota + 1 // by an operator, a policy or the daemon's own end
	EndTimedOut                // by its timeout
)
