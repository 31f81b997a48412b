package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

// zoneFile is the system's time zone.
const zoneFile = "/etc/localtime"

// zone is a time zone and the name by which a jobs file may call it; "" when it is not known.
type zone struct {
	name     string
	location *time.Location
}

// checkZone looks by which time zone jobs go that name none.
func checkZone(_ context.Context, s *subject, r *diagnosis) {
	var shellTZ *string
	if tz, set := s.getenv("TZ"); set {
		shellTZ = &tz
	}
	shell, wrong := zoneBy(shellTZ, zoneFile)
	if wrong != nil && shellTZ != nil {
		r.warn("unset TZ", "TZ of this shell: %s: programs take it for UTC", wrong)
	}
	tz, whose := shellTZ, "this shell"
	if s.daemon != nil {
		if s.inside == nil {
			r.unknown("by which time zone the daemon goes")
			return
		}
		tz, whose = s.inside.TZ, "the daemon"
	}
	daemon, wrong := zoneBy(tz, zoneFile)
	switch {
	case wrong == nil:
		r.ok("%s goes by %s", whose, daemon)
	case tz != nil && s.daemon != nil:
		r.wrong("unset TZ && "+anew, "TZ of the daemon: %s: jobs without a timezone go by UTC", wrong)
		return
	case tz != nil:
		return // has been said
	case errors.Is(wrong, fs.ErrNotExist) && lookAt(zoneFile).info == nil:
		r.note(setZone, "there is no %s: jobs without a timezone go by UTC", zoneFile)
	default:
		r.wrong(setZone, "the system's time zone cannot be told: %s: jobs without a timezone go by UTC", wrong)
	}
	if s.daemon != nil && !sameTimes(daemon.location, shell.location, s.now()) {
		hint := anew
		if shell.name != "" {
			hint = "in the jobs file:  defaults: {timezone: " + shell.name + "}; or here:  " + anew
		}
		r.warn(hint, "jobs without a timezone go by the daemon's, %s; this shell goes by %s", daemon, shell)
	}
}

// setZone sets the system's time zone.
const setZone = "sudo ln -sfn /usr/share/zoneinfo/ZONE " + zoneFile + "  with a ZONE such as Europe/Berlin"

// String is the zone for people.
func (z zone) String() string {
	if z.name != "" {
		return z.name
	}
	return time.Now().In(z.location).Format("MST (-07:00)")
}

// zoneBy is the time zone by TZ, or of the system where that is nil. With an error it is UTC, which is what programs take then.
func zoneBy(tz *string, file string) (zone, error) {
	utc := zone{"UTC", time.UTC}
	if tz == nil {
		return systemZone(file)
	}
	name := strings.TrimPrefix(*tz, ":")
	switch {
	case name == "":
		return utc, nil
	case filepath.IsAbs(name):
		return systemZone(name)
	}
	location, err := schedule.LoadLocation(name)
	if err != nil {
		return utc, fmt.Errorf("%q is no time zone", name)
	}
	return zone{name, location}, nil
}

// systemZone is the time zone that a file holds, named after where its link leads.
func systemZone(file string) (zone, error) {
	utc := zone{"UTC", time.UTC}
	target, _ := os.Readlink(file)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && target != "" {
		return utc, fmt.Errorf("%s is a link to %s, which is not there: %w", file, target, fs.ErrNotExist)
	}
	if err != nil {
		return utc, err
	}
	location, err := time.LoadLocationFromTZData("Local", data)
	if err != nil {
		return utc, fmt.Errorf("%s holds no time zone", file)
	}
	if target == "" {
		target = file
	}
	_, name, _ := strings.Cut(target, "zoneinfo/")
	if _, err := schedule.LoadLocation(name); err != nil {
		name = ""
	}
	return zone{name, location}, nil
}

// sameTimes tells whether two zones show the same time over a year from now.
func sameTimes(a, b *time.Location, now time.Time) bool {
	for week := range 53 {
		at := now.AddDate(0, 0, 7*week)
		_, one := at.In(a).Zone()
		_, two := at.In(b).Zone()
		if one != two {
			return false
		}
	}
	return true
}
