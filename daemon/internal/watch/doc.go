// Package watch says when a set of files may have changed, and reads a file only when it is whole.
//
// A jobs file is seldom a plain file that is written in place. It may be a link into a git work tree, a link to a link, a
// file below a linked directory, swapped by a rename, or not there yet. So the package never watches "the file". It
// resolves the path as the kernel would, one component at a time, and every (directory, name) it looks up on the way is an
// edge: a place where a change can alter what the path means. A component that is not there is an edge like any other.
// The [Watcher] watches the directory of every edge and the file at the end, and drops the events of other names.
//
// Three rules keep it honest:
//
//   - A directory is watched before a name is looked up in it. What changes earlier is seen by the look-up, what changes
//     later is an event; there is no moment between.
//   - An event only means "look again". Events are gathered (150 ms of quiet, at most 2 s), a lost one is made good by the
//     poll of every 10 s, and the reader compares hashes. Where no watch is to be had, the poll comes every second and
//     [Watcher.Mode] says why.
//   - The reader arms first and reads after: [Watcher.Set], then [Read].
//
// [Read] answers with the whole content or not at all. A writer that still has the file open is noticed (on Linux, by a
// read lease, which the kernel refuses while anyone can write), as is a file that changes or is replaced while it is read:
// both are a [BusyError], and [Patiently] comes back until the writer is done.
package watch
