package session

import (
	"fmt"
	"time"

	"swarmtop/swarm"
)

// FetchAgain drops the bytes of a swarm and fetches them from its peers, as a
// machine that never had them. What was published here is so no more, and keeps
// the trackers that it was announced to.
func (s *Session) FetchAgain(h swarm.InfoHash) error {
	s.mu.Lock()
	e := s.swarms[h]
	delete(s.swarms, h)
	s.comings++
	s.mu.Unlock()
	if e == nil {
		return fmt.Errorf("fetch %s again: no such swarm", h.Short())
	}
	s.announcer.Remove(h)
	s.depart(e)
	r, _ := e.info()
	if r.Published != "" {
		var own [][]string
		for _, u := range s.cfg.OwnTrackers(true) {
			own = append(own, []string{u})
		}
		r.Trackers = mergeTiers(own, r.Trackers)
	}
	r.Published, r.Completed = "", swarm.Opt[time.Time]{}
	if err := s.blobs.Remove(h); err != nil {
		return fmt.Errorf("fetch %s again: %w", h.Short(), err)
	}
	if err := s.resume(&r); err != nil {
		return fmt.Errorf("fetch %s again: %w", h.Short(), err)
	}
	s.state.changed()
	return nil
}
