package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/lsh-project/lsh/config/settings"
	"github.com/lsh-project/lsh/daemon"
)

func main() {
	// Before anything else, so that an early SIGHUP does not end us.
	// SIGPIPE, which a closed stderr gives, must not either; to ignore it
	// would hand that down to the jobs.
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1, syscall.SIGPIPE)
	os.Exit(run(os.Args[1:], signals))
}

func run(args []string, signals chan os.Signal) (exit int) {
	line, err := parse(args)
	if err != nil {
		complain(os.Stderr, err)
		return exitCode(err)
	}
	switch {
	case line.help:
		fmt.Print(line.usage())
		return 0
	case line.version:
		fmt.Println("lshd", currentVersion())
		return 0
	}
	ready, err := openReady(line.readyFD)
	if err != nil {
		complain(os.Stderr, err)
		return exitCode(err)
	}
	defer ready.close()

	err = command(line, os.Stdout, ready, signals)
	if errors.Is(err, daemon.ErrRestart) {
		return daemon.ExitRestart
	}
	if err != nil {
		ready.refuse(err)
		complain(os.Stderr, err)
		return exitCode(err)
	}
	return 0
}

func command(line commandLine, out io.Writer, ready *readiness, signals chan os.Signal) error {
	if line.syncInit {
		return syncInit(os.Stdin, out, signals)
	}
	env, err := settings.System()
	if err != nil {
		return err
	}
	s, err := settings.Load(line.flags, env)
	if line.doctor {
		return doctor(out, s, err, line.whole)
	}
	if err != nil {
		return err
	}
	if line.settings {
		return show(out, s)
	}
	if line.plan {
		return plan(out, s, line)
	}
	if line.fleet {
		return fleet(out, s, signals)
	}
	ready.warnings = append(settings.Misspelt(os.Environ()), s.Warnings...)
	log, err := openLog(s, line.background)
	if err != nil {
		return err
	}
	defer log.file.Close()
	err = serve(s, line, log, ready, signals)
	log.failed(err)
	return err
}
