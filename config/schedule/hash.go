package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// hash spreads seeds evenly over 64 bits. What it returns must never change: it
// decides when people's jobs run.
func hash(seed, part string) uint64 {
	sum := sha256.Sum256([]byte(seed + "\x00" + part))
	return binary.BigEndian.Uint64(sum[:8])
}

// Jitter returns a delay in [0, limit) that depends on the seed and limit alone, to
// the millisecond. It is 0 when limit is not positive.
func Jitter(limit time.Duration, seed string) time.Duration {
	if limit <= 0 {
		return 0
	}
	return time.Duration(hash(seed, "jitter") % uint64(limit)).Truncate(time.Millisecond)
}
