// Package journal is the durable record of everything: generations, jobs, slots, runs, overrides, events.
//
// # The story of a turn
//
// The daemon's loop decides, puts what it has decided into a [Batch], and has it written by [Journal.Write] in one
// transaction before anything happens. There is one writer. Readers have connections of their own and see every batch
// that Write has returned from.
//
// A batch that is Durable is on the disk when Write returns, also against a power cut; any other is safe against the end of the
// process, and on the disk a tenth of a second later. Intents and the operator's words are durable.
//
// # When it cannot be written
//
// A full disk must not stop jobs. Rows that cannot be written are kept in memory, up to a bound, in their order, and in a
// file whose room was reserved before (spill.go), so that the next worker knows of them; reads see
// them there. Write tries again at most once a second, [Journal.Retry] without new rows. [Journal.State] says what is at
// stake. Nothing is ever dropped without being counted, and the count is written with the rest when there is room again.
//
// # When it is damaged
//
// A damaged file is set aside under another name and a new one is begun: a broken record is no reason to run no
// jobs. Small files are checked whole when they are opened, large ones by [Journal.Maintain].
//
// # The ledger
//
// There is one row for each slot. A stretch of slots with the same outcome and reason, none of which has a run, is one row with
// a count and a span; a row with a run folds the same way once [Journal.Forget] has dropped its run.
package journal
