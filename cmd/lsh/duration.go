package main

import (
	"fmt"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/spf13/pflag"
)

// duration is a flag that reads durations as the jobs file does: 30s, 2h, 1d.
type duration time.Duration

var _ pflag.Value = (*duration)(nil)

// String is the text that the help shows as the default: none.
func (d *duration) String() string {
	if *d == 0 {
		return ""
	}
	return time.Duration(*d).String()
}

// Set reads the flag.
func (d *duration) Set(text string) error {
	if text == "0" {
		*d = 0
		return nil
	}
	parsed, err := config.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%w: write 30s, 10m, 2h or 1d", err)
	}
	if parsed < 0 {
		return fmt.Errorf("%q is negative", text)
	}
	*d = duration(parsed)
	return nil
}

// Type names the value in the help.
func (d *duration) Type() string { return "DURATION" }
