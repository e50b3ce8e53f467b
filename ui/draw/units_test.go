package draw_test

import (
	"math"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"swarmtop/ui/draw"
)

func TestBytesHaveThreeFiguresAndAUnit(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1: "1 B", 1023: "1023 B", 1024: "1.00 KiB", 1536: "1.50 KiB",
		10<<10 - 1: "10.0 KiB", 100<<10 - 1: "100 KiB", 1<<20 - 1: "1.00 MiB", 1000 << 10: "1000 KiB",
		1 << 30: "1.00 GiB", math.MaxInt64: "8.00 EiB", -1: "–",
	} {
		if got := draw.Bytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestFiguresOfAColumnKeepTheirWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "bytes")
		if s := draw.AppendBytes(nil, n); utf8.RuneCount(s) != draw.BytesWidth {
			t.Errorf("%d bytes: %q", n, s)
		}
		d := time.Duration(rapid.Int64().Draw(t, "duration"))
		if s := draw.AppendLatency(nil, d); len(s) != draw.LatencyWidth {
			t.Errorf("latency %v: %q", d, s)
		}
		if s := draw.AppendAge(nil, d%(999*24*time.Hour)); len(s) > draw.AgeWidth {
			t.Errorf("age %v: %q", d, s)
		}
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		if s := draw.AppendPercent(nil, share); len(s) > draw.PercentWidth {
			t.Errorf("share %v: %q", share, s)
		}
	})
}

func TestTimesNameTheirLargestUnit(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 3 * time.Second: "3s", 59*time.Second + 999*time.Millisecond: "59s", 4 * time.Minute: "4m",
		2 * time.Hour: "2h", 47 * time.Hour: "47h", 48 * time.Hour: "2d", -time.Second: "0s",
	} {
		if got := draw.Age(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0.0 ms", 840 * time.Microsecond: "0.8 ms", 12 * time.Millisecond: "12 ms",
		999 * time.Millisecond: "999 ms", 1200 * time.Millisecond: "1.2 s", 15 * time.Second: "15 s", time.Hour: "999 s",
	} {
		if got := draw.Latency(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestOnlyTheWholeIsAHundredPercent(t *testing.T) {
	for share, want := range map[float64]string{0: "0 %", 0.0001: "<1 %", 0.01: "1 %", 0.29: "29 %", 0.99999: "99 %", 1: "100 %"} {
		if got := draw.Percent(share); got != want {
			t.Errorf("%v: %q, want %q", share, got, want)
		}
	}
	for v, want := range map[float64]string{0.999: "0.99", 1: "1.00", 2.29: "2.29", 12.345: "12.34"} {
		if got := draw.Copies(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}

func TestCountsHaveCommasAtThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -100: "-100", -1000: "-1,000"} {
		if got := draw.Count(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
		if got := draw.CountWidth(n); got != len(want) {
			t.Errorf("%d takes %d cells, want %d", n, got, len(want))
		}
	}
}
