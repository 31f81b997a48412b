package schedule

import "testing"

func TestZoneNamed(t *testing.T) {
	for text, want := range map[string]string{
		"": "UTC", "UTC": "UTC", "Europe/Berlin": "Europe/Berlin", "/usr/share/zoneinfo/America/New_York": "America/New_York",
		"/var/db/timezone/zoneinfo/Asia/Tokyo": "Asia/Tokyo", "/usr/share/zoneinfo/posix/Asia/Tokyo": "Asia/Tokyo",
		"CET-1CEST": "", "/etc/localtime": "", "Local": "",
	} {
		if got := zoneNamed(text); got != want {
			t.Errorf("%q is named %q, want %q", text, got, want)
		}
	}
}

func TestSystemZoneIsThatOfTZ(t *testing.T) {
	for tz, want := range map[string]string{":Europe/Berlin": "Europe/Berlin", "": "UTC", "EST5EDT,M3.2.0,M11.1.0": ""} {
		t.Setenv("TZ", tz)
		if got := SystemZone(); got != want {
			t.Errorf("with TZ=%s the zone is %q, want %q", tz, got, want)
		}
	}
}
