// Package tally is a plain file in which the worker notes starts and ends of runs at once, where the journal takes its turn.
//
// Between a fork and the commit of its pid, and between an end and the commit of its exit status, the worker can be killed. What
// the journal does not have by then is here: a line is one write, so it is in the file when the call returns, whatever
// becomes of the process. It is not synced: after a power cut there is no process left to know of.
//
// The owner says by [Tally.Settle] how many lines have reached the journal; when all have, a file that has grown is emptied.
package tally
