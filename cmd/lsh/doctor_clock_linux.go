package main

import "golang.org/x/sys/unix"

// setClock has the clock be set, and kept right.
const setClock = "sudo timedatectl set-ntp true"

// clockKept asks the kernel whether something keeps the clock right, see adjtimex(2). Nothing is changed.
func clockKept() (bool, error) {
	var t unix.Timex // of no modes
	if _, err := unix.Adjtimex(&t); err != nil {
		return false, err
	}
	return t.Status&unix.STA_UNSYNC == 0, nil
}
