package schedule

import "time"

const daySeconds = 24 * 60 * 60

// A civil second is a wall clock's time counted in seconds, as if the clock were
// UTC's: an instant's Unix time plus the offset of its zone. Civil days are such
// seconds divided by daySeconds. Both are proleptic Gregorian and may be negative.

// localOf returns the date and time of a civil second.
func localOf(second int64) Local {
	day := floorDiv(second, daySeconds)
	rest := int(second - day*daySeconds)
	year, month, dayOfMonth := dateOf(day)
	return Local{year, month, dayOfMonth, rest / 3600, rest / 60 % 60, rest % 60}
}

// dateOf returns the date of a civil day. The calculation moves the turn of the
// year to 1 March, which puts the leap day last; an era is 400 years. From Howard
// Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
func dateOf(day int64) (int, time.Month, int) {
	day += 719468
	era := floorDiv(day, 146097)
	inEra := int(day - era*146097)
	year := (inEra - inEra/1460 + inEra/36524 - inEra/146096) / 365
	inYear := inEra - (365*year + year/4 - year/100)
	month := (5*inYear + 2) / 153
	dayOfMonth := inYear - (153*month+2)/5 + 1
	year += int(era) * 400
	if month < 10 {
		return year, time.Month(month + 3), dayOfMonth
	}
	return year + 1, time.Month(month - 9), dayOfMonth
}

// dayOf returns the civil day of a date: the inverse of dateOf.
func dayOf(year int, month time.Month, dayOfMonth int) int64 {
	m := int(month) - 3
	if m < 0 {
		m += 12
		year--
	}
	era := floorDiv(int64(year), 400)
	inCentury := int64(year) - era*400
	inYear := int64((153*m+2)/5 + dayOfMonth - 1)
	return era*146097 + inCentury*365 + inCentury/4 - inCentury/100 + inYear - 719468
}

// weekdayOf returns a civil day's weekday, Sunday being 0.
func weekdayOf(day int64) int {
	return int(day + 4 - 7*floorDiv(day+4, 7))
}

// monthLength returns the number of days of a month.
func monthLength(year int, month time.Month) int {
	switch month {
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	default:
		return 31
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
