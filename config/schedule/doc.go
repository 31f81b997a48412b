// Package schedule says when a job is due.
//
// A schedule is a rule that yields slots. A slot is one nominal time, a civil
// date and time on the wall clock of the schedule's zone, together with the
// instant at which it comes.
//
//	text ──guard──► fields ──robfig/cron──► bit masks ──match──► civil times ──walk──► slots
//
// The guard (field.go) reads every field itself, so that it can say what is
// wrong and where, takes the hash H and Sunday's second number 7 out of the
// text, and leaves the rest to robfig/cron's parser. That parser's own search
// for the next time is never used: it loses slots in the gap of a daylight
// saving change and doubles them in the overlap.
//
// A search has two halves that know nothing of each other. match.go moves over
// civil time, where every day has 24 hours and a calendar is arithmetic on bit
// masks. walk.go moves over real time, one period of constant offset after the
// other (zone.go), and lays the civil times on it. The rule it keeps:
//
//   - Elapsed-time schedules (@every, and cron expressions whose hour field
//     covers all 24 hours) fire at every instant whose wall clock matches. What
//     a gap swallows is not made up, and both passes of an overlap count.
//   - Wall-clock schedules (all others) fire once for every nominal time. Times
//     inside a gap collapse to the gap's end, where they merge with a real slot;
//     times in an overlap use its first pass. [DST] changes either half. A gap
//     longer than three hours is a correction of the calendar and is skipped.
//
// Every search is bounded, and no answer of Next is at or before its argument.
package schedule
