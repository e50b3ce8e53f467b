package session

import (
	"time"

	"swarmtop/swarm"
)

// recent fills a swarm's [swarm.Recent].
type recent struct {
	step  int64 // that is being filled, counted since 1970; 0 before the first look
	moved int64 // bytes since start, at its begin
	kept  swarm.Recent
}

// put takes the bytes that have moved since start, both ways.
func (r *recent) put(now time.Time, moved int64) swarm.Recent {
	step := stepOf(now)
	if r.step == 0 || step < r.step { // the first look, or the clock was set back
		r.step, r.moved = step, moved
	}
	if gone := step - r.step; gone > 0 {
		r.kept.Push((moved - r.moved) / int64(swarm.RecentStep/time.Second))
		for range min(gone-1, swarm.RecentPoints) {
			r.kept.Push(-1)
		}
		r.step, r.moved = step, moved
	}
	return r.kept
}

// idle takes note that nothing has moved since the last look. It returns false when
// that has to be put down.
func (r *recent) idle(now time.Time) bool {
	step := stepOf(now)
	if step == r.step {
		return true
	}
	if step == r.step+1 && r.kept.Quiet() {
		r.step = step
		return true
	}
	return false
}

func stepOf(t time.Time) int64 { return t.Unix() / int64(swarm.RecentStep/time.Second) }
