// Package simulate carries a crowd on to sizes that no machine has room for: the same
// rules as those of package crowd, as discrete events, without sockets or a clock.
//
// Every peer, and the seeder, has one uplink of the same speed that sends one block at
// a time, to whichever of those who asked for one. A piece can be given on once all of
// its blocks are here. Who has room for a request asks for a block of the piece that
// the fewest of its neighbours have. A request stays where it was made; a peer to which
// nothing has come for the time of a block takes all of its own back, and asks again.
// Messages other than blocks take no time and no room. The tracker hands out a
// run of those that came before, the seeder first, which serves only a few.
//
// What happens follows from [Config.Seed] alone.
package simulate

import (
	"errors"
	"math/bits"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	block    = 16 << 10 // what peers ask for at a time, in bytes
	maxConns = 80       // of a peer
)

// Config tells who comes for what.
type Config struct {
	Peers       int   // beside the seeder
	Size        int64 // of the asset, bytes
	PieceLength int64 // bytes, a multiple of 16 KiB
	Uplink      int64 // bytes a second, of each peer and of the seeder
	Neighbours  int   // that a peer is told of when it comes
	SeedSlots   int   // peers that the seeder serves
	Metainfo    int64 // bytes that the seeder's uplink sends to each peer first
	Seed        uint64
}

// Outcome is what came of it. Bytes are those of the asset.
type Outcome struct {
	Finished []time.Duration // after which each peer was complete, in order
	Seeder   int64           // bytes that the seeder sent
	Peers    int64           // bytes that the peers sent
	Wasted   int64           // of both, what the receiver had already
}

// Run simulates the crowd to its last byte.
func Run(cfg Config) (Outcome, error) {
	if cfg.Peers < 1 || cfg.Size < 1 || cfg.Uplink < 1 || cfg.Neighbours < 1 || cfg.SeedSlots < 1 {
		return Outcome{}, errors.New("simulate: peers, size, uplink, neighbours and seed slots must be above 0")
	}
	if cfg.PieceLength < block || cfg.PieceLength%block != 0 || cfg.Metainfo < 0 {
		return Outcome{}, errors.New("simulate: pieces must be a multiple of 16 KiB")
	}
	if cfg.Size > 4096*block {
		return Outcome{}, errors.New("simulate: the asset must have at most 64 MiB")
	}
	s := newSwarm(cfg)
	for s.left > 0 {
		s.step()
	}
	slices.Sort(s.out.Finished)
	return s.out, nil
}

// The kinds of events.
type kind uint8

const (
	arrival  kind = iota // a peer has the metainfo, and connects
	sent                 // an uplink has sent its block
	patience             // a peer looks whether anything comes
)

// peer is one peer, the seeder being the first.
type peer struct {
	near     []int32  // peers connected to
	open     []uint8  // requests made of each of them and not answered
	have     bitmap   // pieces
	got      bitmap   // blocks
	missing  int32    // blocks
	count    []uint16 // of each piece, near peers that have it
	asked    []int32  // of each block, the place in near of the peer that was asked, or −1
	queue    []request
	sending  request // while busy
	busy     bool
	arrived  bool
	incoming int32 // blocks that are on their way here
	since    bool  // a block has come since the last look
}

// request is that of a near peer for a block.
type request struct{ from, block int32 }

type swarm struct {
	cfg    Config
	rand   *rand.Rand
	peers  []peer
	pieces int32
	blocks int32
	each   int32         // blocks of a piece
	slot   time.Duration // that a block takes
	events events
	now    time.Duration
	left   int // peers that are not complete
	out    Outcome
}

