package ui

import (
	"time"

	"swarmtop/swarm"
)

// past keeps the snapshots of the last minutes, one a second, in bounded memory.
type past struct {
	kept  []*swarm.Snapshot // oldest first
	bytes int               // about what they hold
}

const (
	pastStep  = time.Second
	pastSpan  = 10 * time.Minute
	pastBytes = 48 << 20
)

// keep takes in a snapshot unless one of the same second is there. The oldest go
// first.
func (p *past) keep(s *swarm.Snapshot) {
	if n := len(p.kept); n > 0 && s.At.Sub(p.kept[n-1].At) < pastStep && !s.At.Before(p.kept[n-1].At) {
		return
	}
	p.kept = append(p.kept, s)
	p.bytes += weight(s)
	gone := 0
	for gone < len(p.kept)-1 && (p.bytes > pastBytes || s.At.Sub(p.kept[gone].At) > pastSpan) {
		p.bytes -= weight(p.kept[gone])
		p.kept[gone] = nil // the array below outlives it
		gone++
	}
	p.kept = p.kept[gone:]
}

// step returns the snapshot that is so many before or after one; the nearest when
// there are not so many.
func (p *past) step(from *swarm.Snapshot, by int) *swarm.Snapshot {
	if len(p.kept) == 0 {
		return from
	}
	at := 0
	for i, s := range p.kept {
		if !s.At.After(from.At) {
			at = i
		}
	}
	if by < 0 && p.kept[at].At.Before(from.At) {
		at++ // from itself was not kept
	}
	return p.kept[max(min(at+by, len(p.kept)-1), 0)]
}

// weight is about how many bytes a snapshot holds: most of what is in it is not
// shared with the next one.
func weight(s *swarm.Snapshot) int {
	const snapshot, row, peer, tracker, response = 16 << 10, 1 << 10, 320, 1 << 10, 256
	n := snapshot + row*len(s.Swarms) + response*len(s.Responses.Tail)
	for i := range s.Swarms {
		w := &s.Swarms[i]
		n += tracker*len(w.Trackers) + 2*w.Pieces.Count + len(w.Peers)*(peer+w.Pieces.Count/8)
	}
	return n
}

// stepTime shows an earlier or later moment of what was kept, frozen.
func (m *Model) stepTime(by int) {
	from := m.snapshot()
	to := m.past.step(from, by)
	if to == from && m.pinned != nil {
		m.say("nothing " + map[bool]string{true: "earlier", false: "later"}[by < 0] + " was kept")
		return
	}
	m.pinned = to
	m.sync()
}
