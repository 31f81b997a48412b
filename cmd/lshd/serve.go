package main

import (
	"context"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/settings"
	"github.com/lsh-project/lsh/daemon"
)

// renewal is how soon a log file that was cleaned away is made again.
const renewal = 30 * time.Second

// links are how the world reaches the daemon beside its sockets.
type links struct {
	ready   *readiness
	keeper  *daemon.Keeper // nil without one
	signals chan os.Signal
}

// serve runs the daemon until it is stopped.
func serve(s settings.Settings, line commandLine, log *logger, ready *readiness, signals chan os.Signal) error {
	to := links{ready: ready, signals: signals}
	program := ""
	if line.keeperFD >= 0 {
		var err error
		if to.keeper, err = daemon.AttachKeeper(line.keeperFD); err != nil {
			return err
		}
		program = os.Args[0]
	}
	s.LogFile = log.file.Path()
	for _, warning := range to.ready.warnings {
		log.log.Warn(warning)
	}
	to.ready.warnings = append(log.warnings, to.ready.warnings...)

	d, err := daemon.New(daemon.Options{
		Sockets: daemon.HandedSockets(line.keeperFD, to.keeper),
		Keeper:  to.keeper, Program: program, Signal: func(s os.Signal) { to.signals <- s }, // to the keeper is to us
		Paths: s.Paths, Apply: s.Apply, MaxParallel: s.MaxParallel,
		Version: currentVersion(), Log: log.log, Host: config.LocalHost(),
		Warnings: to.ready.warnings, Database: s.Database,
	})
	if err != nil {
		return err
	}
	if line.background {
		// The directory it was started in must not be kept from being
		// unmounted. Every path is absolute by now.
		_ = os.Chdir("/")
	}
	if to.keeper != nil {
		to.ready.pid = to.keeper.Pid()
	}
	return conduct(d, log, to)
}

// conduct turns signals into calls while the daemon runs.
func conduct(d *daemon.Daemon, log *logger, to links) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()

	// A reload may have to wait for a writer of the jobs file, and a stop
	// must not wait for that. Those asked for meanwhile are one.
	var crew sync.WaitGroup
	defer crew.Wait()
	reloads := make(chan struct{}, 1)
	defer close(reloads)
	crew.Go(func() {
		for range reloads {
			d.Reload()
		}
	})
	ended := make(chan error, 1)
	crew.Go(func() { ended <- d.Run(ctx) })

	renew := time.NewTicker(renewal)
	defer renew.Stop()
	isReady := d.Ready()
	for {
		select {
		case err := <-ended:
			return err
		case <-isReady:
			to.ready.serving(d)
			isReady = nil
		case <-renew.C:
			log.renew()
		case s := <-to.signals:
			switch s {
			case syscall.SIGHUP:
				select {
				case reloads <- struct{}{}:
				default:
				}
			case syscall.SIGUSR1:
				log.reopen()
			case syscall.SIGTERM, syscall.SIGINT:
				if ctx.Err() != nil {
					d.StopNow()
					continue
				}
				log.log.Info("stop asked for by signal, a second one ends runs at once")
				stop()
			}
		}
	}
}
