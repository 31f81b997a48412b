package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/settings"
	"github.com/lsh-project/lsh/daemon"
)

// doctor answers lsh doctor: the settings, and what is wrong with them. Without a daemon that could say more, whole
// has it look at the jobs file and the journal too. Settings that are wrong are an answer, and no failure.
func doctor(w io.Writer, s settings.Settings, wrong error, whole bool) error {
	var c daemon.Checkup
	if wrong == nil {
		c = daemon.CheckUp(context.Background(), s.Paths, config.LocalHost(), whole)
		c.Settings.Database = s.Database.URL != ""
	}
	problems, are := errors.AsType[settings.Problems](wrong)
	if wrong != nil && !are {
		return wrong
	}
	for _, p := range problems {
		c.Problems = append(c.Problems, daemon.SettingProblem{Message: p.Where + ": " + p.Message, Hint: p.Hint})
	}
	c.Version = currentVersion()
	c.Warnings = append(settings.Misspelt(os.Environ()), s.Warnings...)
	return write(w, c)
}
