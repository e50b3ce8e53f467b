package ui

import (
	"slices"
	"time"

	"swarmtop/swarm"
)

// past keeps the snapshots of the last minutes, one a second, in bounded memory.
// Where they do not fit, the older ones stand further apart; the latest is kept
// however large it is.
type past struct {
	kept    []*swarm.Snapshot // oldest first
	weights []int             // what each adds to those before it, in bytes
	bytes   int               // the sum of weights
	bound   int               // of bytes; 0 for pastBytes
}

const (
	pastStep  = time.Second
	pastSpan  = 10 * time.Minute
	pastBytes = 48 << 20
	pastJump  = time.Minute
)

// keep takes in a snapshot unless one of the same second is there. One that is
// older than the last, as when the clock was set back, begins anew.
func (p *past) keep(s *swarm.Snapshot) {
	if n := len(p.kept); n > 0 {
		switch age := s.At.Sub(p.kept[n-1].At); {
		case age < 0:
			*p = past{bound: p.bound}
		case age < pastStep:
			return
		}
	}
	p.kept, p.weights = append(p.kept, s), append(p.weights, 0)
	p.weigh(len(p.kept) - 1)
	for s.At.Sub(p.kept[0].At) > pastSpan {
		p.drop(0)
	}
	bound := p.bound
	if bound == 0 {
		bound = pastBytes
	}
	for p.bytes > bound && len(p.kept) > 1 {
		p.drop(p.nearest())
	}
}

func (p *past) drop(i int) {
	p.bytes -= p.weights[i]
	p.kept, p.weights = slices.Delete(p.kept, i, i+1), slices.Delete(p.weights, i, i+1)
	if i < len(p.kept) {
		p.weigh(i)
	}
}

// weigh finds out what snapshot i adds to the one before it.
func (p *past) weigh(i int) {
	var before *swarm.Snapshot
	if i > 0 {
		before = p.kept[i-1]
	}
	w := weight(p.kept[i], before)
	p.bytes += w - p.weights[i]
	p.weights[i] = w
}

// nearest returns the snapshot that is missed least: the one whose neighbours are
// nearest to each other for its age. The oldest stays while there is another, and
// the latest.
func (p *past) nearest() int {
	now := p.kept[len(p.kept)-1].At
	least, at := 0.0, 0
	for i := 1; i < len(p.kept)-1; i++ {
		gap := p.kept[i+1].At.Sub(p.kept[i-1].At)
		if share := float64(gap) / float64(now.Sub(p.kept[i].At)); at == 0 || share < least {
			least, at = share, i
		}
	}
	return at
}

// at returns the place of the last snapshot at a time or before it, 0 if there is none.
func (p *past) at(t time.Time) int {
	at := 0
	for i, s := range p.kept {
		if !s.At.After(t) {
			at = i
		}
	}
	return at
}

// step returns the snapshot that is so many before or after one; the nearest when
// there are not so many.
func (p *past) step(from *swarm.Snapshot, by int) *swarm.Snapshot {
	if len(p.kept) == 0 {
		return from
	}
	at := p.at(from.At)
	if by < 0 && p.kept[at].At.Before(from.At) {
		at++ // from itself was not kept
	}
	return p.kept[max(min(at+by, len(p.kept)-1), 0)]
}

// jump returns the snapshot of so much earlier or later; the next one in that
// direction where there is none between.
func (p *past) jump(from *swarm.Snapshot, by time.Duration) *swarm.Snapshot {
	if len(p.kept) == 0 {
		return from
	}
	to := p.kept[p.at(from.At.Add(by))]
	if by > 0 && !to.At.After(from.At) {
		return p.step(from, +1)
	}
	return to
}

// stepTime shows an earlier or later moment of what was kept, frozen.
func (m *Model) stepTime(by int) {
	if m.options.Recording != nil {
		m.travelOr(func(r Recording) { r.Step(by > 0) }, by < 0)
		return
	}
	m.pin(m.past.step(m.snapshot(), by), by < 0)
}

// jumpTime goes a minute back or forth.
func (m *Model) jumpTime(by time.Duration) {
	if m.options.Recording != nil {
		m.travelOr(func(r Recording) { r.Jump(by) }, by < 0)
		return
	}
	m.pin(m.past.jump(m.snapshot(), by), by < 0)
}

// pin freezes the display on a snapshot that was kept.
func (m *Model) pin(to *swarm.Snapshot, back bool) {
	if to == m.snapshot() && m.pinned != nil {
		m.say("nothing " + map[bool]string{true: "earlier", false: "later"}[back] + " was kept")
		return
	}
	m.pinned = to
	m.sync()
}
