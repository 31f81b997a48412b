package schedule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/lsh-project/lsh/config/schedule"
)

// Two ways of writing the same schedule yield the same slots.
func TestSameSchedule(t *testing.T) {
	tests := [][2]string{
		{"@hourly", "0 * * * *"},
		{"@daily", "0 0 * * *"},
		{"@midnight", "0 0 * * *"},
		{"@weekly", "0 0 * * 0"},
		{"@monthly", "0 0 1 * *"},
		{"@yearly", "0 0 1 1 *"},
		{"@annually", "0 0 1 1 *"},
		{"0 0 * * *", "0 0 0 * * *"},
		{"  0\t0 * * *\n", "0 0 * * *"},
		{"0 0 * * 7", "0 0 * * 0"},
		{"0 0 * * 5-7", "0 0 * * 0,5,6"},
		{"0 0 * * 1-7/2", "0 0 * * 0,1,3,5"},
		{"0 0 * * 0-7", "0 0 * * *"},
		{"0 0 * * 7/2", "0 0 * * 0"},
		{"0 0 * * 1,7", "0 0 * * 0,1"},
		{"0 0 * * FRI-Sun", "0 0 * * 0,5,6"},
		{"0 0 * * sun-tue", "0 0 * * 0-2"},
		{"0 0 1 JAN,jul *", "0 0 1 1,7 *"},
		{"0 0 1 oct-dec *", "0 0 1 10-12 *"},
		{"10/20 * * * *", "10,30,50 * * * *"},
		{"10-35/20 * * * *", "10,30 * * * *"},
		{"*/90 * * * *", "0 * * * *"},
		{"0 0 ? * mon", "0 0 * * 1"},
	}
	for _, tt := range tests {
		o := schedule.Options{Location: time.UTC}
		a, b := parse(t, tt[0], o), parse(t, tt[1], o)
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		if x, y := firstSlots(a, from, 100), firstSlots(b, from, 100); x != y {
			t.Errorf("%q yields\n%s\n%q yields\n%s", tt[0], x, tt[1], y)
		}
	}
}

// Vixie cron's rule for the two day fields: either, unless one begins with a star.
func TestDayRule(t *testing.T) {
	const everyDay = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31"
	tests := []struct{ text, want string }{
		{"0 0 13 * 5", "2 9 13 16 23 30"}, // any 13th and any Friday
		{"0 0 13 * *", "13"},
		{"0 0 * * 5", "2 9 16 23 30"},
		{"0 0 */2 * 5", "9 23"}, // Fridays with an odd number
		{"0 0 13 * */2", "13"},  // a Tuesday: even weekday
		{"0 0 ? * 5", "2 9 16 23 30"},
		{"0 0 1-31 * 5", everyDay}, // all days, or Friday
		{"0 0 1,* * 5", everyDay},  // the star is not first
	}
	for _, tt := range tests {
		s := parse(t, tt.text, schedule.Options{Location: time.UTC})
		var days []string
		for slot := range s.Slots(time.Date(2025, 12, 31, 12, 0, 0, 0, time.UTC)) {
			if slot.At.Month() != time.January {
				break
			}
			days = append(days, fmt.Sprint(slot.At.Day()))
		}
		if got := strings.Join(days, " "); got != tt.want {
			t.Errorf("%q in January 2026: %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestRareDays(t *testing.T) {
	from := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		from       time.Time
		text, want string
	}{
		{from, "0 0 29 2 *", "2028-02-29"},
		{from, "0 0 29 2 */7", "2032-02-29"},                                        // a leap day on Sunday
		{time.Date(2088, 3, 1, 0, 0, 0, 0, time.UTC), "0 0 29 2 */7", "2128-02-29"}, // 2100 has none
		{time.Date(2096, 3, 1, 0, 0, 0, 0, time.UTC), "0 0 29 2 *", "2104-02-29"},
		{from, "0 0 31 4,5 *", "2027-05-31"},
		{time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), "0 12 * * *", "9999-12-31"},
		{time.Time{}, "0 12 * * *", "0001-01-01"},
		{time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC), "0 12 * * *", "0001-01-01"},
		{time.Date(9999, 12, 31, 13, 0, 0, 0, time.UTC), "0 12 * * *", ""},
		{time.Unix(1<<62, 0), "0 12 * * *", ""},
		{time.Date(2270, 1, 1, 0, 0, 0, 0, time.UTC), "@every 1h", ""},
	}
	for _, tt := range tests {
		slot, ok := parse(t, tt.text, schedule.Options{Location: time.UTC}).Next(tt.from)
		got := ""
		if ok {
			got = slot.At.Format(time.DateOnly)
		}
		if got != tt.want {
			t.Errorf("%q after %s: %q, want %q", tt.text, tt.from, got, tt.want)
		}
	}
}

