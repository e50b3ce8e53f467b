package session

import (
	"time"

	"swarmtop/swarm"
)

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

// motion is what is kept of a swarm in which something moves or has moved, more than
// a kilobyte. A nil one is that of a swarm in which nothing ever did.
type motion struct {
	window window
	minute minute
	gone   counters // connections that have ended
}

// newMotion returns what is kept from now on, of a swarm that was looked at last at a time.
func newMotion(looked time.Time) *motion {
	m := new(motion)
	if !looked.IsZero() {
		m.window.advance(looked)
	}
	return m
}

// advance opens a slot for the bytes since the last look, and returns it and how to
// find the bytes a second of a flow.
func (m *motion) advance(now time.Time) (slot int, perSecond func(*flow) int64) {
	if m == nil {
		return 0, func(*flow) int64 { return 0 }
	}
	slot, recent, long := m.window.advance(now)
	m.gone.down.put(slot, m.gone.down.total)
	m.gone.up.put(slot, m.gone.up.total)
	return slot, func(f *flow) int64 {
		if long <= 0 {
			return 0
		}
		return int64(float64(f.sum(slot, recent)) / long.Seconds())
	}
}

// ended is what moved over connections that have ended.
func (m *motion) ended(perSecond func(*flow) int64) swarm.Transfer {
	if m == nil {
		return swarm.Transfer{}
	}
	return swarm.Transfer{
		DownRate: perSecond(&m.gone.down), UpRate: perSecond(&m.gone.up),
		Downloaded: m.gone.down.total, Uploaded: m.gone.up.total}
}

// lastMinute takes the sum since start and returns the part of the last minute.
func (m *motion) lastMinute(now time.Time, sum swarm.Received) swarm.Received {
	if m == nil {
		return sum
	}
	return m.minute.put(now, sum)
}
