package swarm

import (
	"math"
	"time"
)

// What a [Recent] holds.
const (
	RecentPoints = 20
	RecentStep   = 10 * time.Second
)

// Recent is the rate at which bytes moved in a swarm, both ways together, in each of
// the last steps of RecentStep, oldest first. A point is one byte on a scale of
// logarithms, four to the doubling, so that ten thousand swarms can have one.
type Recent [RecentPoints]byte

// The points that stand for no rate.
const (
	notMeasured  = 0
	nothingMoved = 1
)

// Push adds the rate of the latest step, in bytes a second; a negative one was not measured.
func (r *Recent) Push(rate int64) {
	copy(r[:], r[1:])
	p := &r[RecentPoints-1]
	switch {
	case rate < 0:
		*p = notMeasured
	case rate == 0:
		*p = nothingMoved
	default:
		*p = nothingMoved + 1 + byte(math.Round(4*math.Log2(float64(rate))))
	}
}

// Rate returns point i in whole bytes a second, within a tenth; −1 where nothing was measured.
func (r Recent) Rate(i int) int64 { return recentRates[r[i]] }

// recentRates are the rates that the points stand for.
var recentRates = func() (rates [256]int64) {
	rates[notMeasured] = -1
	for p := nothingMoved + 1; p < len(rates); p++ {
		rates[p] = int64(math.Round(math.Exp2(float64(p-nothingMoved-1) / 4)))
	}
	return rates
}()

// Quiet tells whether nothing moved in any step.
func (r Recent) Quiet() bool {
	for _, p := range r {
		if p != nothingMoved {
			return false
		}
	}
	return true
}
