package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func metricsCommand(a *app) *cobra.Command {
	var jobs bool
	var file string
	cmd := &cobra.Command{
		Use:   "metrics",
		Short: "Print the daemon's metrics for Prometheus",
		Long: `Prints how the daemon, its runs, slots, journal and sync stand in the text
format of Prometheus. What is called a total begins at 0 with each worker of
the daemon, as Prometheus expects. With --jobs it also has the last run of
every job.

--write puts them into a file for the textfile collector of node_exporter, whole
or not at all. When the daemon does not answer, lsh_up 0 is written there and
nothing else, so that no former state is taken for the present one.`,
		Example: `  lsh metrics --jobs
  lsh metrics --write /var/lib/node_exporter/textfile/lsh.prom`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p := ipc.MetricsParams{Jobs: jobs}
			if cmd.Flags().Changed("write") {
				return a.writeMetrics(cmd.Context(), p, file)
			}
			m, err := fetchMetrics(cmd.Context(), a, p)
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(m)
			}
			_, err = a.out.Write(metricsText(m, jobs))
			return err
		},
	}
	cmd.Flags().BoolVar(&jobs, "jobs", false, "tell of every job, too")
	cmd.Flags().StringVar(&file, "write", "", "write them into `FILE`, whose name ends in .prom")
	return cmd
}

// metricsWithin is how long a daemon may take before it is told to be down: whoever
// reads the file would take what it says for what is.
const metricsWithin = 20 * time.Second

// writeMetrics puts the metrics into a file. It is renewed also when the daemon
// does not answer: a stale one would say that all is well.
func (a *app) writeMetrics(ctx context.Context, p ipc.MetricsParams, file string) error {
	if a.json() {
		return usage("the file is for Prometheus: --write and -o json exclude each other", "lsh metrics -o json")
	}
	if !strings.HasSuffix(file, ".prom") || filepath.Base(file) == ".prom" {
		return usage(fmt.Sprintf("--write %s: node_exporter reads only files whose names end in .prom", quoteArg(file)), "lsh metrics --write lsh.prom")
	}
	asking, cancel := context.WithTimeoutCause(ctx, metricsWithin, fail("no_answer", "the daemon does not answer", "lsh daemon logs"))
	defer cancel()
	m, failed := fetchMetrics(asking, a, p)
	text := downText()
	if failed == nil {
		text = metricsText(m, p.Jobs)
	}
	if err := a.replaceMetrics(file, text); err != nil {
		return err
	}
	return failed
}

// fetchMetrics asks for the metrics, and for all pages of the jobs.
func fetchMetrics(ctx context.Context, a *app, p ipc.MetricsParams) (ipc.Metrics, error) {
	client, err := a.dial(ctx)
	if err != nil {
		return ipc.Metrics{}, err
	}
	defer client.Close()
	ctx, done := a.awaiting(ctx, client, "asking the daemon")
	defer done()
	m, err := ipc.DaemonMetrics.Call(ctx, client, p)
	for err == nil && m.After != "" {
		var page ipc.Metrics
		p.After = m.After
		page, err = ipc.DaemonMetrics.Call(ctx, client, p)
		m.ByJob, m.After = append(m.ByJob, page.ByJob...), page.After
	}
	return m, err
}
