package session

import (
	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
)

// UseDHT gives the client a server of the distributed hash table.
func (s *Session) UseDHT(d torrent.DhtServer) { s.client.AddDhtServer(d) }

// Pending returns how many addresses a swarm has heard of, but for those connected to us.
func (s *Session) Pending(h swarm.InfoHash) int {
	stats := s.entry(h).torrent.Stats()
	return stats.PendingPeers + stats.HalfOpenPeers
}
