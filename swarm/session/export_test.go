package session

import (
	"runtime"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
)

// UseDHT gives the client a server of the distributed hash table.
func (s *Session) UseDHT(d torrent.DhtServer) { s.client.AddDhtServer(d) }

// Heard returns how many addresses a swarm has heard of, but for those connected to us.
func (s *Session) Heard(h swarm.InfoHash) int {
	stats := s.entry(h).torrent.Stats()
	return stats.PendingPeers + stats.HalfOpenPeers
}

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