// Every slot of a schedule can be lost to gaps; the search still ends.
func TestSearchEnds(t *testing.T) {
	s := parse(t, "30 2 8-14 3 */7", schedule.Options{
		Location: zone(t, "America/New_York"),
		DST:      schedule.DST{Gap: schedule.GapSkip},
	})
	if slot, ok := s.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
		t.Errorf("got %v", slot)
	}
}

func TestKinds(t *testing.T) {
	tests := []struct {
		text    string
		kind    schedule.Kind
		elapsed bool
	}{
		{"0 0 * * *", schedule.KindCron, false},
		{"0 1-23 * * *", schedule.KindCron, false},
		{"0 0-23 * * *", schedule.KindCron, true},
		{"0 */1 * * mon", schedule.KindCron, true},
		{"0 0-11,12-23 * * *", schedule.KindCron, true},
		{"@hourly", schedule.KindCron, true},
		{"@daily", schedule.KindCron, false},
		{"@every 1d", schedule.KindEvery, true},
		{"@start", schedule.KindStart, false},
		{"@boot", schedule.KindBoot, false},
	}
	for _, tt := range tests {
		s := parse(t, tt.text, schedule.Options{})
		if s.Kind() != tt.kind || s.Elapsed() != tt.elapsed || s.Text() != tt.text {
			t.Errorf("%q: kind %d, elapsed %t, text %q", tt.text, s.Kind(), s.Elapsed(), s.Text())
		}
		_, ok := s.Next(time.Now())
		if want := tt.kind == schedule.KindCron || tt.kind == schedule.KindEvery; ok != want {
			t.Errorf("%q: has a next slot: %t", tt.text, ok)
		}
	}
}

