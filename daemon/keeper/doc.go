// Package keeper is the parent that outlives the worker.
//
// The daemon is two processes. The worker is the daemon proper: it decides, and starts jobs as its own children. The keeper starts the
// worker and does next to nothing. It is a subreaper: when the worker dies, however it dies, the running jobs fall to the
// keeper, which writes down how each of them ends and starts another worker. That one reads what was written. So the daemon
// can be killed, or replaced by another version, and no job notices and no exit code is lost.
//
// # Messages
//
// The two speak over a socket pair, one JSON object a line, see [Message]. The keeper lives longer than any worker and is
// not replaced with it, so the words must stay understood: fields may be added, and what is not known is passed over.
//
//	keeper → worker   hello   who the keeper is and how the last worker ended; what it holds comes along
//	                  signal  the keeper was sent HUP, TERM, INT or USR1; after the worker's ready
//	                  ping    does the worker's loop go round? to one that said with ready that it knows the word
//	                  end     a process that fell to the keeper has ended; it is in the record already
//	worker → keeper   hold    descriptors to keep open between workers: the locks, and the record at the end
//	                  ready   the worker answers
//	                  pong    the answer to a ping, by the loop itself
//	                  settled the record up to an offset is in the journal
//	                  stopping  the daemon is to end, also should this worker die before
//
// # The record
//
// A file to which the keeper appends a line for each end, before it reaps: killed in between, it leaves a dead child that
// init reaps and a line that says how it ended. A line also tells the tag of the process, by
// which it is known whose it was if the worker has not come to note that itself. When all of it is settled the file is emptied.
//
// # The watchdog
//
// A worker whose loop does not answer is sent ABRT, which leaves its stacks in the log, then KILL, and is replaced like any that
// has crashed: its jobs fall to the keeper. A service manager that wants to hear from its service (WATCHDOG_USEC) hears from the
// keeper, whatever the worker does, and sets the pace of both.
//
// Listening sockets that the service manager has made (LISTEN_FDS) are handed to every worker as they came, from descriptor 3
// on, and stay open in the keeper: who connects between two workers is answered by the second.
//
// The worker's exit code says what comes next: 0 ends the keeper, 75 wants another worker at once, anything else is a crash, after which
// the next worker is started with a growing delay.
package keeper
