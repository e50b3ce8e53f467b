package gateway

import (
	"sync"

	"swarmtop/swarm"
)

// perSwarm is the part of all requests that may wait, one in so many, that may wait
// for one swarm.
const perSwarm = 8

// waiting counts the requests that wait for a swarm, so that slow swarms leave room
// for others and for what is here.
type waiting struct {
	limit int // of all together

	mu  sync.Mutex
	all int
	by  map[swarm.InfoHash]int
}

// enter counts a request in, if there is room for it. One that was goes by leave.
func (w *waiting) enter(h swarm.InfoHash) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all >= w.limit || w.by[h] >= max(w.limit/perSwarm, 1) {
		return false
	}
	if w.by == nil {
		w.by = map[swarm.InfoHash]int{}
	}
	w.all++
	w.by[h]++
	return true
}

func (w *waiting) leave(h swarm.InfoHash) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all--
	if w.by[h]--; w.by[h] == 0 {
		delete(w.by, h)
	}
}
