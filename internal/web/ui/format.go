package ui

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bevis/internal/i18n"
)

// Num writes n with the reader's thousands mark: 18,422 or 18 422 (no-break space).
func Num(ctx context.Context, n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	mark := ","
	if i18n.Of(ctx) == i18n.Swedish {
		mark, sign = "\u00a0", strings.ReplaceAll(sign, "-", "\u2212")
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Bytes writes a size in bytes with decimal units: 8.4 kB or 8,4 kB.
func Bytes(ctx context.Context, n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v, unit := float64(n), 0
	for v >= 999.95 && unit < 4 {
		v /= 1000
		unit++
	}
	s := strconv.FormatFloat(v, 'f', 1, 64)
	if v >= 100 {
		s = strconv.FormatFloat(v, 'f', 0, 64)
	}
	if i18n.Of(ctx) == i18n.Swedish {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s + " " + [...]string{"B", "kB", "MB", "GB", "TB"}[unit]
}

// Day writes a date as 2026-04-03.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Stamp writes a moment in full: 2026-04-03 09:14:22 UTC.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

type todayKey struct{}

// WithToday tells the kit what day it is, in the time's own zone: a date of another
// year is shown with its year. Page does it with the moment of its Print.
func WithToday(ctx context.Context, now time.Time) context.Context {
	if now.IsZero() {
		return ctx
	}
	return context.WithValue(ctx, todayKey{}, now)
}

// ShortDay writes a date as 3 Apr or 3 apr, and one that is not of this year as
// 3 Apr 2025. While nobody has said what day it is, the year stands there.
func ShortDay(ctx context.Context, t time.Time) string {
	t = t.UTC()
	month := Month(ctx, t)
	if month == "" {
		return Day(t)
	}
	s := strconv.Itoa(t.Day()) + " " + month
	if now, ok := ctx.Value(todayKey{}).(time.Time); !ok || now.Year() != t.Year() {
		s += " " + strconv.Itoa(t.Year())
	}
	return s
}

// Short writes a moment as 3 Apr 09:14, with the year as ShortDay does; the seconds
// are in the title of When.
func Short(ctx context.Context, t time.Time) string {
	return ShortDay(ctx, t) + t.UTC().Format(" 15:04")
}

// Period writes 2026-01-01 – 2026-06-30.
func Period(from, to time.Time) string { return Day(from) + " – " + Day(to) }

// daysBetween counts calendar days in UTC from a to b, negative when b is earlier.
func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
	return int(day(b).Sub(day(a)) / (24 * time.Hour))
}

// dueText is the label of ui.md 4.3: a plain date while it is more than seven days off,
// then days left, today, days overdue.
func dueText(ctx context.Context, due, today time.Time) (string, Tone) {
	switch n := daysBetween(today, due); {
	case n < 0:
		return i18n.T(ctx, "ui.due.overdue", "Count", -n), ToneBad
	case n == 0:
		return i18n.T(ctx, "ui.due.today"), ToneWarn
	case n <= 7:
		return i18n.T(ctx, "ui.due.in", "Count", n), ToneWarn
	}
	return i18n.T(ctx, "ui.due.date", "Date", Day(due)), ToneMute
}

// initials takes the first letters of the first and the last word of a name.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return "?"
	}
	first := func(w string) string {
		r, _ := utf8.DecodeRuneInString(w)
		return strings.ToUpper(string(r))
	}
	if len(words) == 1 {
		return first(words[0])
	}
	return first(words[0]) + first(words[len(words)-1])
}

// avatarHues is how many hues app.css has for avatars.
const avatarHues = 12

// hue is the same for a name on every page and machine.
func hue(name string) int {
	h := fnv.New32a()
	h.Write([]byte(name))
	return int(h.Sum32() % avatarHues)
}

// hashGroups splits a digest into groups of four, which eyes can compare.
func hashGroups(hex string) string {
	var b strings.Builder
	for i, r := range hex {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// shortHash keeps the head and the tail of a digest.
func shortHash(hex string) string {
	if len(hex) <= 26 {
		return hex
	}
	return hex[:16] + "…" + hex[len(hex)-8:]
}

func avatarClass(name string) string { return "av-" + strconv.Itoa(hue(name)) }

// Month writes the month of a date as Apr or april.
func Month(ctx context.Context, t time.Time) string {
	months := strings.Fields(i18n.T(ctx, "ui.months"))
	if len(months) != 12 {
		return ""
	}
	return months[t.UTC().Month()-1]
}
