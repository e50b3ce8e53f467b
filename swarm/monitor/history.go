package monitor

import (
	"time"

	"swarmtop/swarm"
)

const missing = -1 // a step in which nothing was sampled

// histories keep the total rates of the last 24 hours in fixed memory, the older
// the coarser.
type histories struct {
	fine   recorder
	coarse []recorder
}

func newHistories() histories {
	return histories{
		fine: recorder{step: time.Second, points: 600},
		coarse: []recorder{
			{step: 10 * time.Second, points: 360},
			{step: time.Minute, points: 24 * 60},
		},
	}
}

// add takes in a sample and returns the histories, finest first.
func (h *histories) add(now time.Time, down, up int64) (swarm.History, []swarm.History) {
	long := make([]swarm.History, len(h.coarse))
	for i := range h.coarse {
		long[i] = h.coarse[i].add(now, down, up)
	}
	return h.fine.add(now, down, up), long
}

// recorder keeps the total rates of the last steps, the mean of each.
type recorder struct {
	step   time.Duration
	points int // steps that are kept

	start     time.Time // of the step that is being filled
	down, up  int64     // sums over it
	n         int64
	published swarm.History // never changed, only replaced
}

// add takes in a sample and returns the history up to the last full step.
func (r *recorder) add(now time.Time, down, up int64) swarm.History {
	step := now.Truncate(r.step)
	if r.start.IsZero() || step.Before(r.start) {
		r.start = step // the first sample, or the clock was set back
	}
	if gone := int(step.Sub(r.start) / r.step); gone > 0 {
		r.flush(gone)
		r.start = step
	}
	r.down, r.up, r.n = r.down+down, r.up+up, r.n+1
	r.published.Step = r.step
	return r.published
}

// flush closes the current step and notes the following ones, up to gone in all, as missing.
func (r *recorder) flush(gone int) {
	h := swarm.History{Step: r.step}
	grow := func(old []int64, sum int64) []int64 {
		all := append(make([]int64, 0, len(old)+min(gone, r.points)), old...)
		mean := int64(missing)
		if r.n > 0 {
			mean = sum / r.n
		}
		all = append(all, mean)
		for range min(gone-1, r.points) {
			all = append(all, missing)
		}
		return all[max(0, len(all)-r.points):]
	}
	h.Down, h.Up = grow(r.published.Down, r.down), grow(r.published.Up, r.up)
	r.published, r.down, r.up, r.n = h, 0, 0, 0
}
