package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// planPrinter prints a plan as interfaces of the terminal see it.
type planPrinter struct {
	w     io.Writer
	now   time.Time
	width int // 0: nothing is cut
	style style
	path  func(path, real string) string
}

// planPrinter prints to stdout.
func (a *app) planPrinter() planPrinter {
	return planPrinter{a.out, a.now(), a.width(), a.style(), a.filePath}
}

// classes are the classes of a change in the order in which a plan sums them
// up, and how they are said.
var classes = [...]struct{ class, text string }{
	{ipc.ClassStart, "start"},
	{ipc.ClassRestart, "restart"},
	{ipc.ClassStop, "stop"},
	{ipc.ClassHot, "hot"},
	{ipc.ClassNextRun, "next run"},
}

// classText is a class in words.
func classText(class string) string {
	for _, c := range classes {
		if c.class == class {
			return c.text
		}
	}
	return class
}

// plan prints all of p: what it is against, each change, the overrides in
// force, and what it sums up to.
func (pp planPrinter) plan(p ipc.Plan) {
	if p.Offline {
		pp.text(pp.offline(p), pp.style.yellow)
	}
	running := fmt.Sprintf("running: generation %d", p.BaseGeneration)
	if p.Offline {
		running = fmt.Sprintf("accepted: generation %d", p.BaseGeneration)
	}
	if p.BaseGeneration == 0 {
		running = "running: nothing yet"
	} else if !p.AcceptedAt.IsZero() {
		running += ", " + ago(p.AcceptedAt, pp.now)
	}
	path := oneLine(pp.path(p.Path, p.RealPath))
	if pp.width == 0 || textWidth(path+"    "+running) <= pp.width {
		fmt.Fprintf(pp.w, "%s    %s\n", path, pp.style.dim(running))
	} else {
		pp.text(path, pp.style.none)
		pp.text("    "+running, pp.style.dim)
	}
	if len(p.Changes)+len(p.Overrides) > 0 {
		fmt.Fprintln(pp.w)
	}
	var names, labels []string
	for _, c := range p.Changes {
		names, labels = append(names, c.Job), append(labels, classText(c.Class))
	}
	for _, o := range p.Overrides {
		names, labels = append(names, o.Job), append(labels, overrideLabel(o))
	}
	m := pp.margin(names, labels)
	for _, c := range p.Changes {
		sign, paint := pp.sign(c)
		pp.entry(sign, paint, c.Job, classText(c.Class), m, pp.details(c))
	}
	action := func(job string) string {
		if i := slices.IndexFunc(p.Changes, func(c ipc.Change) bool { return c.Job == job }); i >= 0 {
			return p.Changes[i].Action
		}
		return ""
	}
	for _, o := range p.Overrides {
		pp.entry("!", pp.style.yellow, o.Job, overrideLabel(o), m, pp.override(o, action(o.Job)))
	}
	if len(p.Changes)+len(p.Overrides) > 0 {
		fmt.Fprintln(pp.w)
	}
	for _, c := range p.CatchUp {
		pp.text(pp.missed(c), pp.style.yellow)
	}
	if p.Held != "" {
		pp.text("Held: "+p.Held+". lsh apply confirms it.", pp.style.yellow)
	}
	pp.text(planSummary(p), pp.style.bold)
}

// offline says that no daemon has made the plan, and what it is against.
func (pp planPrinter) offline(p ipc.Plan) string {
	if p.AsOf.IsZero() {
		return "The daemon is not running, and has never run: this is what its first start would do."
	}
	return fmt.Sprintf("The daemon is not running. This is against its state as of %s (%s).",
		clock(p.AsOf.In(pp.now.Location()), pp.now), ago(p.AsOf, pp.now))
}

// missed says what becomes of slots that were missed.
func (pp planPrinter) missed(c ipc.CatchUp) string {
	from, to := clock(c.From.In(pp.now.Location()), pp.now), clock(c.To.In(pp.now.Location()), pp.now)
	when := "from " + from + " to " + to
	if c.Slots == 1 {
		when = "of " + from
	}
	return fmt.Sprintf("Missed: %s, %s %s: %s.", c.Job, countOf(c.Slots, "slot"), when, c.Reason)
}

// planSummary is the last line of a plan.
func planSummary(p ipc.Plan) string {
	var parts []string
	for _, c := range classes {
		if n := p.Summary[c.class]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c.text))
		}
	}
	text := "no changes"
	if len(parts) > 0 {
		text = strings.Join(parts, ", ")
	}
	if len(p.Overrides) > 0 {
		text += "; " + countOf(len(p.Overrides), "override") + " in force"
	}
	return fmt.Sprintf("Plan %s: %s.", p.ID, text)
}

func overrideLabel(o ipc.Override) string {
	switch o.Kind {
	case ipc.OverridePause:
		return "paused"
	case ipc.OverrideSkip:
		return "skips"
	}
	return o.Kind
}

func (pp planPrinter) sign(c ipc.Change) (string, func(string) string) {
	switch c.Action {
	case ipc.ActionAdd:
		return "+", pp.style.green
	case ipc.ActionRemove:
		return "-", pp.style.red
	case ipc.ActionRename:
		return "→", pp.style.blue
	}
	return "~", pp.style.yellow
}

// leastRoom is how much room details want beside a head.
const leastRoom = 48

// margin is what stands left of the details: the names and labels that are beside
// each other.
type margin struct{ names, labels int }

// leastNames is how wide names may be in a narrow terminal.
const leastNames = 12

// margin is as wide as the names are; one that is much longer than a name may be
// stands alone.
func (pp planPrinter) margin(names, labels []string) margin {
	var m margin
	for _, name := range names {
		if w := textWidth(name); pp.width == 0 || w <= max(leastNames, pp.width/4) {
			m.names = max(m.names, w)
		}
	}
	for _, label := range labels {
		m.labels = max(m.labels, textWidth(label))
	}
	return m
}

