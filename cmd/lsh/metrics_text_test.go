package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/lsh-project/lsh/ipc"
)

// parseMetrics reads a text as Prometheus does.
func parseMetrics(t *testing.T, text []byte) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s\n%s", err, text)
	}
	return families
}

// value is that of the only sample of a family with these labels.
func value(t *testing.T, families map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	t.Helper()
	for _, m := range families[name].GetMetric() {
		var has []string
		for _, l := range m.GetLabel() {
			has = append(has, l.GetName(), l.GetValue())
		}
		if slices.Equal(has, labels) {
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	t.Fatalf("there is no %s%q", name, labels)
	return 0
}

func someMetrics() ipc.Metrics {
	at := time.Date(2026, 3, 29, 2, 30, 0, 500e6, time.UTC)
	h := ipc.Histogram{Buckets: []ipc.Bucket{{UpTo: 0.5, Count: 1}, {UpTo: 10, Count: 3}}, Count: 4, Sum: 123.25}
	return ipc.Metrics{
		At:      at,
		Daemon:  ipc.ProcessMetrics{Version: `v1 "x"`, StartedAt: at.Add(-time.Hour), WorkerStartedAt: at.Add(-time.Minute), WorkerRestarts: 2, Connections: 3},
		Config:  ipc.ConfigMetrics{State: ipc.SourceHeld, Generation: 7, AcceptedAt: at, Reloads: map[string]int64{ipc.SourceHeld: 2}},
		Jobs:    ipc.JobsMetrics{States: map[string]int{ipc.JobPaused: 4}, Failing: 1},
		Runs:    ipc.RunsMetrics{Running: 5, Queued: 6, Started: 9, Ended: map[string]int64{ipc.RunFailed: 8}, Duration: h},
		Slots:   ipc.SlotsMetrics{Outcomes: map[string]int64{ipc.OutcomeMissed: 11}, Lateness: h},
		Journal: ipc.JournalMetrics{State: ipc.JournalDegraded, Bytes: 4096, Pending: 12, Lost: 13, Commit: h, CommitFailures: 1},
		Sync:    &ipc.SyncMetrics{State: ipc.SyncRetrying, Backlog: 14, LastAckAt: at, SyncedAt: at.Add(-90 * time.Second), SetAside: 15},
		ByJob: []ipc.JobMetrics{
			{Job: "fine", Result: ipc.RunSucceeded, EndedAt: at, Duration: ipc.InSeconds(1500 * time.Millisecond), LastSuccessAt: at},
			{Job: "new"},
			{Job: "odd", Result: ipc.RunLost, EndedAt: at, Failures: 3},
		},
	}
}

func TestMetricsAreReadByPrometheus(t *testing.T) {
	f := parseMetrics(t, metricsText(someMetrics(), true))
	for _, want := range []struct {
		value  float64
		name   string
		labels []string
	}{
		{1, "lsh_up", nil},
		{1774751400.5, "lsh_config_last_reload_success_timestamp_seconds", nil},
		{0, "lsh_config_last_reload_successful", nil},
		{1, "lsh_config_held", nil},
		{2, "lsh_config_reloads_total", []string{"result", "held"}},
		{0, "lsh_config_reloads_total", []string{"result", "accepted"}},
		{4, "lsh_jobs", []string{"state", "paused"}},
		{8, "lsh_runs_total", []string{"result", "failed"}},
		{11, "lsh_slots_total", []string{"outcome", "missed"}},
		{1, "lsh_journal_degraded", nil},
		{1, "lsh_sync_state", []string{"state", "retrying"}},
		{0, "lsh_sync_state", []string{"state", "ok"}},
		{90, "lsh_sync_backlog_age_seconds", nil},
		{1, "lsh_job_last_run_result", []string{"job", "odd", "result", "lost"}},
		{1.5, "lsh_job_last_run_duration_seconds", []string{"job", "fine"}},
		{3, "lsh_job_failures", []string{"job", "odd"}},
	} {
		if got := value(t, f, want.name, want.labels...); got != want.value {
			t.Errorf("%s%q is %v, not %v", want.name, want.labels, got, want.value)
		}
	}
	if n := len(f["lsh_job_last_success_timestamp_seconds"].GetMetric()); n != 1 {
		t.Errorf("%d jobs have succeeded, not 1", n)
	}
	if got := f["lsh_build_info"].GetMetric()[0].GetLabel()[0].GetValue(); got != `v1 "x"` {
		t.Errorf("the version is %s", got)
	}
	h := f["lsh_run_duration_seconds"].GetMetric()[0].GetHistogram()
	if h.GetSampleCount() != 4 || h.GetSampleSum() != 123.25 || len(h.GetBucket()) != 3 {
		t.Errorf("the histogram is %s", h)
	}
}

// Names are as Prometheus would have them: base units, and _total for what only
// grows.
func TestMetricNamesKeepTheConventions(t *testing.T) {
	for name, f := range parseMetrics(t, metricsText(someMetrics(), true)) {
		if !strings.HasPrefix(name, "lsh_") || f.GetHelp() == "" || !strings.HasSuffix(f.GetHelp(), ".") {
			t.Errorf("%s has the help %q", name, f.GetHelp())
		}
		if is := f.GetType() == dto.MetricType_COUNTER; is != strings.HasSuffix(name, "_total") {
			t.Errorf("%s is a %s", name, f.GetType())
		}
		if is := f.GetType() == dto.MetricType_HISTOGRAM; is && !strings.HasSuffix(name, "_seconds") {
			t.Errorf("%s does not say that it counts seconds", name)
		}
	}
}

// What is in a label comes back as it was, whatever it is.
func TestLabelsAreEscaped(t *testing.T) {
	for _, text := range []string{`a\b`, "a\nb", `a"b`, `\n`, `日本 {}=,`, ""} {
		var e exposition
		e.family("lsh_x", gauge, "X.")
		e.sample("lsh_x", 1, "v", text)
		if got := parseMetrics(t, e.Bytes())["lsh_x"].GetMetric()[0].GetLabel()[0].GetValue(); got != text {
			t.Errorf("%q came back as %q", text, got)
		}
	}
}

// The README lists every family, and no other.
func TestReadmeListsTheMetrics(t *testing.T) {
	_, rest, _ := strings.Cut(read(t, "README.md"), "\n## Metrics\n")
	section, _, _ := strings.Cut(rest, "\n## ")
	var documented []string
	for _, name := range regexp.MustCompile("`(lsh_[a-z_]+)[ `]").FindAllStringSubmatch(section, -1) {
		documented = append(documented, name[1])
	}
	families := parseMetrics(t, metricsText(someMetrics(), true))
	for name := range families {
		if !slices.Contains(documented, name) {
			t.Errorf("the README does not tell of %s", name)
		}
	}
	for _, name := range documented {
		if families[name] == nil {
			t.Errorf("the README tells of %s, which there is not", name)
		}
	}
}
