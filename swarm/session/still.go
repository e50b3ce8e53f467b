package session

import (
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// signs are all that the sample of a still swarm depends on.
type signs struct {
	name, widget, alias, contentType string
	failed, trouble                  string
	seeding, resting, whole          bool
	completed                        swarm.Opt[time.Time]
	meta                             *admit.Torrent
	seeds                            int
}

func (s *Session) signs(e *entry) signs {
	whole := s.blobs.Whole(e.hash)
	e.mu.Lock()
	defer e.mu.Unlock()
	r := &e.record
	return signs{
		name: r.Name, widget: r.Widget, alias: r.Alias, contentType: r.ContentType,
		failed: e.failed, trouble: e.trouble,
		seeding: r.Seeding, resting: r.Resting, whole: whole,
		completed: r.Completed, meta: e.meta, seeds: len(e.seeds),
	}
}

// unchanged tells whether the last sample of a swarm still holds: nobody was connected
// to it, nothing had moved for a minute and nothing was missing that could come, and
// none of that has changed. Such a swarm costs next to nothing.
func (e *entry) unchanged(s *Session, now time.Time) bool {
	if !e.still || s.signs(e) != e.seen || s.conns.waits(e.hash) {
		return false
	}
	if !e.recent.idle(now) || e.crowd != nil && now.Sub(e.crowd.start) >= crowdStep {
		return false
	}
	e.looked = now
	if e.motion != nil {
		e.motion.window.idle(now)
	}
	return true
}

// judge notes, before a sample, what it depends on, and the returned function, after
// it, whether it will hold.
func (s *Session) judge(e *entry) (sampled func(*swarm.Swarm)) {
	e.seen = s.signs(e)
	return func(out *swarm.Swarm) {
		e.still = (e.seen.whole || e.seen.meta == nil) && len(e.peers) == 0 && !e.checking &&
			out.DownRate == 0 && out.UpRate == 0 && out.ReceivedMinute == swarm.Received{}
	}
}
