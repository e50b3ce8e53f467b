package session

import (
	"slices"
	"time"

	"swarmtop/swarm"
)

// How crowds are kept: half an hour of so many swarms, which is 3 MB at most.
const (
	crowdStep   = 5 * time.Second
	crowdPoints = 360
	crowdsKept  = 50
)

// crowd fills a swarm's [swarm.Crowd].
type crowd struct {
	start   time.Time // of the step that is being filled
	traffic           // in the step
	up      int64     // of the swarm, at its begin
	got     swarm.Received
	points  []swarm.CrowdPoint // what was published of them is never changed
}

// traffic is what a look at a swarm's peers finds besides them.
type traffic struct {
	came, went int
	gained     int64 // bytes that the peers have and had not at the last look
}

// put takes a sample and what came with it. Steps that were slept through are missing.
func (c *crowd) put(now time.Time, t traffic, s *swarm.Swarm) {
	c.came, c.went, c.gained = c.came+t.came, c.went+t.went, c.gained+t.gained
	took := now.Sub(c.start)
	if took >= 0 && took < crowdStep {
		return
	}
	if took < 0 || took > crowdPoints*crowdStep {
		c.points = nil // the clock was set
	} else {
		for range took/crowdStep - 1 {
			c.push(swarm.CrowdPoint{Missing: true})
		}
		c.push(c.point(took, s))
	}
	c.start, c.traffic, c.up, c.got = now, traffic{}, s.Uploaded, s.Received()
}

// point sums up the step that ends now.
func (c *crowd) point(took time.Duration, s *swarm.Swarm) swarm.CrowdPoint {
	p := swarm.CrowdPoint{Arrived: c.came, Left: c.went}
	size := s.Size.Or(0)
	for i := range s.Peers {
		if have := s.Peers[i].Have; have < s.Pieces.Count || s.Pieces.Count == 0 {
			p.Leechers++
			p.Needed += max(size-int64(have)*s.Pieces.Length, 0)
		} else {
			p.Seeds++
		}
	}
	sent := s.Uploaded - c.up
	gained := max(c.gained, sent) // a piece that was sent in part is not seen yet
	p.Ours = int64(float64(sent) / took.Seconds())
	p.Others = int64(float64(gained-sent) / took.Seconds())
	switch {
	case s.State != swarm.Complete:
		p.Offload = s.Received().Minus(c.got).Offload()
	case gained > 0:
		p.Offload = swarm.Known(float64(gained-sent) / float64(gained))
	}
	return p
}

func (c *crowd) push(p swarm.CrowdPoint) {
	if len(c.points) >= 2*crowdPoints {
		c.points = slices.Clone(c.points[crowdPoints:])
	}
	c.points = append(c.points, p)
}

func (c *crowd) latest() swarm.Crowd {
	n := len(c.points)
	return swarm.Crowd{Step: crowdStep, Points: c.points[max(0, n-crowdPoints):n:n], Span: crowdPoints * crowdStep}
}

// deserted tells whether nobody was seen in all the time that is kept.
func (c *crowd) deserted() bool {
	return len(c.points) >= crowdPoints && !slices.ContainsFunc(c.latest().Points, func(p swarm.CrowdPoint) bool {
		return p.Arrived+p.Left+p.Seeds+p.Leechers > 0
	})
}

// keepCrowd follows a swarm's crowd from its first peer until nobody has come for as
// long as is kept. When too many swarms have a crowd, the one that is looked at takes
// the place of another.
func (s *Session) keepCrowd(e *entry, now time.Time, focused bool, out *swarm.Swarm) {
	t := e.traffic
	e.traffic = traffic{}
	if e.crowd == nil {
		if len(out.Peers) == 0 {
			return
		}
		if s.crowded < 0 {
			s.crowded = s.crowds()
		}
		full := s.crowded >= crowdsKept
		if full && !focused {
			return
		}
		if full {
			s.order[slices.IndexFunc(s.order, func(o *entry) bool { return o.crowd != nil })].crowd = nil
			s.crowded--
		}
		s.crowded++
		e.crowd = &crowd{start: now, up: out.Uploaded, got: out.Received()}
	}
	e.crowd.put(now, t, out)
	if e.crowd.deserted() {
		e.crowd, s.crowded = nil, -1
		return
	}
	out.Crowd = e.crowd.latest()
}

// crowds returns how many swarms have one.
func (s *Session) crowds() (n int) {
	for _, e := range s.order {
		if e.crowd != nil {
			n++
		}
	}
	return n
}

// settling is how long after its begin a connection tells what its peer had before.
const settling = time.Second

// gained returns the bytes of the pieces that a peer has and had not at the last look.
func (c *conn) gained(p *swarm.Peer, s *swarm.Swarm, now time.Time) int64 {
	had, first := c.had, !c.looked
	c.had, c.looked = p.Have, true
	age := now.Sub(c.since) // below 0 after the clock was set back
	if first || p.Have <= had || age >= 0 && age < settling {
		return 0
	}
	return min(int64(p.Have-had)*s.Pieces.Length, s.Size.Or(0))
}
