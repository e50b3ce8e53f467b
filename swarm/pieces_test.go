package swarm_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"swarmtop/swarm"
)

// crowd draws peers' sets over some number of pieces.
func crowd(t *rapid.T) (pieces int, peers []swarm.Bitfield) {
	pieces = rapid.IntRange(1, 200).Draw(t, "pieces")
	for range rapid.IntRange(0, 12).Draw(t, "peers") {
		b := swarm.NewBitfield(pieces)
		for _, i := range rapid.SliceOf(rapid.IntRange(-3, pieces+3)).Draw(t, "has") {
			b.Set(i)
		}
		if rapid.Bool().Draw(t, "seed") {
			b.SetAll()
		}
		peers = append(peers, b)
	}
	return pieces, peers
}

func availability(pieces int, peers []swarm.Bitfield) []uint16 {
	a := make([]uint16, pieces)
	for _, p := range peers {
		swarm.CountAvailability(a, p)
	}
	return a
}

func TestAvailabilityCountsWhoHasEachPiece(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces, peers := crowd(t)
		a, sum := availability(pieces, peers), 0
		for i, n := range a {
			want := 0
			for _, p := range peers {
				if p.Has(i) {
					want++
				}
			}
			if int(n) != want {
				t.Fatalf("piece %d: %d, want %d", i, n, want)
			}
			sum += want
		}
		for _, p := range peers {
			sum -= p.Count()
		}
		if sum != 0 {
			t.Fatalf("availability and the peers' counts differ by %d", sum)
		}
	})
}

func TestBitfieldIgnoresPiecesOutOfRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "n")
		b := swarm.NewBitfield(n)
		b.Set(-1)
		b.Set(n)
		if b.Count() != 0 || b.Has(-1) || b.Has(n) {
			t.Fatal("a piece out of range is in the set")
		}
		b.SetAll()
		if b.Count() != n {
			t.Fatalf("all of %d pieces count %d", n, b.Count())
		}
	})
}

func TestDistributedCopiesLieBetweenTheRarestAndTheMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces, peers := crowd(t)
		a := availability(pieces, peers)
		got := swarm.DistributedCopies(a)
		least := float64(slices.Min(a))
		mean := 0.0
		for _, n := range a {
			mean += float64(n) / float64(pieces)
		}
		if got < least || got >= least+1 || got > mean+1e-9 {
			t.Fatalf("%v copies; the rarest piece has %v, the mean is %v", got, least, mean)
		}
		// One more seeder is exactly one more copy.
		all := swarm.NewBitfield(pieces)
		all.SetAll()
		swarm.CountAvailability(a, all)
		if more := swarm.DistributedCopies(a); math.Abs(more-got-1) > 1e-9 {
			t.Fatalf("a seeder made %v of %v copies", more, got)
		}
	})
}

func TestRarestIsTheLeastHeldAndCountsItsEquals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces, peers := crowd(t)
		a := availability(pieces, peers)
		r, ok := swarm.RarestOf(a).Get()
		if !ok || r.Peers != int(slices.Min(a)) || slices.Index(a, slices.Min(a)) != r.Piece {
			t.Fatalf("rarest %+v of %v", r, a)
		}
		equal := 0
		for _, n := range a {
			if n == slices.Min(a) {
				equal++
			}
		}
		if equal != r.Equal {
			t.Fatalf("%d equals, want %d", r.Equal, equal)
		}
	})
}

func TestNothingIsKnownOfNoPieces(t *testing.T) {
	if swarm.RarestOf(nil).IsKnown() {
		t.Error("no pieces have a rarest one")
	}
	if c := swarm.DistributedCopies(nil); c != 0 {
		t.Errorf("no pieces have %v copies", c)
	}
}
