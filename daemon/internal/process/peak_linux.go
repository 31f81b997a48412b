package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// floor is the least peak memory, in bytes, that a run started now will be found to have: until it executes its program
// it shares the memory of the daemon (vfork), and the kernel counts that peak as its own. Below, nothing is known of the
// run itself. The kernel counts pages in lots, hence the margin.
func floor() int64 {
	const margin = 1 << 20
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return int64(usage.Maxrss)*1024 + margin
}

// ForgetPeak lets the peak memory of this process begin anew with what it holds now. The memory of later runs can be told
// from that on, where it could not be from a peak that was high for a moment; so call it after work that took much more
// memory than is still held. Where /proc cannot be written to, it does nothing.
func ForgetPeak() {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}
