//go:build darwin || freebsd

package process

// floor is nothing here: a run's peak memory is its own.
func floor() int64 { return 0 }

// ForgetPeak does nothing: no run's peak begins with that of this process.
func ForgetPeak() {}
