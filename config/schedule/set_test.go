package schedule_test

import (
	"testing"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

func TestSet(t *testing.T) {
	loc := zone(t, "America/New_York")
	set := func(texts ...string) schedule.Set {
		var s schedule.Set
		for _, text := range texts {
			s = append(s, parse(t, text, schedule.Options{Location: loc}))
		}
		return s
	}
	noon := time.Date(2026, 3, 7, 12, 0, 0, 0, loc)
	tests := []struct {
		set  schedule.Set
		want string
	}{
		{set(), ""},
		{set("@start"), ""},
		{set("0 9 * * *", "0 18 * * *"), "2026-03-07T18:00:00 2026-03-08T09:00:00 2026-03-08T18:00:00 "},
		{set("@boot", "0 18 * * *"), "2026-03-07T18:00:00 2026-03-08T18:00:00 2026-03-09T18:00:00 "},
		// Slots at one instant are one.
		{set("0 18 * * *", "0 */6 * * *"), "2026-03-07T18:00:00 2026-03-08T00:00:00 2026-03-08T06:00:00 "},
		// Neither schedule's slot is at 02:00 or 02:30 on 8 March; 03:00 is real.
		{set("30 2 * * *", "0 3 * * *"), "2026-03-08T03:00:00 2026-03-09T02:30:00 2026-03-09T03:00:00 "},
		{set("0 3 * * *", "30 2 * * *"), "2026-03-08T03:00:00 2026-03-09T02:30:00 2026-03-09T03:00:00 "},
	}
	for _, tt := range tests {
		if got := firstSlots(tt.set, noon, 3); got != tt.want {
			t.Errorf("slots %s, want %s", got, tt.want)
		}
	}
	slot, _ := set("0 3 * * *", "30 2 * * *").Next(noon)
	if want := "02:30 does not exist on 8 March → 03:00"; slot.Note != want {
		t.Errorf("note %q, want %q", slot.Note, want)
	}
}

func TestSetHas(t *testing.T) {
	s := schedule.Set{parse(t, "@start", schedule.Options{}), parse(t, "0 3 * * *", schedule.Options{})}
	if !s.Has(schedule.KindStart) || !s.Has(schedule.KindCron) || s.Has(schedule.KindBoot) {
		t.Errorf("start %t, cron %t, boot %t", s.Has(schedule.KindStart), s.Has(schedule.KindCron), s.Has(schedule.KindBoot))
	}
}
