// Package mirror keeps a replica of the journal in Postgres, where a person's machines can be seen together.
//
// # The story of a round
//
// The journal numbers its changes; each names a row. A round reads the changes after the last one that the database has, reads the rows
// that they name as they now are, and gives them to lsh.push in batches: one call, one transaction, one round trip each. What the
// database answers is where the next batch begins. Events have a sequence of their own and go along.
//
// # What must hold
//
//   - A batch says from where to where it brings the host, and counts only if the host is there: one that comes late or twice changes
//     nothing. So an answer that was lost, a daemon that was killed and a network that delivers late are all harmless.
//   - Every row carries the number of its last change, and no older one takes the place of a newer one.
//   - One worker pushes for a host: the one that has registered last. Another is fenced.
//   - A journal that was restored from a copy is known by its openings (goesOn). It goes on with numbers beyond all that were used,
//     sends all its rows anew, and leaves alone what the database knows to be over.
//   - A copied state directory is another host (identity).
//   - Nothing here makes a job wait. The journal keeps what the database has not had (Held).
//
// # When something is wrong
//
// Errors fall into classes (errors.go): each has its words, its hint, and when the next try makes sense. A row that the database never
// takes is set aside, so that it does not hold up the others.
//
// # What leaves the machine
//
// Texts pass a redactor: values of env, passwords, and what the settings name.
package mirror
