package session

import (
	"cmp"
	"context"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
)

// How peers are dialled again: a tracker names one again only after its interval. Of
// several swarms that share a seeder some may have lost the race for its attention.
const (
	redialsAtOnce = handshakesMost / 2 // of one address, a tick
	redialTick    = 250 * time.Millisecond
	redialFirst   = 500 * time.Millisecond
	redialMost    = time.Minute
	knownPeers    = 200 // addresses kept of each swarm
)

// known are the peers that trackers named last, for the case that none of them stays.
// The mutex of the entry guards it.
type known struct {
	addrs []netip.AddrPort
	wait  time.Duration // before the next try, when this one fails
	left  int64         // bytes that were missing at the last try
	due   time.Time     // of the next try; zero for never
}

// remember takes note of peers that the swarm has just been given.
func (k *known) remember(peers []netip.AddrPort, now time.Time) {
	if len(peers) > 0 {
		k.addrs = peers[:min(len(peers), knownPeers)]
		k.wait, k.due = redialFirst, now.Add(redialFirst)
	}
}

// redial gives swarms that want peers and have none of use those they know, until ctx ends,
// and notes which peers fail.
func (s *Session) redial(ctx context.Context) {
	tick := time.NewTicker(redialTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			now := s.cfg.Now()
			s.redialDue(now)
			s.settleFailures(now)
			s.letGo(now)
		}
	}
}

// redialDue gives each address to a few swarms at most, those first that wait longest.
func (s *Session) redialDue(now time.Time) {
	if next := s.nextRedial.Load(); now.UnixNano() < next && (next == math.MaxInt64 || next-now.UnixNano() <= int64(redialMost)) {
		return // farther off it cannot be, but when the clock was set back
	}
	s.nextRedial.Store(math.MaxInt64) // before the look, so that none that is remembered meanwhile is missed
	type waiting struct {
		*entry
		due time.Time
	}
	var due []waiting
	s.mu.RLock()
	for _, e := range s.swarms {
		e.mu.Lock()
		switch wait := e.known.due.Sub(now); {
		case e.known.due.IsZero():
		case wait <= 0 || wait > redialMost:
			due = append(due, waiting{e, e.known.due})
		default:
			s.redialBy(e.known.due)
		}
		e.mu.Unlock()
	}
	s.mu.RUnlock()
	slices.SortFunc(due, func(a, b waiting) int { return cmp.Or(a.due.Compare(b.due), slices.Compare(a.hash[:], b.hash[:])) })

	taken := map[netip.AddrPort]int{}
	for _, e := range due {
		if s.blobs.Whole(e.hash) {
			e.mu.Lock()
			e.known.due = time.Time{}
			e.mu.Unlock()
			continue
		}
		t := e.torrent()
		if t == nil || !lonely(t) && s.helped(e.entry, t) {
			e.mu.Lock()
			e.known.wait, e.known.due = redialFirst, now.Add(redialMost/10)
			s.redialBy(e.known.due)
			e.mu.Unlock()
			continue
		}
		left := s.missing(e.entry)
		e.mu.Lock()
		if left != e.known.left { // somebody gave something before the connection was cut
			e.known.left, e.known.wait = left, redialFirst
		}
		var peers []netip.AddrPort
		for _, a := range e.known.addrs {
			if taken[a] < redialsAtOnce {
				taken[a]++
				peers = append(peers, a)
			}
		}
		if len(peers) > 0 { // else it stays due
			e.known.wait = min(2*e.known.wait, redialMost)
			e.known.due = now.Add(e.known.wait)
		}
		s.redialBy(e.known.due)
		e.mu.Unlock()
		dial(t, peers)
	}
}

// redialBy sees to it that redialDue looks at a time, if it would not do so before.
func (s *Session) redialBy(due time.Time) {
	for at := due.UnixNano(); ; {
		next := s.nextRedial.Load()
		if next <= at || s.nextRedial.CompareAndSwap(next, at) {
			return
		}
	}
}

// lonely tells whether a swarm has nobody and is not about to have somebody.
func lonely(t *torrent.Torrent) bool {
	n := t.Stats()
	return n.ActivePeers == 0 && n.HalfOpenPeers == 0 && n.PendingPeers == 0
}

// helped tells whether somebody is connected to a swarm, or about to be, who may have
// what it lacks.
func (s *Session) helped(e *entry, t *torrent.Torrent) bool {
	if n := t.Stats(); n.HalfOpenPeers > 0 || n.PendingPeers > 0 {
		return true
	}
	_, meta := e.info()
	if meta == nil {
		return true // whoever is connected may send the metadata
	}
	ours := swarm.NewBitfield(meta.Pieces)
	s.blobs.Have(e.hash, ours)
	for _, pc := range t.PeerConns() {
		if wants(ours, bitfield(pc.PeerPieces(), meta.Pieces)) {
			return true
		}
	}
	return false
}
