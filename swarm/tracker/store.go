package tracker

import (
	"encoding/binary"
	"hash/maphash"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"swarmtop/swarm"
)

const (
	shards = 64
	// maxPeers bounds the memory: under 450 bytes for each peer, those of a
	// swarm with a single peer included. A swarm without peers is forgotten.
	maxPeers = 1 << 17
)

// event is what an announce tells beside the figures; the values are those of BEP 15.
type event uint32

const (
	eventNone event = iota
	eventCompleted
	eventStarted
	eventStopped
)

// announce is one announce, whatever it came by.
type announce struct {
	hash   swarm.InfoHash
	peerID [20]byte
	addr   netip.AddrPort // where others reach the peer
	key    uint64         // proves that a later `stopped` is of the same peer; 0 proves nothing
	seeder bool
	event  event
	want   int // peers
	family family
}

// counts are the figures of one swarm.
type counts struct{ seeders, leechers, completed int }

// found is a peer that is handed out.
type found struct {
	at endpoint
	id [20]byte
}

// store holds the peers of all swarms, in shards with a lock each. Peers that
// announce no more expire; when a shard is full, the peer goes that was silent longest.
type store struct {
	expiry time.Duration
	seed   maphash.Seed // keeps strangers from choosing the shard
	shards [shards]shard

	announces, scrapes, refused atomic.Uint64
}

type shard struct {
	mu      sync.Mutex
	swarms  map[swarm.InfoHash]*members
	known   map[peerKey]*peer
	silent  peer  // head of a ring: after it comes the peer that was silent longest
	expired int64 // Unix time before which no peer was last seen
}

type peerKey struct {
	hash swarm.InfoHash
	at   endpoint
}

// peer is what the store knows of a member beside what it hands out.
type peer struct {
	of            *members
	place         int // in seeders or leechers
	seeder        bool
	completed     bool // it has said so
	key           uint64
	seen          int64 // Unix time in seconds
	before, after *peer // in the order of silence
}

func newStore(expiry time.Duration) *store {
	s := &store{expiry: expiry, seed: maphash.MakeSeed()}
	for i := range s.shards {
		sh := &s.shards[i]
		sh.swarms = make(map[swarm.InfoHash]*members)
		sh.known = make(map[peerKey]*peer)
		sh.silent.before, sh.silent.after = &sh.silent, &sh.silent
	}
	return s
}

func (s *store) shard(h swarm.InfoHash) *shard {
	return &s.shards[maphash.Bytes(s.seed, h[:])%shards]
}

// announce takes note of a peer and appends to out the peers that it is told.
// Seeders are told of leechers only, and nobody of itself.
func (s *store) announce(a *announce, now time.Time, out []found) ([]found, counts) {
	s.announces.Add(1)
	sh := s.shard(a.hash)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.expire(now.Add(-s.expiry).Unix())
	key := peerKey{a.hash, endpointOf(a.addr)}
	p := sh.known[key]
	if a.event == eventStopped {
		if p != nil && (p.key == a.key || p.key == 0) {
			sh.drop(p)
		}
		return out, sh.counts(a.hash)
	}
	if p == nil {
		p = sh.add(key, a.seeder)
	}
	w := p.of
	if p.seeder != a.seeder {
		m := w.remove(p)
		p.seeder = a.seeder
		w.add(m)
	}
	if t := now.Unix(); p.seen != t {
		p.seen = t
		p.unlink()
		p.linkBefore(&sh.silent)
	}
	w.of(p).id, p.key = a.peerID, a.key
	if a.event == eventCompleted && !p.completed {
		p.completed = true
		w.completed++
	}
	if !a.seeder {
		out = pick(out, w.seeders, a)
	}
	out = pick(out, w.leechers, a)
	return out, w.counts()
}

// pick appends members from a random place on, until out holds what is wanted.
func pick(out []found, from []member, a *announce) []found {
	if len(from) == 0 {
		return out
	}
	tail := binary.NativeEndian.Uint32(a.peerID[16:]) // tells most ids apart at a glance
	first := rand.IntN(len(from))
	for _, part := range [2][]member{from[first:], from[:first]} {
		for i := range part {
			if len(out) >= a.want {
				return out
			}
			m := &part[i]
			if same := binary.NativeEndian.Uint32(m.id[16:]) == tail && m.id == a.peerID; !same && a.family.has(&m.at) {
				out = append(out, m.found)
			}
		}
	}
	return out
}

// scrape returns a swarm's figures.
func (s *store) scrape(h swarm.InfoHash, now time.Time) counts {
	sh := s.shard(h)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.expire(now.Add(-s.expiry).Unix())
	return sh.counts(h)
}

// sweep forgets the expired peers of swarms that nobody asks for.
func (s *store) sweep(now time.Time) {
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		sh.expire(now.Add(-s.expiry).Unix())
		sh.mu.Unlock()
	}
}

func (s *store) stats() Stats {
	st := Stats{Announces: s.announces.Load(), Scrapes: s.scrapes.Load(), Refused: s.refused.Load()}
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		st.Swarms += len(sh.swarms)
		st.Peers += len(sh.known)
		for _, w := range sh.swarms {
			st.Seeders += len(w.seeders)
		}
		sh.mu.Unlock()
	}
	return st
}

// setBack is by how many seconds the clock goes back, at least, when it was set;
// requests that came at the same time may be told different seconds.
const setBack = 60

// expire drops the peers that were last seen before a Unix time, once for each. When
// the clock was set back, the peers stay as old as they were.
func (sh *shard) expire(since int64) {
	if since == sh.expired {
		return
	}
	if back := sh.expired - since; back >= setBack {
		for p := sh.silent.after; p != &sh.silent; p = p.after {
			p.seen -= back
		}
	}
	sh.expired = since
	for p := sh.silent.after; p != &sh.silent && p.seen < since; p = sh.silent.after {
		sh.drop(p)
	}
}

// add takes in a peer that is not known yet, as the last to go.
func (sh *shard) add(key peerKey, seeder bool) *peer {
	if len(sh.known) >= maxPeers/shards {
		sh.drop(sh.silent.after)
	}
	w := sh.swarms[key.hash]
	if w == nil {
		w = &members{hash: key.hash}
		sh.swarms[key.hash] = w
	}
	p := &peer{of: w, seeder: seeder}
	w.add(member{found{at: key.at}, p})
	p.linkBefore(&sh.silent)
	sh.known[key] = p
	return p
}

func (sh *shard) drop(p *peer) {
	w := p.of
	p.unlink()
	m := w.remove(p)
	delete(sh.known, peerKey{w.hash, m.at})
	if len(w.seeders)+len(w.leechers) == 0 {
		delete(sh.swarms, w.hash)
	}
}

func (sh *shard) counts(h swarm.InfoHash) counts {
	if w := sh.swarms[h]; w != nil {
		return w.counts()
	}
	return counts{}
}

func (p *peer) unlink() { p.before.after, p.after.before = p.after, p.before }

func (p *peer) linkBefore(q *peer) {
	p.before, p.after = q.before, q
	p.before.after, q.before = p, p
}
