package draw

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"swarmtop/theme"
)

// Unknown is drawn where a value is not known. It is never a zero.
const Unknown = "–"

// Widths of what the functions below write, so that columns stay still while
// their figures change.
const (
	BytesWidth   = 8 // "1.23 MiB"
	LatencyWidth = 6 // "340 ms"
	AgeWidth     = 4 // "364d"
	PercentWidth = 5 // "100 %"
)

// AppendBytes appends n bytes as three figures and a unit of 1024 powers
// (IEC 80000-13): "1.23 MiB", "   0 B  ". It takes BytesWidth cells; a negative n is unknown.
func AppendBytes(dst []byte, n int64) []byte {
	if n < 0 {
		return append(dst, "   –    "...)
	}
	units := [...]string{"B  ", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	v, unit := float64(n), 0
	for v >= 1023.5 && unit < len(units)-1 {
		v /= 1024
		unit++
	}
	digits := 0
	switch {
	case unit == 0 || v >= 99.95:
	case v >= 9.995:
		digits = 1
	default:
		digits = 2
	}
	dst = appendRight(dst, 4, func(b []byte) []byte { return strconv.AppendFloat(b, v, 'f', digits, 64) })
	dst = append(dst, ' ')
	return append(dst, units[unit]...)
}

// AppendLatency appends a short time: "0.8 ms", " 12 ms", "340 ms", "1.2 s ".
// It takes LatencyWidth cells.
func AppendLatency(dst []byte, d time.Duration) []byte {
	ms := float64(max(d, 0)) / float64(time.Millisecond)
	v, unit := ms, " ms"
	if ms >= 999.5 {
		v, unit = min(ms/1000, 999), " s "
	}
	digits := 0
	if v < 9.95 {
		digits = 1
	}
	dst = appendRight(dst, 3, func(b []byte) []byte { return strconv.AppendFloat(b, v, 'f', digits, 64) })
	return append(dst, unit...)
}

// AppendAge appends how long something lasts, in its largest unit: "3s", "4m",
// "2h", "5d". It takes at most AgeWidth cells up to 999 days.
func AppendAge(dst []byte, d time.Duration) []byte {
	switch d = max(d, 0); {
	case d < time.Minute:
		return append(strconv.AppendInt(dst, int64(d/time.Second), 10), 's')
	case d < time.Hour:
		return append(strconv.AppendInt(dst, int64(d/time.Minute), 10), 'm')
	case d < 48*time.Hour:
		return append(strconv.AppendInt(dst, int64(d/time.Hour), 10), 'h')
	}
	return append(strconv.AppendInt(dst, min(int64(d/(24*time.Hour)), 9999), 10), 'd')
}

// AppendPercent appends a share of 0 to 1 as "42 %". It rounds down, so that only
// what is whole is 100 %, and what is more than nothing is never 0 %.
func AppendPercent(dst []byte, share float64) []byte {
	switch {
	case share > 0 && share < 0.01:
		return append(dst, "<1 %"...)
	case share >= 1:
		return append(dst, "100 %"...)
	}
	return append(strconv.AppendInt(dst, int64(math.Floor(share*100+1e-9)), 10), " %"...)
}

// AppendCount appends n with a comma at each thousand.
func AppendCount(dst []byte, n int64) []byte {
	from := len(dst)
	dst = strconv.AppendInt(dst, n, 10)
	first := from
	if n < 0 {
		first++
	}
	for i := len(dst) - 3; i > first; i -= 3 {
		dst = append(dst, 0)
		copy(dst[i+1:], dst[i:])
		dst[i] = ','
	}
	return dst
}

// AppendCopies appends a figure with two decimals, rounded down: 0.999 copies are not one.
func AppendCopies(dst []byte, v float64) []byte {
	return strconv.AppendFloat(dst, math.Floor(v*100+1e-9)/100, 'f', 2, 64)
}

// Bytes is [AppendBytes] for prose: without the spaces of a column.
func Bytes(n int64) string { return trimmed(AppendBytes(nil, n)) }

// Latency is [AppendLatency] for prose.
func Latency(d time.Duration) string { return trimmed(AppendLatency(nil, d)) }

// Age is [AppendAge] as a string.
func Age(d time.Duration) string { return string(AppendAge(nil, d)) }

// Percent is [AppendPercent] as a string.
func Percent(share float64) string { return string(AppendPercent(nil, share)) }

// Count is [AppendCount] as a string.
func Count(n int64) string { return string(AppendCount(nil, n)) }

// CountWidth is how many cells [AppendCount] takes.
func CountWidth(n int64) int {
	var room [32]byte
	return len(AppendCount(room[:0], n))
}

// Copies is [AppendCopies] as a string.
func Copies(v float64) string { return string(AppendCopies(nil, v)) }

// PutBytes writes n as [AppendBytes] does, at the right of the room.
func (p *Page) PutBytes(tok theme.Token, n int64) {
	p.scratch = AppendBytes(p.scratch[:0], n)
	p.putScratch(tok)
}

// PutLatency writes d as [AppendLatency] does, at the right of the room.
func (p *Page) PutLatency(tok theme.Token, d time.Duration) {
	p.scratch = AppendLatency(p.scratch[:0], d)
	p.putScratch(tok)
}

// PutAge writes d as [AppendAge] does, at the right of the room.
func (p *Page) PutAge(tok theme.Token, d time.Duration) {
	p.scratch = AppendAge(p.scratch[:0], d)
	p.putScratch(tok)
}

// PutPercent writes share as [AppendPercent] does, at the right of the room.
func (p *Page) PutPercent(tok theme.Token, share float64) {
	p.scratch = AppendPercent(p.scratch[:0], share)
	p.putScratch(tok)
}

// PutCount writes n as [AppendCount] does, at the right of the room.
func (p *Page) PutCount(tok theme.Token, n int64) {
	p.scratch = AppendCount(p.scratch[:0], n)
	p.putScratch(tok)
}

// PutCopies writes v as [AppendCopies] does, at the right of the room.
func (p *Page) PutCopies(tok theme.Token, v float64) {
	p.scratch = AppendCopies(p.scratch[:0], v)
	p.putScratch(tok)
}

// putScratch writes the scratch at the right of the room. A figure that does not
// fit is left out: half a figure would be a wrong one.
func (p *Page) putScratch(tok theme.Token) {
	w := utf8.RuneCount(p.scratch)
	if w > p.Room() {
		p.PutRight(tok, "…")
		return
	}
	p.Skip(p.Room() - w)
	p.start(tok)
	p.buf = append(p.buf, p.scratch...)
	p.col += w
}

func appendRight(dst []byte, width int, write func([]byte) []byte) []byte {
	var room [32]byte
	s := write(room[:0])
	for range width - len(s) {
		dst = append(dst, ' ')
	}
	return append(dst, s...)
}

func trimmed(b []byte) string {
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return string(b)
}
