// Package simulate carries a crowd on to sizes that no machine has room for: the same
// rules as those of package crowd, as discrete events, without sockets or a clock.
//
// Every peer, and the seeder, has one uplink of the same speed that sends one block at
// a time. A piece can be given on once all of its blocks are here. An idle uplink has
// the neighbour that has the fewest pieces, of those that want a block from it, ask for
// a piece's worth of them, and each asks for blocks of the piece that the fewest of its
// neighbours have, none of two, and while it has no piece of one at a time. The seeder sends each piece once. Messages other than
// blocks take no time and no room. The tracker hands out the seeder, which has room for
// a few, and a run of those that came before.
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
	Neighbours  int   // that a peer is told of when it comes, with the seeder
	SeedSlots   int   // peers that the seeder is connected to
	Seed        uint64
}

// Outcome is what came of it. Bytes are those of the asset.
type Outcome struct {
	Finished []time.Duration // after which each peer was complete, in order
	Seeder   int64           // bytes that the seeder sent
	Peers    int64           // bytes that the peers sent
}

// Run simulates the crowd to its last byte.
func Run(cfg Config) (Outcome, error) {
	if cfg.Peers < 1 || cfg.Size < 1 || cfg.Uplink < 1 || cfg.Neighbours < 2 || cfg.SeedSlots < 1 {
		return Outcome{}, errors.New("simulate: peers, size, uplink and seed slots must be above 0, neighbours above 1")
	}
	if cfg.PieceLength < block || cfg.PieceLength%block != 0 {
		return Outcome{}, errors.New("simulate: pieces must be a multiple of 16 KiB")
	}
	if cfg.Size > 4096*block {
		return Outcome{}, errors.New("simulate: the asset must have at most 64 MiB")
	}
	s := newSwarm(cfg)
	for len(s.out.Finished) < cfg.Peers {
		s.step()
	}
	slices.Sort(s.out.Finished)
	return s.out, nil
}

// peer is one peer, the seeder being the first.
type peer struct {
	near    []int32  // peers connected to
	have    bitmap   // pieces
	pieces  int32    // how many these are
	asked   bitmap   // blocks that are here or on their way
	missing []int32  // of each piece, the blocks that are not here
	count   []uint16 // of each piece, near peers that have it
	coming  int32    // blocks that are on their way here
	busy    bool
	to      int32 // whose turn it is
	left    int32 // blocks of that turn
	sending int32 // the block, while busy
}

type swarm struct {
	cfg    Config
	rand   *rand.Rand
	peers  []peer
	pieces int32
	blocks int32
	each   int32 // blocks of a piece
	given  int32 // pieces that the seeder has sent
	events events
	now    time.Duration
	out    Outcome
}

func newSwarm(cfg Config) *swarm {
	s := &swarm{
		cfg: cfg, rand: rand.New(rand.NewPCG(cfg.Seed, 7)),
		peers:  make([]peer, cfg.Peers+1),
		pieces: int32((cfg.Size-1)/cfg.PieceLength + 1),
		blocks: int32((cfg.Size-1)/block + 1),
		each:   int32(cfg.PieceLength / block),
	}
	s.out.Finished = make([]time.Duration, 0, cfg.Peers)
	for i := range s.peers {
		p := &s.peers[i]
		p.have, p.asked = newBitmap(s.pieces), newBitmap(s.blocks)
		p.missing, p.count = make([]int32, s.pieces), make([]uint16, s.pieces)
		for piece := range p.missing {
			p.missing[piece] = s.end(int32(piece)) - int32(piece)*s.each
		}
		if i > 0 {
			s.arrive(int32(i))
		}
	}
	seeder := &s.peers[0]
	for piece := range s.pieces {
		seeder.have.set(piece)
	}
	s.serve(0)
	return s
}

// end is the block after the last one of a piece.
func (s *swarm) end(piece int32) int32 { return min((piece+1)*s.each, s.blocks) }

