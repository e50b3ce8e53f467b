package session

import "swarmtop/swarm/admit"

// TrustOf tells how far a tracker's or web seed's URL is trusted; of several swarms
// that have it, the one that trusts it most counts.
func (s *Session) TrustOf(rawURL string) admit.Trust {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.trust[rawURL]
}

// learnTrust notes how far the URLs of a swarm are trusted.
func (s *Session) learnTrust(r *record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.learnTrustLocked(r)
}

// relearnTrust forgets the URLs of swarms that are no more.
func (s *Session) relearnTrust() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.trust)
	for _, e := range s.swarms {
		r, _ := e.info()
		s.learnTrustLocked(&r)
	}
}

func (s *Session) learnTrustLocked(r *record) {
	learn := func(u string, t admit.Trust) { s.trust[u] = max(s.trust[u], t) }
	inside := admit.Given
	if r.Foreign {
		inside = admit.Foreign
	}
	for _, tier := range r.Trackers {
		for _, u := range tier {
			learn(u, inside)
		}
	}
	for _, u := range r.WebSeeds {
		learn(u, inside)
	}
	for _, u := range r.Typed {
		learn(u, admit.Typed)
	}
}
