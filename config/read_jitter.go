package config

import (
	"math"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lsh-project/lsh/config/schedule"
)

func (r *reader) jitter(k *key, n *yaml.Node) {
	if d, ok := r.duration(k, n); ok {
		r.job.Jitter, r.nodes.jitter = d, n
	}
}

// judgeJitter refuses a job's own jitter that may move a slot beyond the next one. A
// default is meant for many jobs, and may be too long for some.
func (r *reader) judgeJitter() {
	if r.nodes.jitter == nil || r.job.Jitter == 0 {
		return
	}
	distance := least(r.job.Slots)
	if r.job.Jitter > distance {
		r.problem(r.nodes.jitter, "jitter", "a jitter of "+FormatDuration(r.job.Jitter)+" is longer than the "+FormatDuration(distance)+" between two slots",
			"write "+FormatDuration(distance)+" or shorter")
	}
}

// least is the shortest distance between slots of one schedule. It is counted from a
// fixed day, so that a file is right or wrong whenever it is read; those of several
// schedules may lie side by side anywhere.
func least(set schedule.Set) time.Duration {
	const some = 8
	distance := time.Duration(math.MaxInt64)
	for _, one := range set {
		var before time.Time
		count := 0
		for slot := range one.Slots(time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)) {
			if count > 0 {
				distance = min(distance, slot.At.Sub(before))
			}
			before = slot.At
			if count++; count > some {
				break
			}
		}
	}
	return distance
}
