package monitor

import (
	"time"

	"swarmtop/swarm"
)

const (
	historyStep   = time.Second
	historyPoints = 600
	missing       = -1 // a second in which nothing was sampled
)

// recorder keeps the total rates of the last minutes, the mean of each second.
type recorder struct {
	start     time.Time // of the second that is being filled
	down, up  int64     // sums over it
	n         int64
	published swarm.History // never changed, only replaced
}

// add takes in a sample and returns the history up to the last full second.
func (r *recorder) add(now time.Time, down, up int64) swarm.History {
	second := now.Truncate(historyStep)
	if r.start.IsZero() || second.Before(r.start) {
		r.start = second // the first sample, or the clock was set back
	}
	if gone := int(second.Sub(r.start) / historyStep); gone > 0 {
		r.flush(gone)
		r.start = second
	}
	r.down, r.up, r.n = r.down+down, r.up+up, r.n+1
	return r.published
}

// flush closes the current second and notes the following ones, up to gone in all, as missing.
func (r *recorder) flush(gone int) {
	h := swarm.History{Step: historyStep}
	grow := func(old []int64, sum int64) []int64 {
		all := append(make([]int64, 0, len(old)+gone), old...)
		mean := int64(missing)
		if r.n > 0 {
			mean = sum / r.n
		}
		all = append(all, mean)
		for range min(gone-1, historyPoints) {
			all = append(all, missing)
		}
		return all[max(0, len(all)-historyPoints):]
	}
	h.Down, h.Up = grow(r.published.Down, r.down), grow(r.published.Up, r.up)
	r.published, r.down, r.up, r.n = h, 0, 0, 0
}
