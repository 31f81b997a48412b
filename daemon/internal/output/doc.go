// Package output keeps what runs print.
//
// A run writes straight into its file, so that its output survives the daemon; nobody stands in between who could count. A file
// that grows beyond its limit is cut while it is written: a hole is punched into its middle, and head and tail stay. The run
// does not notice, since it appends, and offsets stay what they were.
//
// What was cut is noted beside the file before the hole is made, so that zeros that the program printed are not taken for it and a
// crash in between costs nothing but room. Where the file system has no holes, the file is rewritten once its run has ended; until then
// it can grow.
package output
