package config

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// jobKeys are the keys of a job, in the order in which they are documented.
var jobKeys = sync.OnceValue(func() []key {
	return []key{
		{
			name: "description", doc: "What the job is for, in a sentence.", jobOnly: true,
			shape: text("a text", "write  description: what the job is for"), read: setText(func(j *Job) *string { return &j.Description }),
			show: func(j *Job) string { return j.Description },
		},
		{
			name: "tags", doc: "Words to select jobs by.",
			shape: shape{want: "a list of tags", hint: "write  tags: [one, two]", schema: listOf(schemaOf("type", "string", "pattern", namePattern), 0)},
			read:  (*reader).tags, show: func(j *Job) string { return list(j.Tags) },
		},
		{
			name: "enabled", doc: "Whether the job comes due at all (true).",
			shape: shape{want: "true or false", hint: "write  enabled: true  or  enabled: false", schema: schemaOf("type", "boolean")},
			read:  (*reader).enabled, show: func(j *Job) string { return strconv.FormatBool(j.Enabled) },
		},
		{
			name: "only", doc: "The hosts on which the job exists; elsewhere it is listed as not for this host.", first: true,
			shape: shape{want: "a mapping with hosts or os", hint: "write  only: {hosts: [name]}"},
			keys: []key{
				{
					name: "hosts", path: "only.hosts", doc: "Patterns of host names, such as web-*.",
					shape: shape{want: "a list of host names", hint: "write  hosts: [laptop, web-*]", schema: listOf(nonEmptyText(), 1)},
					read:  (*reader).onlyHosts, show: func(j *Job) string { return list(j.Only.Hosts) },
				},
				{
					name: "os", path: "only.os", doc: "Operating systems, as Go names them.",
					shape: shape{want: "a list of operating systems", hint: "write  os: [linux]", schema: listOf(enum(systems), 1)},
					read:  (*reader).onlyOS, show: func(j *Job) string { return list(j.Only.OS) },
				},
			},
		},
		{
			name: "command", doc: "What to run: a text for the shell, or a list that is executed as it is.", jobOnly: true, class: ClassNextRun,
			shape: shape{
				want: "a text for the shell or a list of arguments", hint: `write  command: make backup  or  command: [make, backup]`,
				free: true, schema: map[string]any{"anyOf": []any{nonEmptyText(), listOf(plainScalar(), 1)}},
			},
			read: (*reader).command, show: showCommand,
		},
		{
			name: "shell", doc: "The arguments before a command that is a text ([/bin/sh, -c]).", class: ClassNextRun,
			shape: shape{want: "a list of arguments", hint: "write  shell: [/bin/bash, -c]", schema: listOf(nonEmptyText(), 1)},
			read:  (*reader).shell, show: func(j *Job) string { return showArgv(j.Shell) },
		},
		{
			name: "stdin", doc: "What the command reads from its standard input (nothing).", jobOnly: true, class: ClassNextRun,
			shape: text("a text", "write  stdin: text  or  stdin: |  and lines under it"), read: setText(func(j *Job) *string { return &j.Stdin }),
			show: func(j *Job) string { return hidden(j.Stdin != "") },
		},
		{
			name: "dir", doc: "The working directory; ~ and ${VAR} are expanded (home).", class: ClassNextRun,
			shape: shape{want: "a path", hint: "write  dir: ~/src", free: true, schema: nonEmptyText()},
			read:  (*reader).dirKey, show: func(j *Job) string { return j.Dir },
		},
		{
			name: "env", doc: "Environment variables; ${VAR} is expanded, $$ is a dollar sign.", class: ClassNextRun,
			shape: shape{want: "a mapping of variables", hint: "write  env: {NAME: value}", schema: map[string]any{
				"type": "object", "propertyNames": schemaOf("pattern", variablePattern), "additionalProperties": plainScalar(),
			}},
			read: (*reader).env, show: func(j *Job) string { return list(envNames(j.Env)) },
		},
		{
			name: "env_file", doc: "Files of NAME=value lines, read at each start; a leading - makes one optional.", class: ClassNextRun,
			shape: texts("a path or a list of paths", "write  env_file: ~/.config/job.env"), read: (*reader).envFile, show: showEnvFiles,
		},
		{
			name: "inherit_env", doc: "Names of further variables to pass on from the daemon's environment.", class: ClassNextRun,
			shape: shape{want: "a list of names", hint: "write  inherit_env: [NAME]", schema: listOf(schemaOf("type", "string", "pattern", variablePattern), 0)},
			read:  (*reader).inheritEnv, show: func(j *Job) string { return list(j.InheritEnv) },
		},
		{
			name: "umask", doc: "The file mode creation mask, in octal (the daemon's).", class: ClassNextRun,
			shape: shape{want: "an octal number such as 022", hint: "write  umask: 022", schema: map[string]any{
				"anyOf": []any{
					map[string]any{"type": "integer", "minimum": 0, "maximum": 777},
					schemaOf("type", "string", "pattern", "^(0o?)?[0-7]{1,3}$"),
				},
			}},
			read: (*reader).umask, show: showUmask,
		},
		{
			name: "nice", doc: "The priority, from -20 (first) to 19 (last).", class: ClassNextRun,
			shape: shape{want: "a number from -20 to 19", hint: "write  nice: 10", schema: map[string]any{"type": "integer", "minimum": -20, "maximum": 19}},
			read:  (*reader).nice, show: showNice,
		},
		{
			name: "schedule", doc: "When the job comes due: five cron fields, six with seconds first, @daily, @every 15m, @start, @boot; or a list of them. A job without it runs only by hand.", jobOnly: true,
			shape: schedules(), read: (*reader).schedule, show: showSchedule,
		},
		{
			name: "timezone", doc: "The IANA name of the zone of the schedule (the system's).",
			shape: shape{want: "the name of a time zone", hint: "write  timezone: Europe/Berlin", schema: schemaOf("type", "string")}, read: (*reader).timezone, show: func(j *Job) string { return j.Timezone },
		},
		{
			name: "jitter", doc: "Each slot is due later by a fixed share of this, which depends on the host and the job.",
			shape: duration(), read: (*reader).jitter,
			show: func(j *Job) string { return showDuration(j.Jitter) },
		},
		{
			name: "dst", doc: "What a schedule of wall-clock times does when the clock is changed.",
			shape: shape{want: "a mapping with gap or overlap", hint: "write  dst: {gap: skip}"},
			keys: []key{
				{
					name: "gap", path: "dst.gap", doc: "Times that do not exist: run at the gap's end, or skip.",
					shape: choice(gaps), read: (*reader).dstGap, show: func(j *Job) string { return gaps[j.DST.Gap] },
				},
				{
					name: "overlap", path: "dst.overlap", doc: "Times that come twice: the first only, or both.",
					shape: choice(passes), read: (*reader).dstOverlap, show: func(j *Job) string { return passes[j.DST.Overlap] },
				},
			},
		},
		{
			name: "catch_up", doc: "What becomes of slots that were missed while the machine slept or the daemon was down (none).",
			shape: choice(catchUps), read: (*reader).catchUp, show: func(j *Job) string { return j.CatchUp.String() },
		},
		{
			name: "catch_up_within", doc: "How far back missed slots are caught up (24h).",
			shape: duration(), read: setDuration(func(j *Job) *time.Duration { return &j.CatchUpWithin }),
			show: func(j *Job) string { return showDuration(j.CatchUpWithin) },
		},
		{
			name: "overlap", doc: "What a slot does that comes due while a run is in progress (skip).",
			shape: choice(overlaps), read: (*reader).overlap, show: func(j *Job) string { return j.Overlap.String() },
		},
		{
			name: "group", doc: "The group whose limit the job shares.",
			shape: text("the name of a group", "write  group: name"), read: (*reader).group, show: func(j *Job) string { return j.Group },
		},
		{
			name: "timeout", doc: "How long a run may take before it is stopped (no limit).",
			shape: duration(), read: setDuration(func(j *Job) *time.Duration { return &j.Timeout }),
			show: func(j *Job) string { return showDuration(j.Timeout) },
		},
		{
			name: "stop", doc: "How a run is asked to end.",
			shape: shape{want: "a mapping with signal or grace", hint: "write  stop: {signal: TERM, grace: 10s}"},
			keys: []key{
				{
					name: "signal", path: "stop.signal", doc: "The signal sent to the process group (TERM).",
					shape: signalShape(), read: (*reader).stopSignal, show: func(j *Job) string { return j.Stop.Signal },
				},
				{
					name: "grace", path: "stop.grace", doc: "How long to wait before KILL (10s).",
					shape: duration(), read: setDuration(func(j *Job) *time.Duration { return &j.Stop.Grace }),
					show: func(j *Job) string { return FormatDuration(j.Stop.Grace) },
				},
			},
		},
		{
			name: "retry", doc: "How often and when a run that has failed is begun again (never).",
			shape: shape{want: "a mapping with max", hint: "write  retry: {max: 3, delay: 30s}"},
			keys: []key{
				{
					name: "max", path: "retry.max", doc: "How many further attempts there are (0).",
					shape: shape{want: "a number from 0 to 1000", hint: "write  max: 3", schema: map[string]any{"type": "integer", "minimum": 0, "maximum": maxRetries}},
					read:  (*reader).retryMax, show: func(j *Job) string { return showCount(j.Retry.Max) },
				},
				{
					name: "delay", path: "retry.delay", doc: "How long to wait before the first one, at most: it is drawn by lot, and doubles with each (10s).",
					shape: duration(), read: setDuration(func(j *Job) *time.Duration { return &j.Retry.Delay }),
					show: func(j *Job) string { return showDuration(j.Retry.Delay) },
				},
				{
					name: "max_delay", path: "retry.max_delay", doc: "What the doubling ends at (10m).",
					shape: duration(), read: setDuration(func(j *Job) *time.Duration { return &j.Retry.MaxDelay }),
					show: func(j *Job) string { return showDuration(j.Retry.MaxDelay) },
				},
				{
					name: "on", path: "retry.on", doc: "Only after these exit codes (after any failure).",
					shape: exitCodes("write  on: [75]"), read: (*reader).retryOn, show: func(j *Job) string { return showCodes(j.Retry.On) },
				},
			},
		},
		{
			name: "output", doc: "What is kept of what runs print.",
			shape: shape{want: "a mapping with max_size, keep_runs or keep_for", hint: "write  output: {max_size: 10M, keep_runs: 100, keep_for: 30d}"},
			keys: []key{
				{
					name: "max_size", path: "output.max_size", doc: "How much of one run's output is kept: the beginning and the end of what is longer (10M).",
					shape: size(), read: (*reader).maxSize, show: func(j *Job) string { return showSize(j.Output.MaxSize) },
				},
				{
					name: "keep_runs", path: "output.keep_runs", doc: "How many ended runs are kept, with their output (100).",
					shape: shape{want: "a number from 1", hint: "write  keep_runs: 100", schema: map[string]any{"type": "integer", "minimum": 1, "maximum": maxRuns}},
					read:  (*reader).keepRuns, show: func(j *Job) string { return showCount(j.Output.KeepRuns) },
				},
				{
					name: "keep_for", path: "output.keep_for", doc: "How long they are kept (30d).",
					shape: duration(), read: (*reader).keepFor, show: func(j *Job) string { return showDuration(j.Output.KeepFor) },
				},
			},
		},
		{
			name: "moved_from", doc: "The job's former name, whose history, cursor, pause and backoff it takes over.", jobOnly: true,
			shape: shape{want: "the former name of the job", hint: "write  moved_from: name", free: true, schema: schemaOf("type", "string", "pattern", namePattern)},
			read:  (*reader).movedFrom, show: func(j *Job) string { return j.MovedFrom },
		},
		{
			name: "success", doc: "The exit codes that count as success ([0]).",
			shape: exitCodes("write  success: [0, 1]"),
			read:  (*reader).success, show: showSuccess,
		},
		{
			name: "on_change", doc: "What a change of the process does to a run in progress: it may finish, is restarted, or gets a signal (finish).",
			shape: shape{
				want: "finish, restart or signal:NAME", hint: "write one of finish, restart, signal:HUP",
				schema: schemaOf("type", "string", "pattern", "^(finish|restart|signal:"+signalPattern+")$"),
			},
			read: (*reader).onChange, show: func(j *Job) string { return j.OnChange.String() },
		},
	}
})

func list(items []string) string {
	if len(items) == 0 {
		return ""
	}
	return strings.Join(items, ", ")
}

// hidden stands for a secret.
func hidden(set bool) string {
	if set {
		return "(set)"
	}
	return ""
}
