package monitor

import (
	"testing"
	"time"
)

// TestADayIsKeptInFixedMemory feeds 26 hours, four samples a second in the last minute.
func TestADayIsKeptInFixedMemory(t *testing.T) {
	h := newHistories()
	at := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	for range 26 * 3600 {
		h.add(at, 100, 7)
		at = at.Add(time.Second)
	}
	fine, long := h.add(at, 100, 7)
	for _, want := range []struct {
		step   time.Duration
		points int
	}{{time.Second, 600}, {10 * time.Second, 360}, {time.Minute, 1440}} {
		got := fine
		for _, l := range long {
			if l.Step == want.step {
				got = l
			}
		}
		if got.Step != want.step || len(got.Down) != want.points || len(got.Up) != want.points {
			t.Errorf("step %v: %d points of %v, want %d", want.step, len(got.Down), got.Step, want.points)
		}
		if got.Down[0] != 100 || got.Up[len(got.Up)-1] != 7 {
			t.Errorf("step %v: begins with %d and ends with %d", want.step, got.Down[0], got.Up[len(got.Up)-1])
		}
	}
}

func TestStepsAreMeansAndGapsAreMissing(t *testing.T) {
	h := newHistories()
	at := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	h.add(at, 10, 0)
	h.add(at.Add(500*time.Millisecond), 30, 0)
	fine, _ := h.add(at.Add(3*time.Second), 5, 0)
	if want := []int64{20, missing, missing}; len(fine.Down) != 3 || fine.Down[0] != want[0] || fine.Down[1] != want[1] || fine.Down[2] != want[2] {
		t.Errorf("got %v, want %v", fine.Down, want)
	}
	if fine, _ = h.add(at, 1, 0); len(fine.Down) != 3 {
		t.Errorf("a clock that was set back changed what was kept: %v", fine.Down)
	}
	if fine, _ = h.add(at.Add(100*time.Hour), 1, 0); len(fine.Down) != 600 || fine.Down[599] != missing {
		t.Errorf("a long sleep leaves %d points", len(fine.Down))
	}
}
