package session

import (
	"runtime"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
)

// UseDHT gives the client a server of the distributed hash table, before anything is added.
func (s *Session) UseDHT(d torrent.DhtServer) {
	s.cfg.DHT = true
	s.client.AddDhtServer(d)
}

// Heard returns how many addresses a swarm has heard of, but for those connected to us.
func (s *Session) Heard(h swarm.InfoHash) int {
	t := s.entry(h).torrent()
	if t == nil {
		return 0
	}
	stats := t.Stats()
	return stats.PendingPeers + stats.HalfOpenPeers
}

// Inside tells whether the client holds a swarm.
func (s *Session) Inside(h swarm.InfoHash) bool { return s.entry(h).torrent() != nil }

// Crowd has the client be crowded from so many swarms on, and so many begin at once. It
// is called before anything is added.
func (s *Session) Crowd(company, turns int) { s.company, s.turns = company, make(chan struct{}, turns) }

// LetGo has swarms leave the client as they do now and then.
func (s *Session) LetGo(now time.Time) { s.letGo(now) }

// After has the time in which a removal can be undone run as a test wants it to. It
// is called before anything is removed.
func (s *Session) After(after func(time.Duration) <-chan time.Time) { s.after = after }

// Finals waits until no removal of a swarm can be undone, nor is being made final.
func (s *Session) Finals(h swarm.InfoHash) {
	for gone := false; !gone; {
		s.final.Lock()
		s.mu.RLock()
		gone = s.removed[h] == nil
		s.mu.RUnlock()
		s.final.Unlock()
		runtime.Gosched()
	}
}

// StoredMetainfo returns what the state folder has of a swarm's metainfo.
func (s *Session) StoredMetainfo(h swarm.InfoHash) ([]byte, error) { return s.state.metainfo.Get(h) }
