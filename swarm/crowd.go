package swarm

import "time"

// Crowd tells how the peers of a swarm came, went and were served in the last
// minutes. The zero Crowd knows nothing.
type Crowd struct {
	Step   time.Duration
	Points []CrowdPoint  // one a step, oldest first
	Span   time.Duration // that is kept at most
}

// CrowdPoint is one step of a crowd.
type CrowdPoint struct {
	Missing bool // nothing was measured; the rest is zero

	Arrived  int // peers that came in the step
	Left     int // peers that went in it
	Seeds    int // peers at its end that have every piece
	Leechers int // the other peers at its end

	Needed int64 // bytes that the leechers still lack at its end
	Ours   int64 // bytes a second that we sent to them
	Others int64 // bytes a second that they got from others

	// Offload is the share of the bytes received in the step that the origin was
	// spared: while we download, what peers and not web seeds gave us; once we are
	// complete, and the origin ourselves, what others than we gave the leechers.
	Offload Opt[float64]
}

// Latest returns the newest point that was measured.
func (c Crowd) Latest() (p CrowdPoint, ok bool) {
	for i := len(c.Points) - 1; i >= 0; i-- {
		if !c.Points[i].Missing {
			return c.Points[i], true
		}
	}
	return p, false
}