func newSwarm(cfg Config) *swarm {
	s := &swarm{
		cfg: cfg, rand: rand.New(rand.NewPCG(cfg.Seed, 7)), left: cfg.Peers,
		peers:  make([]peer, cfg.Peers+1),
		pieces: int32((cfg.Size-1)/cfg.PieceLength + 1),
		blocks: int32((cfg.Size-1)/block + 1),
		each:   int32(cfg.PieceLength / block),
		slot:   seconds(block, cfg.Uplink),
	}
	s.out.Finished = make([]time.Duration, 0, cfg.Peers)
	for i := range s.peers {
		p := &s.peers[i]
		p.have, p.got = newBitmap(s.pieces), newBitmap(s.blocks)
		p.missing = s.blocks
		p.count = make([]uint16, s.pieces)
		p.asked = make([]int32, s.blocks)
		for b := range p.asked {
			p.asked[b] = -1
		}
		if i > 0 {
			s.events.add(seconds(int64(i)*cfg.Metainfo, cfg.Uplink), arrival, int32(i))
		}
	}
	seeder := &s.peers[0]
	seeder.missing, seeder.arrived = 0, true
	for i := range s.pieces {
		seeder.have.set(i)
	}
	if cfg.Metainfo > 0 { // nothing else leaves before
		seeder.busy = true
		seeder.sending = request{-1, -1}
		s.events.add(seconds(int64(cfg.Peers)*cfg.Metainfo, cfg.Uplink), sent, 0)
	}
	return s
}

// seconds is how long n bytes take.
func seconds(n, bytesPerSecond int64) time.Duration {
	return time.Duration(float64(n) / float64(bytesPerSecond) * float64(time.Second))
}

// step does what happens next.
func (s *swarm) step() {
	e := s.events.next()
	s.now = e.at
	switch e.kind {
	case arrival:
		s.arrive(e.peer)
	case sent:
		s.deliver(e.peer)
	case patience:
		s.look(e.peer)
	}
}

// arrive connects a peer to those that the tracker names.
func (s *swarm) arrive(at int32) {
	p := &s.peers[at]
	p.arrived = true
	room := s.cfg.Neighbours
	if len(s.peers[0].near) < s.cfg.SeedSlots {
		s.connect(at, 0)
		room--
	}
	if before := at - 1; before > 0 { // those from 1 on, in a ring
		first := s.rand.Int32N(before)
		for i := int32(0); i < before && room > 0; i++ {
			if other := 1 + (first+i)%before; len(s.peers[other].near) < maxConns {
				s.connect(at, other)
				room--
			}
		}
	}
	s.events.add(s.now+s.slot+time.Duration(s.rand.Int64N(int64(s.slot))), patience, at)
}

// connect makes two peers near to each other, and has the newcomer ask.
func (s *swarm) connect(newcomer, other int32) {
	a, b := &s.peers[newcomer], &s.peers[other]
	a.near, a.open = append(a.near, other), append(a.open, 0)
	b.near, b.open = append(b.near, newcomer), append(b.open, 0)
	for i := range s.pieces {
		if b.have.has(i) {
			a.count[i]++
		}
		if a.have.has(i) {
			b.count[i]++
		}
	}
	s.ask(newcomer, int32(len(a.near)-1), -1)
}

// window is how many requests a peer leaves open with one other: as many as the
// library does with one that has sent it nothing yet, which is most of them.
const window = 1

// ask makes requests of the near peer at a place, but none for the block that it was
// asked for before.
func (s *swarm) ask(at, place, but int32) {
	p := &s.peers[at]
	if p.missing == 0 {
		return
	}
	q := &s.peers[p.near[place]]
	for p.open[place] < window {
		b := s.choose(p, q, but)
		if b < 0 {
			return
		}
		p.asked[b] = place
		p.open[place]++
		q.queue = append(q.queue, request{at, b})
		s.send(p.near[place])
	}
}

// choose returns a block that p lacks and has asked nobody for, of the rarest piece
// that q has, or −1.
func (s *swarm) choose(p, q *peer, but int32) int32 {
	best, rarest, ties := int32(-1), uint16(0), int32(0)
	for i := range s.pieces {
		if !q.have.has(i) || p.have.has(i) || best >= 0 && p.count[i] > rarest {
			continue
		}
		b := s.open(p, i, but)
		if b < 0 {
			continue
		}
		if best < 0 || p.count[i] < rarest {
			best, rarest, ties = b, p.count[i], 1
		} else if ties++; s.rand.Int32N(ties) == 0 {
			best = b
		}
	}
	return best
}

// open returns the first block of a piece that p lacks and has asked nobody for, or −1.
func (s *swarm) open(p *peer, piece, but int32) int32 {
	for b := piece * s.each; b < min((piece+1)*s.each, s.blocks); b++ {
		if b != but && p.asked[b] < 0 && !p.got.has(b) {
			return b
		}
	}
	return -1
}

