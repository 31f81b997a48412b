package schedule

import "math/bits"

const allHours = 1<<24 - 1

// horizonMonths bounds the search for a matching day. The rarest expression, a
// leap day on one weekday, can keep 40 years away when a century has no leap year.
const horizonMonths = 48 * 12

// match returns the first civil second at or after the given one that the cron
// fields name. It returns false when there is none within horizonMonths, which
// means that there is none at all.
func (s *Schedule) match(second int64) (int64, bool) {
	day := floorDiv(second, daySeconds)
	first, ok := s.matchDay(day)
	if !ok {
		return 0, false
	}
	if first == day {
		if inDay, ok := s.matchClock(int(second - day*daySeconds)); ok {
			return day*daySeconds + int64(inDay), true
		}
		if first, ok = s.matchDay(day + 1); !ok {
			return 0, false
		}
	}
	inDay, ok := s.matchClock(0)
	return first*daySeconds + int64(inDay), ok
}

// matchDay returns the first matching civil day at or after the given one.
func (s *Schedule) matchDay(day int64) (int64, bool) {
	year, month, dayOfMonth := dateOf(day)
	for range horizonMonths {
		if s.month&(1<<month) != 0 {
			first := dayOf(year, month, 1)
			days := s.daysOf(weekdayOf(first), monthLength(year, month))
			if d := nextBit(days, dayOfMonth); d < 64 {
				return first + int64(d) - 1, true
			}
		}
		dayOfMonth = 1
		if month++; month > 12 {
			month = 1
			year++
		}
	}
	return 0, false
}

// daysOf returns the matching days of a month as bits, given the weekday of its
// first day and its length. It keeps Vixie cron's rule: with both day fields
// restricted a day matches that either names; with a star before one, that both name.
func (s *Schedule) daysOf(firstWeekday, length int) uint64 {
	weekdays := uint64(s.weekday)
	weeks := weekdays | weekdays<<7 | weekdays<<14 | weekdays<<21 | weekdays<<28 | weekdays<<35
	byWeekday := weeks >> firstWeekday << 1
	days := uint64(s.day) | byWeekday
	if s.bothDays {
		days = uint64(s.day) & byWeekday
	}
	return days & (1<<(length+1) - 2)
}

// matchClock returns the first matching second of a day at or after the given one.
func (s *Schedule) matchClock(second int) (int, bool) {
	hour := nextBit(uint64(s.hour), second/3600)
	if hour == second/3600 {
		minute := nextBit(s.minute, second/60%60)
		if minute == second/60%60 {
			if sec := nextBit(s.second, second%60); sec < 64 {
				return hour*3600 + minute*60 + sec, true
			}
			minute = nextBit(s.minute, minute+1)
		}
		if minute < 64 {
			return hour*3600 + minute*60 + nextBit(s.second, 0), true
		}
		hour = nextBit(uint64(s.hour), hour+1)
	}
	if hour == 64 {
		return 0, false
	}
	return hour*3600 + nextBit(s.minute, 0)*60 + nextBit(s.second, 0), true
}

// nextBit returns the lowest set bit at or above from, or 64.
func nextBit(mask uint64, from int) int {
	return bits.TrailingZeros64(mask >> from << from)
}
