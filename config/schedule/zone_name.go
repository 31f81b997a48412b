package schedule

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SystemZone is the IANA name of the system's time zone, for machines that must
// compute this one's slots; "" where the system does not tell.
func SystemZone() string {
	if tz, set := os.LookupEnv("TZ"); set {
		return zoneNamed(strings.TrimPrefix(tz, ":"))
	}
	if at, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if name := zoneNamed(at); name != "" {
			return name
		}
	}
	text, err := os.ReadFile("/etc/timezone") // where localtime is a copy
	if err != nil {
		return ""
	}
	if name := strings.TrimSpace(string(text)); name != "" {
		return zoneNamed(name)
	}
	return ""
}

// zoneNamed is the name of a zone, given by TZ or by the path of its file.
func zoneNamed(text string) string {
	if text == "" {
		return "UTC"
	}
	if _, name, is := strings.Cut(text, "/zoneinfo/"); is {
		text = strings.TrimPrefix(strings.TrimPrefix(name, "posix/"), "right/")
	}
	if !slices.Contains(ZoneNames(), text) {
		return ""
	}
	return text
}
