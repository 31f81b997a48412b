package reconciler

import (
	"math"
	"slices"
	"time"

	"github.com/lsh-project/lsh/config"
)

// RetryAfter says whether a run that has failed is begun again, and how long
// after. roll, from 0 up to 1, draws the delay by lot (full jitter), so that
// jobs that failed together do not come back together.
func RetryAfter(j *config.Job, r Run, exitCode *int, timedOut bool, roll float64) (time.Duration, bool) {
	retry := j.Retry
	if r.Retries >= retry.Max {
		return 0, false
	}
	if len(retry.On) > 0 && (timedOut || exitCode == nil || !slices.Contains(retry.On, *exitCode)) {
		return 0, false
	}
	most := float64(max(retry.Delay, retry.MaxDelay))
	delay := min(most, float64(retry.Delay)*math.Pow(2, float64(r.Retries)))
	return time.Duration(delay * roll), true
}
