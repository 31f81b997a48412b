package daemon

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/lsh-project/lsh/daemon/internal/output"
	"github.com/lsh-project/lsh/ipc"
)

const (
	// legacyMost is how large the data of an answer may be, in bytes: clients
	// drop what is larger than 1 MiB.
	legacyMost = 1<<20 - 4<<10
	// legacyOutput is how much output one job is answered with, and
	// legacyOutputInList how much where there are many.
	legacyOutput       = 128 << 10
	legacyOutputInList = 4 << 10
	// legacyLong is how long a text is where all is too large.
	legacyLong = 1 << 10
)

// whole is a job with what it printed.
func (l *legacy) whole(e *entry) legacyJob { return l.withOutput(l.job(e)) }

func (l *legacy) withOutput(j legacyJob) legacyJob {
	jobs := l.fit([]legacyJob{j}, legacyOutput)
	return jobs[0]
}

// fit gives jobs their output, and leaves out what makes them too large.
func (l *legacy) fit(jobs []legacyJob, output int) []legacyJob {
	for i := range jobs {
		jobs[i].Stdout = l.tailOf(jobs[i].last, output)
	}
	for _, smaller := range []func(*legacyJob){
		func(j *legacyJob) { j.Stdout = "" },
		func(j *legacyJob) { j.Env = nil },
		func(j *legacyJob) {
			j.Args = nil
			j.Command, j.Description, j.Error = shortened(j.Command), shortened(j.Description), shortened(j.Error)
		},
	} {
		if sizeOf(jobs) <= legacyMost {
			return jobs
		}
		for i := range jobs {
			smaller(&jobs[i])
		}
	}
	for len(jobs) > 1 && sizeOf(jobs) > legacyMost {
		jobs = jobs[:len(jobs)*3/4]
	}
	return jobs
}

func shortened(text string) string {
	if len(text) <= legacyLong {
		return text
	}
	return strings.ToValidUTF8(text[:legacyLong], "") + "…"
}

func sizeOf(v any) int {
	raw, err := json.Marshal(v)
	if err != nil {
		return legacyMost + 1
	}
	return len(raw)
}

// tailOf is the end of what a run has printed, at most so many bytes; "" of
// no run.
func (l *legacy) tailOf(r *ipc.Run, most int) string {
	if r == nil {
		return ""
	}
	path := l.spawner.files.Path(r.Job, r.ID)
	printed := r.OutputBytes
	if info, err := os.Stat(path); err == nil {
		printed = max(printed, info.Size())
	}
	f := output.NewReader(path)
	defer f.Close()
	from := max(0, printed-int64(most))
	var text strings.Builder
	for text.Len() < most {
		page, err := f.Read(from, int64(most-text.Len()))
		if err != nil || len(page.Data) == 0 {
			break
		}
		text.Write(page.Data)
		from = page.Next()
	}
	if printed > int64(most) {
		return "...[truncated]\n" + text.String()
	}
	return text.String()
}
