package session

import "time"

// A window is the moments at which a swarm was sampled last. All its connections
// share it, so that their rates add up to the swarm's to the byte.
type window struct {
	at    [slots]time.Time
	head  int // the latest
	count int // moments so far, at most slots
}

const (
	slots = 32
	// span is the time over which rates are averaged.
	span = 3 * time.Second
)

// advance opens a slot for the bytes since the last moment. It returns the slot,
// how many of the latest slots lie within the span, and how long they are; that is
// 0 at the first moment.
func (w *window) advance(now time.Time) (slot, recent int, long time.Duration) {
	if w.count > 0 && now.Sub(w.at[w.head]) < 0 {
		w.count = 0 // the clock was set back
	}
	w.head = (w.head + 1) % slots
	w.at[w.head] = now
	w.count = min(w.count+1, slots)
	for back := 1; back < w.count && long < span; back++ {
		since := now.Sub(w.at[(w.head-back+slots)%slots])
		if since > 2*span && back > 1 {
			break // the machine slept: what came before would thin the rate out
		}
		recent, long = back, since
	}
	return w.head, recent, long
}

// idle moves the latest moment on: nothing has come since.
func (w *window) idle(now time.Time) {
	if w.count > 0 && now.After(w.at[w.head]) {
		w.at[w.head] = now
	}
}

// A flow is one direction's bytes: all of them, and those of each recent slot.
type flow struct {
	total  int64
	deltas [slots]int64
}

// put sets the total as of a slot.
func (f *flow) put(slot int, total int64) {
	f.deltas[slot] = total - f.total
	f.total = total
}

// absorb adds the bytes of a flow that has ended, whose last slot was the given one.
func (f *flow) absorb(o *flow) {
	f.total += o.total
	for i, d := range o.deltas {
		f.deltas[i] += d
	}
}

// sum returns the bytes of the latest slots.
func (f *flow) sum(slot, recent int) (n int64) {
	for i := range recent {
		n += f.deltas[(slot-i+slots)%slots]
	}
	return n
}

// counters are both directions of a connection.
type counters struct{ down, up flow }

func (c *counters) absorb(o *counters) {
	c.down.absorb(&o.down)
	c.up.absorb(&o.up)
}
