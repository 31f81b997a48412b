// Package lock makes sure that there is one daemon per user and per state
// directory.
//
// Two files say so, each locked with flock(2) for as long as the daemon
// lives: `lock` in the state directory, which nobody else can touch, and the
// pid file, which lies at a predictable path in a directory that everybody
// may write to. The kernel drops the locks when the last holder of the
// descriptors is gone, so that a crash leaves text behind, but never a lock:
// a file is judged by its lock, never by the pid written in it.
//
// The state directory's lock is a must. The pid file is a courtesy: when
// somebody has planted a link, a pipe, a directory or a file of their own at
// its path, the daemon runs without it and says whose it is (Warnings), for
// otherwise any user of the machine could keep any other's daemon from
// starting. Renew makes the files again after /tmp was cleaned.
//
// The locks are always taken in the same order, the state directory's first,
// so that of many daemons starting at once exactly one wins.
package lock
