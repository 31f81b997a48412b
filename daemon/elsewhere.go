package daemon

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

const (
	// remotePause is how long a pause from elsewhere lasts that has no end: whoever forgets it may be far away.
	remotePause = 24 * time.Hour
	// mostWords and mostName bound what is kept of texts from elsewhere, in characters.
	mostWords = 200
	mostName  = 64
)

// order is a command from elsewhere on its way through a turn.
type order struct {
	id     string
	job    string
	action string
	args   orderArgs
	bad    string // what is wrong with the args; "" when nothing is
	owner  ipc.Owner
	result string // in one sentence, for whoever sent it
}

// orderArgs are the args of a command.
type orderArgs struct {
	Reason string       `json:"reason"`
	Until  time.Time    `json:"until"`
	For    *ipc.Seconds `json:"for"`
}

// command does what is asked from elsewhere, exactly once, and gives the result in one sentence; a refusal is one, too.
// What was done before has its result again: the row that says so is written with what the command becomes, and both are
// there after a kill, or neither. The error is that of a moment: nothing was done, and it may be tried again.
func (d *Daemon) command(ctx context.Context, c mirror.Command) (string, error) {
	select {
	case <-d.ready: // before that the jobs are those of the last worker
	case <-d.stopped:
		return "", stopping()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	d.ordering.Lock()
	defer d.ordering.Unlock()
	if result, done, err := d.journal.Command(c.ID); err != nil || done {
		return result, err
	}
	if s := d.journal.State(); s.Exposed > 0 {
		return "", fmt.Errorf("do command %s: after a crash it would be done again, since the journal cannot be written: %s", c.ID, s.Reason)
	}
	o := newOrder(c)
	var result string
	var err error
	ran := d.box.do(func(l *loop) {
		if err = l.ending(); err != nil {
			return
		}
		l.obey(o)
		l.later(func() { result = o.result }) // the loop may have more to say of it, and this is another goroutine
	})
	if !ran {
		return "", stopping()
	}
	if err == nil {
		d.log.Info("command from elsewhere", "command", o.id, "job", o.job, "action", o.action, "sent_by", o.owner.User, "result", result)
	}
	return result, err
}

// newOrder is a command with its texts cut to what is fit to be kept and shown.
func newOrder(c mirror.Command) *order {
	o := &order{id: c.ID, job: fit(c.Job, mostWords), action: fit(c.Action, mostName)}
	o.owner = ipc.Owner{
		UID: os.Getuid(), User: cmp.Or(fit(c.SentBy, mostName), "somebody"), Command: "lsh.commands", From: ipc.FromElsewhere,
	}
	if len(c.Args) > 0 {
		args := json.NewDecoder(bytes.NewReader(c.Args))
		args.DisallowUnknownFields() // a pause without the end that was meant is another pause
		if args.Decode(&o.args) != nil {
			o.bad = `args are not like {"reason": "why", "until": "2026-01-31T12:00:00Z"} or {"for": 3600}`
		}
	}
	o.args.Reason = fit(o.args.Reason, mostWords)
	return o
}

// fit is text without control characters, of at most so many others.
func fit(text string, most int) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "")))
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// who is the name of an owner, and that it came from elsewhere.
func who(o ipc.Owner) string {
	if o.From == "" {
		return o.User
	}
	return o.User + " from " + o.From
}

// said are the words of an owner, with the name where it is not the operator here.
func said(o ipc.Owner, reason string) string {
	switch {
	case o.From == "":
		return reason
	case reason == "":
		return who(o)
	}
	return who(o) + ": " + reason
}

func refusal(reason string) string { return "refused: " + reason }

// orderDone writes that an order is done, into the batch that has what it became. An order that is nil is none.
func (l *loop) orderDone(o *order, result string) {
	if o == nil {
		return
	}
	o.result = result
	l.batch.PutCommand(journal.Command{ID: o.id, Done: l.now, Result: result})
	l.batch.Durable = true
}

