package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func daemonCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "daemon",
		Short: "Start, stop and look after the daemon",
		Example: `  lsh daemon start
  lsh daemon logs -f
  lsh daemon stop`,
		Args: noSuchCommand,
		RunE: showHelp,
	}
	cmd.AddCommand(
		daemonStartCommand(a), daemonStopCommand(a), daemonRestartCommand(a), daemonStatusCommand(a),
		daemonReloadCommand(a), daemonLogsCommand(a), daemonRunCommand(a), daemonInstallCommand(a), daemonUninstallCommand(a),
	)
	return cmd
}

// daemonFlag is a flag that is passed on to lshd.
type daemonFlag struct {
	name, usage string
	path        bool // made absolute: lshd may stand elsewhere
}

// daemonFlags are the settings that daemon start, restart and run pass on.
// --socket is a global flag of lsh.
var daemonFlags = [...]daemonFlag{
	{"config", "read settings from `FILE` in place of config.yaml", true},
	{"jobs-file", "the jobs `FILE`", true},
	{"state-dir", "keep state in `DIR`", true},
	{"pid-file", "the pid `FILE`", true},
	{"log-file", "the log `FILE`", true},
	{"apply", "apply a changed file by this `MODE`: auto or manual", false},
	{"log-level", "log from this `LEVEL` on: debug, info, warn or error", false},
	{"log-format", "log in this `FORMAT`: text or json", false},
	{"max-parallel", "at most `N` runs at once; 0 is no limit", false},
}

func addDaemonFlags(flags *pflag.FlagSet) {
	for _, f := range daemonFlags {
		flags.String(f.name, "", f.usage)
	}
}

// daemonArgs are the flags that were given, as lshd takes them.
func daemonArgs(a *app, flags *pflag.FlagSet) ([]string, error) {
	var args []string
	add := func(name, value string, path bool) error {
		if path {
			var err error
			if value, err = a.absolute(value); err != nil {
				return err
			}
		}
		args = append(args, "--"+name+"="+value)
		return nil
	}
	if a.socket != "" {
		if err := add("socket", a.socket, true); err != nil {
			return nil, err
		}
	}
	for _, f := range daemonFlags {
		given := flags.Lookup(f.name)
		if !given.Changed {
			continue
		}
		if err := add(f.name, given.Value.String(), f.path && given.Value.String() != ""); err != nil {
			return nil, err
		}
	}
	return args, nil
}