// arrive connects a peer to those that the tracker names.
func (s *swarm) arrive(at int32) {
	if len(s.peers[0].near) < s.cfg.SeedSlots {
		s.connect(at, 0)
	}
	before := at - 1 // those from 1 on, in a ring
	if before == 0 {
		return
	}
	first, room := s.rand.Int32N(before), s.cfg.Neighbours-1
	for i := int32(0); i < before && room > 0; i++ {
		if other := 1 + (first+i)%before; len(s.peers[other].near) < maxConns {
			s.connect(at, other)
			room--
		}
	}
}

func (s *swarm) connect(a, b int32) {
	s.peers[a].near = append(s.peers[a].near, b)
	s.peers[b].near = append(s.peers[b].near, a)
}

// step does what happens next.
func (s *swarm) step() {
	e := s.events.next()
	s.now = e.at
	p := &s.peers[e.peer]
	p.busy = false
	if e.peer == 0 {
		s.out.Seeder += s.length(p.sending)
	} else {
		s.out.Peers += s.length(p.sending)
	}
	s.receive(p.to, p.sending)
	s.serve(e.peer)
}

// length is how many bytes a block has.
func (s *swarm) length(b int32) int64 { return min(block, s.cfg.Size-int64(b)*block) }

// serve has the uplink of a peer send on, if it is idle and there is something to send.
func (s *swarm) serve(at int32) {
	p := &s.peers[at]
	if p.busy {
		return
	}
	b := int32(-1)
	if p.left > 0 {
		b = s.choose(p, p.to)
	}
	if b < 0 {
		if b = s.turn(p); b < 0 {
			return
		}
		p.left = s.each
	}
	p.left--
	p.busy, p.sending = true, b
	s.peers[p.to].asked.set(b)
	s.peers[p.to].coming++
	took := time.Duration(float64(s.length(b)) / float64(s.cfg.Uplink) * float64(time.Second))
	s.events.add(s.now+took, at)
}

// turn gives the neediest of those near a turn, and returns what it asks for, or −1.
func (s *swarm) turn(p *peer) int32 {
	if p == &s.peers[0] {
		if s.given == s.pieces {
			return -1
		}
		s.given++
	}
	best, ties := int32(-1), int32(0)
	for _, n := range p.near {
		fewer := best < 0 || s.peers[n].pieces < s.peers[p.to].pieces
		if !fewer && s.peers[n].pieces > s.peers[p.to].pieces {
			continue
		}
		b := s.choose(p, n)
		if b < 0 {
			continue
		}
		if fewer {
			ties = 0
		}
		if ties++; s.rand.Int32N(ties) == 0 {
			best, p.to = b, n
		}
	}
	return best
}

// choose returns a block that a peer asks p for, one of the rarest piece, or −1.
func (s *swarm) choose(p *peer, at int32) int32 {
	q := &s.peers[at]
	if q.pieces == 0 && q.coming > 0 {
		return -1
	}
	best, rarest, ties := int32(-1), uint16(0), int32(0)
	for i := range s.pieces {
		if !p.have.has(i) || q.have.has(i) || best >= 0 && q.count[i] > rarest || p == &s.peers[0] && i != s.given-1 {
			continue
		}
		b := s.open(q, i)
		if b < 0 {
			continue
		}
		if best < 0 || q.count[i] < rarest {
			rarest, ties = q.count[i], 0
		}
		if ties++; s.rand.Int32N(ties) == 0 {
			best = b
		}
	}
	return best
}

// open returns the first block of a piece that a peer has asked nobody for, or −1.
func (s *swarm) open(p *peer, piece int32) int32 {
	for b := piece * s.each; b < s.end(piece); b++ {
		if !p.asked.has(b) {
			return b
		}
	}
	return -1
}

// receive takes a block in. Who has a piece whole lets all near know, and gives it on.
func (s *swarm) receive(at, b int32) {
	p := &s.peers[at]
	piece := b / s.each
	p.coming--
	if p.missing[piece]--; p.missing[piece] > 0 {
		return
	}
	p.have.set(piece)
	if p.pieces++; p.pieces == s.pieces {
		s.out.Finished = append(s.out.Finished, s.now)
	}
	for _, n := range p.near {
		s.peers[n].count[piece]++
	}
	s.serve(at)
	if p.pieces == 1 { // it lets others serve it from now on
		for _, n := range p.near {
			s.serve(n)
		}
	}
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