// entry prints one sign, name and label, and the details beside them, or below
// where the terminal is narrow or the name long, in lines that fit.
func (pp planPrinter) entry(sign string, paint func(string) string, name, label string, m margin, details []string) {
	const signs, gap = len("  ~ "), 2
	head := strings.TrimRight(pad(name, m.names)+"  "+pad(label, m.labels), " ")
	indent := signs + m.names + gap
	if m.labels > 0 {
		indent += m.labels + gap
	}
	beside, room := textWidth(name) <= m.names, 0
	if pp.width > 0 {
		room = pp.width - indent
		if room < leastRoom || m.names == 0 {
			indent, beside = 6, false
			room = max(pp.width-indent, leastColumn)
		}
	}
	var lines []string
	for _, text := range details {
		lines = append(lines, wrapText(strings.TrimRight(oneLine(text), " "), room, "  ")...)
	}
	if beside && len(lines) > 0 {
		head = pad(head, indent-signs) + lines[0]
		lines = lines[1:]
	}
	for i, line := range wrapText(head, max(0, pp.width-signs), "") {
		if i == 0 {
			fmt.Fprintf(pp.w, "  %s %s\n", paint(sign), strings.TrimRight(line, " "))
			continue
		}
		fmt.Fprintln(pp.w, strings.Repeat(" ", signs)+line)
	}
	for _, line := range lines {
		fmt.Fprintln(pp.w, strings.TrimRight(strings.Repeat(" ", indent)+line, " "))
	}
}

// text prints one text in lines that fit.
func (pp planPrinter) text(text string, paint func(string) string) {
	for _, line := range wrapText(oneLine(text), pp.width, "  ") {
		fmt.Fprintln(pp.w, paint(line))
	}
}

// details are the facts of a change: why and what becomes of it, its fields,
// its times, its runs.
func (pp planPrinter) details(c ipc.Change) []string {
	var details []string
	if c.From != "" {
		details = append(details, "renamed from "+c.From)
	}
	if c.Reason != "" {
		details = append(details, c.Reason)
	}
	if c.Action == ipc.ActionChange || c.Action == ipc.ActionRename {
		for _, f := range c.Fields {
			details = append(details, fieldText(f))
		}
	}
	if next := pp.next(c); next != "" {
		details = append(details, next)
	}
	for _, r := range c.Runs {
		// One run in progress is named by the reason.
		if len(c.Runs) > 1 || r.State == ipc.RunQueued {
			details = append(details, runInProgress(r, pp.now))
		}
	}
	for _, w := range c.Warnings {
		details = append(details, "warning: "+w)
	}
	return details
}

// fieldText is one key before and after; what is secret is not told by the
// daemon.
func fieldText(f ipc.Field) string {
	switch {
	case f.Before == "" && f.After == "":
		return f.Key + " changed"
	case f.Before == "":
		return f.Key + ": " + f.After
	case f.After == "":
		return f.Key + " " + f.Before + " → (none)"
	}
	return f.Key + " " + f.Before + " → " + f.After
}

// next is the coming slots before and after, where they differ.
func (pp planPrinter) next(c ipc.Change) string {
	same := slices.EqualFunc(c.NextBefore, c.NextAfter, time.Time.Equal)
	if same && c.WeekBefore == c.WeekAfter {
		return ""
	}
	// In one zone: those of two jobs are compared, and with the clock on the
	// wall.
	before, after := pp.here(c.NextBefore), pp.here(c.NextAfter)
	text := "next "
	switch {
	case len(before) == 0:
		text += clocks(after, pp.now)
	case len(after) == 0:
		text += clocks(before, pp.now) + " → none"
	default:
		text += clocks(before, pp.now) + " → " + clocks(after, pp.now)
	}
	// A job that comes too often is not counted.
	if c.WeekBefore > 0 && c.WeekAfter > 0 {
		text += fmt.Sprintf("   (%d → %d runs a week)", c.WeekBefore, c.WeekAfter)
	}
	return text
}

// here are times in the zone of who asks.
func (pp planPrinter) here(times []time.Time) []time.Time {
	local := make([]time.Time, len(times))
	for i, t := range times {
		local[i] = t.In(pp.now.Location())
	}
	return local
}

// runInProgress names a run that a change finds going.
func runInProgress(r ipc.Run, now time.Time) string {
	if r.State == ipc.RunQueued {
		return "waiting for its turn: run " + shortRun(r.ID)
	}
	return fmt.Sprintf("in progress: pid %d, %s, run %s", r.Pid, age(now.Sub(r.StartedAt)), shortRun(r.ID))
}

// override tells one that is in force, and what the plan's action on its job means for it; "" when there is none.
func (pp planPrinter) override(o ipc.Override, action string) []string {
	var about []string
	if o.Reason != "" {
		about = append(about, fmt.Sprintf("%q", o.Reason))
	}
	about = append(about, "by "+owner(o.Owner))
	if !o.CreatedAt.IsZero() {
		about = append(about, ago(o.CreatedAt, pp.now))
	}
	text := "the next slot "
	effect := "the change counts from the slot after"
	if o.Kind == ipc.OverridePause {
		text, effect = "until resumed ", "the change takes effect then"
		if !o.Until.IsZero() {
			text = "until " + clock(o.Until.In(pp.now.Location()), pp.now) + " "
		}
	}
	text += "(" + strings.Join(about, ", ") + ")"
	switch action {
	case "":
	case "remove":
		text += ": it ends with the job"
	default:
		text += ": " + effect
	}
	return []string{text}
}
