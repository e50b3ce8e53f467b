package swarm

import (
	"math"
	"math/bits"
)

// Bitfield is a set of piece indexes below Len. The zero Bitfield is empty and
// has no room. It is built with [NewBitfield] and [Bitfield.Set], then treated
// as immutable: copies share the words.
type Bitfield struct {
	words []uint64
	n     int
}

// NewBitfield returns an empty set with room for the pieces 0 to n−1.
func NewBitfield(n int) Bitfield {
	return Bitfield{make([]uint64, (n+63)/64), n}
}

// Len returns the number of pieces that the set has room for.
func (b Bitfield) Len() int { return b.n }

// Has tells whether piece i is in the set; it is false outside the range.
func (b Bitfield) Has(i int) bool {
	return i >= 0 && i < b.n && b.words[i/64]&(1<<(i%64)) != 0
}

// Set adds piece i and ignores a piece outside the range: peers may claim any.
func (b Bitfield) Set(i int) {
	if i >= 0 && i < b.n {
		b.words[i/64] |= 1 << (i % 64)
	}
}

// SetAll adds every piece.
func (b Bitfield) SetAll() {
	for i := range b.words {
		b.words[i] = math.MaxUint64
	}
	if r := b.n % 64; r != 0 {
		b.words[len(b.words)-1] = 1<<r - 1
	}
}

// Count returns the number of pieces in the set.
func (b Bitfield) Count() int {
	n := 0
	for _, w := range b.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// Pieces tells what is known of a swarm's pieces.
type Pieces struct {
	Count  int   `json:"count"`  // 0 while the metadata is missing
	Length int64 `json:"length"` // bytes of every piece but the last
	Have   int   `json:"have"`   // pieces that we hold, verified

	// Ours is the set of pieces that we hold, verified.
	Ours Bitfield `json:"-"`
	// Availability counts, for each piece, the connected peers and web seeds
	// that have it, ourselves excluded.
	Availability []uint16 `json:"-"`
	// Partial holds for pieces that are on their way the share that has arrived, above 0 and below 1.
	Partial map[int]float64 `json:"-"`

	Rarest Opt[Rarest] `json:"rarest"`
}

// Rarest names the piece that the fewest others have.
type Rarest struct {
	Piece int `json:"piece"` // the lowest index among the rarest
	Peers int `json:"peers"` // how many others have it
	Equal int `json:"equal"` // how many pieces are just as rare
}

// Count adds one to the availability of every piece in b.
func CountAvailability(availability []uint16, b Bitfield) {
	for i := range min(len(availability), b.n) {
		if b.Has(i) && availability[i] < math.MaxUint16 {
			availability[i]++
		}
	}
}

// RarestOf returns the rarest piece; it is unknown when there are no pieces.
func RarestOf(availability []uint16) Opt[Rarest] {
	if len(availability) == 0 {
		return Opt[Rarest]{}
	}
	r := Rarest{Peers: math.MaxInt}
	for i, n := range availability {
		switch {
		case int(n) < r.Peers:
			r = Rarest{Piece: i, Peers: int(n), Equal: 1}
		case int(n) == r.Peers:
			r.Equal++
		}
	}
	return Known(r)
}

// DistributedCopies returns how many whole copies the counted peers hold
// between them: the count of the rarest piece, plus the share of pieces that
// more peers have than that. 0 for no pieces. (The definition that BitTorrent
// clients share; no BEP states it.)
func DistributedCopies(availability []uint16) float64 {
	if len(availability) == 0 {
		return 0
	}
	least, above := availability[0], 0
	for _, n := range availability {
		least = min(least, n)
	}
	for _, n := range availability {
		if n > least {
			above++
		}
	}
	return float64(least) + float64(above)/float64(len(availability))
}
