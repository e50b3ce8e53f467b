package tracker

import (
	"container/list"
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
	// maxPeers bounds the memory: about 500 bytes for each peer, those of a
	// swarm with a single peer included. A swarm without peers is forgotten.
	maxPeers = 1 << 18
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
	key    string         // proves that a later `stopped` is of the same peer
	seeder bool
	event  event
	want   int // peers
}

// counts are the figures of one swarm.
type counts struct{ seeders, leechers, completed int }

// found is a peer that is handed out.
type found struct {
	addr netip.AddrPort
	id   [20]byte
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
	mu     sync.Mutex
	swarms map[swarm.InfoHash]*peers
	known  map[peerKey]*peer
	silent list.List // of *peer, the longest silent first
}

type peerKey struct {
	hash swarm.InfoHash
	addr netip.AddrPort
}

// peers are those of one swarm, so that some can be picked without looking at all.
type peers struct {
	seeders, leechers []*peer
	completed         int
}

type peer struct {
	key       peerKey
	id        [20]byte
	secret    string
	seeder    bool
	completed bool // it has said so
	seen      time.Time
	place     int // in seeders or leechers
	turn      *list.Element
}

func newStore(expiry time.Duration) *store {
	s := &store{expiry: expiry, seed: maphash.MakeSeed()}
	for i := range s.shards {
		s.shards[i].swarms = make(map[swarm.InfoHash]*peers)
		s.shards[i].known = make(map[peerKey]*peer)
	}
	return s
}

func (s *store) shard(h swarm.InfoHash) *shard {
	return &s.shards[maphash.Bytes(s.seed, h[:])%shards]
}

// announce takes note of a peer and appends to out the peers that it is told.
// Seeders are told of leechers only, and nobody of itself.
func (s *store) announce(a announce, now time.Time, out []found) ([]found, counts) {
	s.announces.Add(1)
	sh := s.shard(a.hash)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.expire(now.Add(-s.expiry))
	key := peerKey{a.hash, a.addr}
	p := sh.known[key]
	if a.event == eventStopped {
		if p != nil && (p.secret == a.key || p.secret == "") {
			sh.drop(p)
		}
		return out, sh.counts(a.hash)
	}
	w := sh.swarms[a.hash]
	if w == nil {
		w = &peers{}
		sh.swarms[a.hash] = w
	}
	if p == nil {
		if len(sh.known) >= maxPeers/shards {
			sh.drop(sh.silent.Front().Value.(*peer))
			if sh.swarms[a.hash] == nil { // it was the last of this very swarm
				sh.swarms[a.hash] = w
			}
		}
		p = &peer{key: key, seeder: a.seeder}
		p.turn = sh.silent.PushBack(p)
		sh.known[key] = p
		w.add(p)
	}
	if p.seeder != a.seeder {
		w.remove(p)
		p.seeder = a.seeder
		w.add(p)
	}
	sh.silent.MoveToBack(p.turn)
	p.id, p.secret, p.seen = a.peerID, a.key, now
	if a.event == eventCompleted && !p.completed {
		p.completed = true
		w.completed++
	}
	if !a.seeder {
		out = pick(out, w.seeders, p, a.want)
	}
	out = pick(out, w.leechers, p, a.want)
	return out, sh.counts(a.hash)
}

// pick appends peers from a random place on, until out holds want.
func pick(out []found, from []*peer, self *peer, want int) []found {
	if len(from) == 0 {
		return out
	}
	first := rand.IntN(len(from))
	for i := range from {
		if len(out) >= want {
			break
		}
		p := from[(first+i)%len(from)]
		if p != self && p.id != self.id {
			out = append(out, found{p.key.addr, p.id})
		}
	}
	return out
}

// scrape returns a swarm's figures; false if it has no peers.
func (s *store) scrape(h swarm.InfoHash, now time.Time) (counts, bool) {
	sh := s.shard(h)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.expire(now.Add(-s.expiry))
	_, ok := sh.swarms[h]
	return sh.counts(h), ok
}

// sweep forgets the expired peers of swarms that nobody asks for.
func (s *store) sweep(now time.Time) {
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		sh.expire(now.Add(-s.expiry))
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

// expire drops the peers that were last seen before since.
func (sh *shard) expire(since time.Time) {
	for e := sh.silent.Front(); e != nil; e = sh.silent.Front() {
		p := e.Value.(*peer)
		if !p.seen.Before(since) {
			return
		}
		sh.drop(p)
	}
}

func (sh *shard) drop(p *peer) {
	sh.silent.Remove(p.turn)
	delete(sh.known, p.key)
	w := sh.swarms[p.key.hash]
	w.remove(p)
	if len(w.seeders)+len(w.leechers) == 0 {
		delete(sh.swarms, p.key.hash)
	}
}

func (sh *shard) counts(h swarm.InfoHash) counts {
	w := sh.swarms[h]
	if w == nil {
		return counts{}
	}
	return counts{len(w.seeders), len(w.leechers), w.completed}
}

func (w *peers) list(p *peer) *[]*peer {
	if p.seeder {
		return &w.seeders
	}
	return &w.leechers
}

func (w *peers) add(p *peer) {
	l := w.list(p)
	p.place = len(*l)
	*l = append(*l, p)
}

func (w *peers) remove(p *peer) {
	l := w.list(p)
	last := len(*l) - 1
	moved := (*l)[last]
	(*l)[p.place], moved.place = moved, p.place
	(*l)[last] = nil
	*l = (*l)[:last]
}
