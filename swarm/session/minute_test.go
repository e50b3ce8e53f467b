package session

import (
	"testing"
	"time"

	"swarmtop/swarm"
)

func TestMinuteTellsWhatArrivedInIt(t *testing.T) {
	now := time.Date(2013, 9, 22, 12, 0, 0, 0, time.UTC)
	var m minute
	var sum swarm.Received
	step := func(d time.Duration, peers int64) int64 {
		now = now.Add(d)
		sum.Peers += peers
		return m.put(now, sum).Peers
	}
	if got := step(0, 7); got != 7 {
		t.Errorf("at the first look %d, want 7", got)
	}
	for i := range 600 { // ten bytes in each quarter of a second
		got := step(time.Second/4, 10)
		if all := int64(7 + 10*(i+1)); i < 200 && got != all {
			t.Fatalf("after %d steps %d, want all of %d", i+1, got, all)
		}
		if least, most := int64(2400-200), int64(2400+200); i > 300 && (got < least || got > most) {
			t.Fatalf("after %d steps %d, want 40 bytes a second", i+1, got)
		}
	}
	if got := step(time.Second, 0); got == 0 {
		t.Error("the minute ended at once")
	}
	if got := step(time.Hour, 5); got > 5 {
		t.Errorf("after an hour of sleep %d came in a minute", got)
	}
	if got := step(-2*time.Hour, 3); got != 0 && got != 3 {
		t.Errorf("after the clock was set back %d", got)
	}
	for range 400 {
		step(time.Second/4, 0)
	}
	if got := step(time.Second/4, 0); got != 0 {
		t.Errorf("%d a minute and more after the last", got)
	}
}
