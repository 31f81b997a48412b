package process

import (
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"
)

// Signal sends sig to the process group of the run, also when only survivors of its leader are in it. The error wraps
// syscall.ESRCH when the group is empty or when its number has come to belong to somebody else.
func (h *Host) Signal(p Proc, sig syscall.Signal) error {
	h.mu.Lock()
	defer h.mu.Unlock() // the reaper buries under the same lock: the number stays what it is until the signal is sent
	if !h.ownsGroup(p) {
		return fmt.Errorf("signal run %s: %w", p.ID, syscall.ESRCH)
	}
	if err := syscall.Kill(-p.Pid, sig); err != nil {
		return fmt.Errorf("signal run %s: %w", p.ID, err)
	}
	return nil
}

// Kill sends SIGKILL to every process of the run: its group, its session and, on Linux, all of this user that carry its
// mark. It looks again until it finds none, since a process may fork between the look and the signal. It takes a few
// milliseconds, and half a second before it gives up with an error that names who is left (a process in an
// uninterruptible wait, or one that has become another user).
func (h *Host) Kill(p Proc) error {
	const rounds = 12
	pause := time.Millisecond
	left := []int(nil)
	for range rounds {
		// The group at one blow, before anybody in it can see others die.
		if err := h.Signal(p, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) && !errors.Is(err, syscall.EPERM) {
			return err
		}
		left = h.Alive(p)
		if len(left) == 0 {
			return nil
		}
		for _, pid := range left {
			killStraggler(pid, p)
		}
		time.Sleep(pause)
		pause = min(2*pause, 64*time.Millisecond)
	}
	if left = h.Alive(p); len(left) == 0 {
		return nil
	}
	return fmt.Errorf("kill run %s: still alive: %v", p.ID, left)
}

// Alive gives the pids of the run's living processes in ascending order: its group, its session and, on Linux, those that
// carry its mark; of a Proc without a pid, as after a crash, the marked ones alone. It costs two system calls when a run of this Host has left nothing behind, else a search through all
// processes (some milliseconds).
func (h *Host) Alive(p Proc) []int {
	if h.leftNothing(p) {
		return nil
	}
	group, marked := scan(p)
	if len(group) > 0 {
		h.mu.Lock()
		ours := h.knowsGroup(p) || provenGroup(p, group, marked)
		h.mu.Unlock()
		if ours {
			marked = append(marked, group...)
		}
	}
	slices.Sort(marked)
	return slices.Compact(marked)
}

// leftNothing is true when it is certain, without a search, that no process of the run lives. All that a run of this
// Host leaves behind falls to this process, so without orphans there is no straggler.
func (h *Host) leftNothing(p Proc) bool {
	h.mu.Lock()
	running := h.leaders[p.Pid].is(p)
	h.mu.Unlock()
	return !running && h.startedHere(p) && !groupExists(p.Pid) && !h.mayHaveOrphans()
}

// startedHere is true when the run began after this Host. The clock of the kernel is coarse, so of a run of the Host's
// first hundredth second it says false, which only costs a search.
func (h *Host) startedHere(p Proc) bool { return p.StartTime > h.born }

// ownsGroup tells whether the process group p.Pid is that of the run. Called with h.mu held.
func (h *Host) ownsGroup(p Proc) bool {
	if p.Pid <= 1 {
		return false // to kill(2), these are our own group and everybody
	}
	if h.knowsGroup(p) {
		return true
	}
	if h.startedHere(p) || startTime(p.Pid) != 0 {
		return false // was seen empty, or its number leads somebody else
	}
	group, marked := scan(p)
	return provenGroup(p, group, marked)
}

// knowsGroup is ownsGroup as far as it can be told without a search. Called with h.mu held.
func (h *Host) knowsGroup(p Proc) bool {
	if h.leaders[p.Pid].is(p) {
		return true
	}
	start := startTime(p.Pid)
	if h.leftover[p.Pid].is(p) {
		// The kernel gives no number away while a group or session bears it. A process with this number therefore
		// means that the group was empty in between.
		return start == 0
	}
	return start != 0 && start == p.StartTime
}

// provenGroup is for a group whose leader is gone and that this Host has not watched: one member with the mark shows that
// all of it is the run, since a number is not given away while the group has members.
func provenGroup(p Proc, group, marked []int) bool {
	if startTime(p.Pid) != 0 {
		return false
	}
	return slices.ContainsFunc(group, func(pid int) bool { return slices.Contains(marked, pid) })
}
