package main

import (
	"os/exec"

	"golang.org/x/sys/unix"
)

// booted is there where systemd runs the machine, see sd_booted(3).
const booted = "/run/systemd/system"

// setClock has the clock be set, and kept right where there is something that does so.
func setClock() string { return clockHint(lookAt(booted).info != nil, exec.LookPath) }

func clockHint(systemd bool, find func(program string) (string, error)) string {
	if systemd {
		return "sudo timedatectl set-ntp true"
	}
	for _, known := range [...]struct{ program, once string }{
		{"chronyd", "sudo chronyd"}, {"ntpd", "sudo ntpd -g"}, {"ntpdate", "sudo ntpdate pool.ntp.org"},
	} {
		if _, err := find(known.program); err == nil {
			return known.once
		}
	}
	return "install chrony, or another program that keeps the clock right; in a container, on its host"
}

// clockKept asks the kernel whether something keeps the clock right, see adjtimex(2). Nothing is changed.
func clockKept() (bool, error) {
	var t unix.Timex // of no modes
	if _, err := unix.Adjtimex(&t); err != nil {
		return false, err
	}
	return t.Status&unix.STA_UNSYNC == 0, nil
}
