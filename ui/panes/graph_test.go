package panes

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestGraphKeepsItsShape holds that where a point stands for several steps, a new
// step changes the newest point alone, until that is full and all move by one.
func TestGraphKeepsItsShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const points = 100
		series := rapid.SliceOfN(rapid.Int64Range(0, 1000), 701, 701).Draw(t, "series")
		g := grainOf(time.Duration(rapid.IntRange(101, 600).Draw(t, "seconds"))*time.Second, time.Second, points)
		last := rapid.Int64Range(1, 1e6).Draw(t, "last")
		before, after := g.stretch(series[:700], last-1, points), g.stretch(series, last, points)
		moved := 0
		if last%int64(g.steps) == 0 {
			moved = 1
		}
		for i := range points - 1 {
			if before[i+moved] != after[i] {
				t.Fatalf("%+v: point %d was %d and is %d", g, i, before[i+moved], after[i])
			}
		}
	})
}

func TestMissingRatesStayMissing(t *testing.T) {
	g := grainOf(10*time.Second, time.Second, 10)
	got := g.stretch([]int64{5, -1, 7}, 2, 10)
	want := []int64{-1, -1, -1, -1, -1, -1, -1, 5, -1, 7}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}
