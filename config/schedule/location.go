package schedule

import (
	_ "embed"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a machine without a zone database still knows every zone
)

//go:embed zones.txt
var zoneNames string

// ZoneNames are the IANA names of all time zones.
func ZoneNames() []string { return strings.Fields(zoneNames) }

// LoadLocation returns the time zone of an IANA name such as Europe/Berlin. An
// empty name and "Local" are the system's zone as it is now, which after a change
// of /etc/localtime is another than time.Local. The error is an *[Error] whose
// hint is the nearest name.
//
// Each call reads the zone anew: who loads many holds them in a [Locations].
func LoadLocation(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return systemLocation(), nil
	}
	known := ZoneNames()
	near, similar := name, slices.Contains(known, name)
	if !similar {
		near, similar = nearestZone(name, known)
	}
	hint := "write an IANA name such as Europe/Berlin, or UTC"
	if similar {
		hint = "did you mean " + near + "?"
	}
	unknown := errorAt(0, hint, "unknown time zone %q", name)
	// Where file names ignore case a misspelt zone would load here and fail on the
	// next machine.
	if near != name && strings.EqualFold(near, name) {
		return nil, unknown
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, unknown
	}
	return loc, nil
}

// nearestZone returns the zone that was probably meant: one written in other case, one
// of that city, or one that is a slip away.
func nearestZone(name string, known []string) (string, bool) {
	if near, same := nearest(name, known, 0); same {
		return near, true
	}
	city := "/" + strings.ReplaceAll(strings.ToLower(name), " ", "_")
	for _, zone := range known {
		if strings.HasSuffix(strings.ToLower(zone), city) {
			return zone, true
		}
	}
	return nearest(name, known, 2)
}

// systemLocation reads the system's zone anew. With TZ set it is the process's and
// cannot change.
func systemLocation() *time.Location {
	if _, set := os.LookupEnv("TZ"); set {
		return time.Local
	}
	data, err := os.ReadFile("/etc/localtime")
	if err != nil {
		return time.Local
	}
	loc, err := time.LoadLocationFromTZData("Local", data)
	if err != nil {
		return time.Local
	}
	return loc
}

// Locations loads each time zone once, so that many jobs share it. The zero value
// is ready for use, also by several goroutines. It holds on to what it loaded: a
// new one sees a changed system zone.
type Locations struct {
	mu     sync.Mutex
	loaded map[string]*time.Location
}

// Load returns what [LoadLocation] returns.
func (l *Locations) Load(name string) (*time.Location, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if loc, ok := l.loaded[name]; ok {
		return loc, nil
	}
	loc, err := LoadLocation(name)
	if err != nil {
		return nil, err
	}
	if l.loaded == nil {
		l.loaded = make(map[string]*time.Location)
	}
	l.loaded[name] = loc
	return loc, nil
}
