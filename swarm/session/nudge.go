package session

import (
	"time"

	"swarmtop/swarm"
)

// patience is how long a peer may have what we want, let us ask, and not be asked.
const patience = 2 * time.Second

// forgotten tells, once for each time that patience runs out, that the library
// asks nothing of a peer that it could ask. It happens when a peer takes requests
// back just before it lets us ask again: nothing then makes the library try.
func (c *conn) forgotten(p *swarm.Peer, now time.Time) bool {
	if p.WeWant != swarm.Yes || p.TheyChoke != swarm.No || c.asked.Load() > 0 {
		c.idle = time.Time{}
		return false
	}
	if c.idle.IsZero() || now.Before(c.idle) {
		c.idle = now
	}
	if now.Sub(c.idle) < patience {
		return false
	}
	c.idle = now
	return true
}

// nudge makes the library look again at what it could ask of a swarm's peers: the
// one call that does so and takes nothing back is the switch of uploads, which is
// left as it was.
func (e *entry) nudge() {
	t := e.torrent()
	if t == nil {
		return
	}
	e.permits.Lock()
	defer e.permits.Unlock()
	t.DisallowDataUpload()
	if r, _ := e.info(); r.gives() {
		t.AllowDataUpload()
	}
}
