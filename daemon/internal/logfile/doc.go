// Package logfile is the file under the daemon's logger: appended to, kept
// within a size, and never a reason for the daemon to stop.
//
// The file lies at a predictable path in /tmp, where anybody can prepare
// something before the daemon starts. So a link is not followed, a pipe not
// waited for, and a file of another user or with a second name not written
// to: Open answers with an error, and the caller logs elsewhere. A ready-made
// rotating writer follows the link.
//
// A full file is renamed to path.1, path.1 to path.2 and so on. When that
// cannot be done, because somebody sits on path.1 say, writing goes on in the
// same file until it has the size that all of them together would have had,
// and then it starts anew: the space on disk has the same bound either way.
//
// A line that cannot be written, most likely because the disk is full, is
// counted (Lost) and forgotten.
package logfile
