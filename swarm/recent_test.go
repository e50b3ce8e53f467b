package swarm_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"swarmtop/swarm"
)

func TestRecentKeepsRatesWithinATenth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r swarm.Recent
		rates := rapid.SliceOfN(rapid.Int64Range(-1, math.MaxInt64/2), swarm.RecentPoints, 3*swarm.RecentPoints).Draw(t, "rates")
		for _, rate := range rates {
			r.Push(rate)
		}
		for i, want := range rates[len(rates)-swarm.RecentPoints:] {
			got := r.Rate(i)
			if want <= 3 && got != want || math.Abs(float64(got-want)) > 0.1*math.Abs(float64(want))+0.5 {
				t.Fatalf("point %d of %d is kept as %d", i, want, got)
			}
		}
	})
}

func TestWhatWasNotMeasuredIsNotQuiet(t *testing.T) {
	var r swarm.Recent
	if r.Rate(0) != -1 || r.Quiet() {
		t.Error("a new history says that nothing moved")
	}
	for range swarm.RecentPoints {
		r.Push(0)
	}
	if r.Rate(0) != 0 || !r.Quiet() {
		t.Error("zeros are not kept as zeros")
	}
	r.Push(1)
	if r.Quiet() || r.Rate(swarm.RecentPoints-1) != 1 {
		t.Error("a byte a second is overlooked")
	}
}