// obey turns an order into what an operator could have asked for here.
func (l *loop) obey(o *order) {
	e := l.entries[o.job]
	if why := l.objection(e, o); why != "" {
		l.orderDone(o, refusal(why))
		return
	}
	switch o.action {
	case "run":
		l.orderRun(e, o)
	case "pause":
		until, _ := o.until(l.now)
		l.pause(e, o.override(ipc.OverridePause, until, l.now))
		l.orderDone(o, "paused until "+until.Format(time.RFC3339))
	case "skip":
		l.skipNext(e, o.override(ipc.OverrideSkip, time.Time{}, l.now))
		l.orderDone(o, "the next slot will be skipped")
	case "resume":
		if e.pause == nil {
			l.orderDone(o, "it was not paused")
			return
		}
		l.endOverride(e, e.pause.ID, reconciler.Because(o.args.Reason, "resumed by "+who(o.owner)))
		l.orderDone(o, "resumed")
	}
}

// orderRun asks for a run. What becomes of it is decided in this turn, or by the next worker where this one leaves.
func (l *loop) orderRun(e *entry, o *order) {
	l.orderDone(o, "a run was asked for")
	id := l.request(e, o.args.Reason, nil)
	r := &e.requests[len(e.requests)-1]
	r.Said, r.order = said(o.owner, o.args.Reason), o
	l.askedBy(e, id, o.owner)
}

// begun says what became of the request for a run.
func begun(run string, a reconciler.Action) string {
	if a.Op == reconciler.Enqueue {
		return fmt.Sprintf("run %s %s", run, a.Reason) // it waits, or replaces another
	}
	return fmt.Sprintf("run %s begins", run)
}

// objection says why an order is refused; "" when it is not. Whether a run may begin the gate will say.
func (l *loop) objection(e *entry, o *order) string {
	switch o.action {
	case "run", "pause", "skip", "resume":
	default:
		return fmt.Sprintf("no such action: %s (run, pause, resume or skip)", o.action)
	}
	switch {
	case e == nil:
		return "no such job: " + o.job
	case o.bad != "":
		return o.bad
	case o.action == "pause":
		if _, why := o.until(l.now); why != "" {
			return why
		}
	case o.args.For != nil || !o.args.Until.IsZero():
		return o.action + " takes no for and no until"
	}
	if o.action == "run" {
		return ""
	}
	job := e.job.Load()
	switch {
	case e.gone():
		return "the job is gone from the file"
	case job != nil && !job.Here:
		return "not for this host: " + job.NotHere
	case o.action == "skip" && !comesDue(e):
		return "no slot of it is coming"
	}
	return ""
}

// until is the end of a pause, and what is wrong with the one that was asked for.
func (o *order) until(now time.Time) (end time.Time, why string) {
	a := o.args
	switch {
	case a.For != nil && !a.Until.IsZero():
		return end, "for and until exclude each other"
	case a.For != nil && (*a.For <= 0 || *a.For > ipc.Seconds(longestPause.Seconds())):
		return end, fmt.Sprintf("pause for %g s: it is not between 0 and ten years", float64(*a.For))
	case a.For != nil:
		return now.Add(a.For.Duration()), ""
	case a.Until.IsZero():
		return now.Add(remotePause), ""
	case !a.Until.After(now):
		return end, "the end of the pause is not in the future: " + a.Until.Format(time.RFC3339)
	case a.Until.After(now.Add(longestPause)):
		return end, "the end of the pause is more than ten years away: " + a.Until.Format(time.RFC3339)
	}
	return a.Until, ""
}

// override is what a pause or a skip becomes.
func (o *order) override(kind string, until, now time.Time) ipc.Override {
	return ipc.Override{
		ID: newID(), Job: o.job, Kind: kind, Until: until, Owner: o.owner, Reason: o.args.Reason, CreatedAt: now,
	}
}
