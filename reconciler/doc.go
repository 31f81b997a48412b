// Package reconciler holds every decision of lsh and nothing else.
//
// It compares what should be (Desired: the jobs file with an operator's
// overrides laid over it) with what is (Observed: runs in progress and how
// far the schedule has been dealt with) and says what to do next. Time is an
// argument; there is no clock, no file, no process and no logger here, so
// every decision can be printed, tested and shown before it is done.
//
// There are two questions:
//
//   - Diff: what does a new jobs file change, and what follows from it? Its
//     Plan is what `lsh plan` prints and what a reload does.
//   - Reconcile: what is the next thing to do for one job, now? It answers
//     with at most one Action, or with the time at which to look again. The
//     daemon carries the action out, records what came of it in Observed and
//     looks again, until there is nothing left to do.
//
// Every trigger (a slot, an operator's request) passes the same gate, and
// every Action carries its reason in one sentence: the same sentence goes to
// the log, the record of the run and the operator.
package reconciler
