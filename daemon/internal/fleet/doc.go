// Package fleet says how a person's machines stand, by what their daemons have
// written into the database.
//
//	lsh.hosts, jobs, runs, slots, overrides ──Read──► Facts ──Judge──► ipc.Fleet
//
// Read asks for everything in one transaction, so that it is of one moment.
// Row level security leaves it the rows of the person whose login it is. Judge
// is pure: what is gone, what failed, what differs between machines, and what
// is absent. The last is why declarations are in the database: from a schedule
// follow the slots that a machine owes, and a dead one cannot say that it has
// missed them. A slot is absent when it is over, lies behind the job's cursor,
// up to which every slot has its outcome, and no row of the ledger has it.
//
// All times but those of runs and slots are by the server's clock. What a
// machine owes is judged by its own, as far as the offset is known.
package fleet