// An error says what is wrong, points at it (^), and says what to write.
func TestErrors(t *testing.T) {
	tests := []struct{ text, at, message, hint string }{
		{"", "^", "the schedule is empty", "write five fields"},
		{" \n", "^", "the schedule is empty", "write five fields"},
		{"* * * *", "^", "the schedule has 4 fields", "write five fields"},
		{"* * * * * * 2026", "            ^", "the schedule has 7 fields", "write five fields"},
		{"15m", "^", `"15m" is not a schedule`, "write @every 15m"},
		{"every 15m", "^", "the schedule has 2 fields", "write @every 15m"},
		{"Daily", "^", `"Daily" is not a schedule`, "write @daily"},
		{"TZ=Asia/Tokyo 0 0 * * *", "^", "a schedule cannot set TZ", "take it out and write `timezone: Asia/Tokyo` beside the schedule"},
		{"CRON_TZ=UTC 0 0 * * *", "^", "a schedule cannot set CRON_TZ", "take it out and write `timezone: UTC`"},
		{"TZ=", "^", "a schedule cannot set TZ", "timezone:"},
		{strings.Repeat("1,", 600), strings.Repeat(" ", 1024) + "^", "the schedule is longer than 1024 bytes", "make it a list"},

		{"60 * * * *", "^", "minute 60 is out of range", "write a number from 0 to 59"},
		{"0 24 * * *", "  ^", "hour 24 is out of range", "write a number from 0 to 23"},
		{"0 0 0 * *", "    ^", "day of month 0 is out of range", "write a number from 1 to 31"},
		{"0 0 1 13 *", "      ^", "month 13 is out of range", "write a number from 1 to 12"},
		{"0 0 * * 8", "        ^", "day of week 8 is out of range", "write a number from 0 to 7"},
		{"61 0 0 * * *", "^", "second 61 is out of range", "write a number from 0 to 59"},
		{"1,2,99 * * * *", "    ^", "minute 99 is out of range", "0 to 59"},
		{"99999999999999999999 * * * *", "^", "minute 99999999999999999999 is out of range", "0 to 59"},
		{"10-70 * * * *", "   ^", "minute 70 is out of range", "0 to 59"},
		{"0 22-6 * * *", "  ^", "the hour range 22-6 runs backwards", "write 22-23,0-6"},
		{"0 0 * * sat-mon", "        ^", "the day of week range sat-mon runs backwards", "write 6,0-1"},
		{"0 0 * * monday", "        ^", `"monday" is not a day of week`, "write mon"},
		{"0 0 * march *", "      ^", `"march" is not a month`, "write mar"},
		{"0 0 L * *", "    ^", `"L" is not a day of month`, "write a number from 1 to 31, a range"},
		{"0 0 * * x", "        ^", `"x" is not a day of week`, "or a name from sun to sat"},
		{"-5 * * * *", "^", "the minute lacks a value", "write a number"},
		{"+5 * * * *", "^", `"+5" is not a minute`, "write a number"},
		{"5- * * * *", "  ^", "the minute lacks a value", "write a number"},
		{"1-2-3 * * * *", "  ^", `"2-3" is not a minute`, "write a number"},
		{"1.5 * * * *", "^", `"1.5" is not a minute`, "write a number"},
		{"1,,2 * * * *", "  ^", "the minute has an empty item in its list", "take the comma out"},
		{"1, * * * *", "  ^", "the minute has an empty item in its list", "take the comma out"},
		{"*/0 * * * *", "  ^", `the minute has the step "0"`, "write a whole number of at least 1"},
		{"*/ * * * *", "  ^", `the minute has the step ""`, "as in */5"},
		{"*/5/2 * * * *", "  ^", `the minute has the step "5/2"`, "as in */5"},
		{"/5 * * * *", "^", "the minute has a step without a start", "write */5"},
		{"*-5 * * * *", "^", `the minute has "*-5"`, "write * alone"},
		{"*5 * * * *", "^", `the minute has "*5"`, "write * alone"},

		{"h * * * *", "^", `"h" is not a minute`, "write a capital H"},
		{"H(5) * * * *", "^", `"H(5)" is not a minute`, "write H(0-59), H or H/n"},
		{"H(1-5 * * * *", "^", `"H(1-5" is not a minute`, "write H(0-59)"},
		{"H(9-5) * * * *", "  ^", "the minute range 9-5 runs backwards", "write H(5-9)"},
		{"H(0-60) * * * *", "    ^", "minute 60 is out of range", "0 to 59"},
		{"0 0 H(1-31) * *", "        ^", "day of month 31 is out of range for H", "from 1 to 28"},
		{"0 H/25 * * *", "    ^", "the hour has the step 25 in a range of 24", "at most 24"},

		{"@dayly", "^", `"@dayly" is not a schedule`, "did you mean @daily?"},
		{"@Hourly", "^", `"@Hourly" is not a schedule`, "did you mean @hourly?"},
		{"@reboot", "^", `"@reboot" is not a schedule`, "write @boot"},
		{"@fortnight", "^", `"@fortnight" is not a schedule`, "write one of @hourly"},
		{"@daily 3", "       ^", "@daily takes nothing after it", "write @daily alone"},
		{"@every", "^", "@every needs a duration", "@every 15m"},
		{"@every 1h 30m", "          ^", "@every takes one duration, without spaces", "@every 1h30m"},
		{"@every soon", "       ^", `"soon" is not a duration`, "@every 15m"},
		{"@every 5", "       ^", `"5" is not a duration`, "@every 15m"},
		{"@every -5m", "       ^", `"-5m" is not a duration`, "@every 15m"},
		{"@every 0s", "       ^", "@every 0s is shorter than a second", "@every 1s"},
		{"@every 999ms", "       ^", "@every 999ms is shorter than a second", "@every 1s"},
		{"@every 999999w", "       ^", `"999999w" is not a duration`, "@every 15m"},

		{"0 0 30 2 *", "    ^", "the schedule never comes: no such day in the months it names", "take a day that one of them has: February has at most 29 days"},
		{"0 0 31 4,6,9,11 *", "    ^", "the schedule never comes", "November have 30"},
	}
	for _, tt := range tests {
		_, err := schedule.Parse(tt.text, schedule.Options{})
		e, ok := errors.AsType[*schedule.Error](err)
		if !ok {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		if !strings.HasPrefix(e.Error(), tt.message) || !strings.Contains(e.Hint, tt.hint) || e.Offset != len(tt.at)-1 {
			t.Errorf("%s\n%s%s (%s)\nwant\n%s%s (%s)", tt.text,
				strings.Repeat(" ", e.Offset)+"^ ", e.Message, e.Hint, tt.at+" ", tt.message, tt.hint)
		}
	}
}

// A daemon holds a hundred thousand of them.
func TestScheduleIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(schedule.Schedule{}); size > 96 {
		t.Errorf("a schedule takes %d bytes", size)
	}
}

func firstSlots(s interface {
	Next(time.Time) (schedule.Slot, bool)
}, from time.Time, n int,
) string {
	var b strings.Builder
	for range n {
		slot, ok := s.Next(from)
		if !ok {
			break
		}
		from = slot.At
		b.WriteString(slot.Nominal.String() + " ")
	}
	return b.String()
}