// send starts the uplink of a peer, if it is idle, on any request that still stands.
func (s *swarm) send(at int32) {
	p := &s.peers[at]
	if p.busy {
		return
	}
	for len(p.queue) > 0 {
		i := s.rand.IntN(len(p.queue))
		r := p.queue[i]
		p.queue[i] = p.queue[len(p.queue)-1]
		p.queue = p.queue[:len(p.queue)-1]
		to := &s.peers[r.from]
		if place := to.asked[r.block]; place < 0 || to.near[place] != at || to.got.has(r.block) {
			continue // taken back
		}
		p.busy, p.sending = true, r
		to.incoming++
		s.events.add(s.now+seconds(s.length(r.block), s.cfg.Uplink), sent, at)
		return
	}
}

// length is how many bytes a block has.
func (s *swarm) length(b int32) int64 { return min(block, s.cfg.Size-int64(b)*block) }

// deliver hands over the block that an uplink has sent.
func (s *swarm) deliver(at int32) {
	p := &s.peers[at]
	r := p.sending
	p.busy = false
	if r.from >= 0 {
		if at == 0 {
			s.out.Seeder += s.length(r.block)
		} else {
			s.out.Peers += s.length(r.block)
		}
		s.receive(r.from, at, r.block)
	}
	s.send(at)
}

// receive takes a block in, and asks for more.
func (s *swarm) receive(at, from, b int32) {
	p := &s.peers[at]
	p.incoming--
	p.since = true
	if p.got.has(b) {
		s.out.Wasted += s.length(b)
		return
	}
	if place := p.asked[b]; place >= 0 {
		p.open[place]--
		p.asked[b] = -1
	}
	p.got.set(b)
	if p.missing--; p.missing == 0 {
		s.left--
		s.out.Finished = append(s.out.Finished, s.now)
	}
	piece := b / s.each
	whole := true
	for i := piece * s.each; i < min((piece+1)*s.each, s.blocks); i++ {
		whole = whole && p.got.has(i)
	}
	if whole {
		p.have.set(piece)
		s.tell(at, piece)
	}
	if place := slices.Index(p.near, from); place >= 0 {
		s.ask(at, int32(place), -1)
	}
}

// tell lets all near peers know of a piece.
func (s *swarm) tell(at, piece int32) {
	for _, n := range s.peers[at].near {
		q := &s.peers[n]
		q.count[piece]++
		if !q.have.has(piece) {
			s.ask(n, int32(slices.Index(q.near, at)), -1)
		}
	}
}

// look takes all requests of a peer back when nothing is coming, and asks again.
func (s *swarm) look(at int32) {
	p := &s.peers[at]
	if p.missing == 0 {
		return
	}
	if !p.since && p.incoming == 0 && p.wants() {
		before := slices.Clone(p.asked)
		for b, place := range p.asked {
			if place >= 0 {
				p.open[place]--
				p.asked[b] = -1
			}
		}
		for _, i := range s.rand.Perm(len(p.near)) {
			s.ask(at, int32(i), int32(slices.Index(before, int32(i))))
		}
		for i := range p.near { // where there is nobody else
			s.ask(at, int32(i), -1)
		}
	}
	p.since = false
	s.events.add(s.now+s.slot, patience, at)
}

// wants tells whether a near peer has a piece that p lacks.
func (p *peer) wants() bool {
	for i, n := range p.count {
		if n > 0 && !p.have.has(int32(i)) {
			return true
		}
	}
	return false
}

// bitmap is a set of small numbers.
type bitmap []uint64

func newBitmap(n int32) bitmap { return make(bitmap, (n+63)/64) }

func (m bitmap) has(i int32) bool { return m[i>>6]&(1<<(i&63)) != 0 }

func (m bitmap) set(i int32) { m[i>>6] |= 1 << (i & 63) }

// Bound returns the time below which no schedule of whole pieces gets, at equal uplinks
// (Mundinger, Weber and Weiss 2008): (1 + ⌊log₂ peers⌋ ÷ pieces) × size ÷ uplink.
func Bound(peers int, pieces, size, uplink int64) time.Duration {
	rounds := float64(bits.Len(uint(peers)) - 1)
	return time.Duration((1 + rounds/float64(pieces)) * float64(size) / float64(uplink) * float64(time.Second))
}
