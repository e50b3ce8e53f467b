package recording

import (
	"fmt"

	"swarmtop/swarm"
)

// Pieces that a torrent may have, as swarm/admit holds it.
const maxPieces = 262_144

// check holds what every snapshot promises and what draws it relies on: sets as
// long as there are pieces, and figures that are not below zero.
func check(s *swarm.Snapshot) error {
	c := checker{}
	c.history(s.History)
	for _, h := range s.LongHistory {
		c.history(h)
	}
	for i := range s.Swarms {
		c.swarm(&s.Swarms[i])
	}
	return c.err
}

type checker struct{ err error }

func (c *checker) hold(ok bool, what string) {
	if !ok && c.err == nil {
		c.err = fmt.Errorf("%w: %s", ErrDamaged, what)
	}
}

func (c *checker) history(h swarm.History) {
	c.hold(len(h.Down) == len(h.Up) && h.Step >= 0, "a history contradicts itself")
}

func (c *checker) swarm(w *swarm.Swarm) {
	p := &w.Pieces
	fits := func(n int) bool { return n == 0 || n == p.Count }
	c.hold(p.Count >= 0 && p.Count <= maxPieces && p.Length >= 0 && p.Have >= 0 && p.Have <= p.Count, "the pieces of a swarm contradict themselves")
	c.hold(fits(len(p.Availability)) && fits(p.Ours.Len()), "a set of pieces is not as long as there are pieces")
	for i := range p.Partial {
		c.hold(i >= 0 && i < p.Count, "a piece is out of range")
	}
	if r, ok := p.Rarest.Get(); ok {
		c.hold(r.Piece >= 0 && r.Piece < max(p.Count, 1) && r.Peers >= 0 && r.Equal >= 0, "the rarest piece is out of range")
	}
	c.hold(w.Size.Or(0) >= 0 && w.Done >= 0 && w.Crowd.Step >= 0, "a figure is below zero")
	for i := range w.Peers {
		peer := &w.Peers[i]
		c.hold(fits(peer.Pieces.Len()) && peer.Have >= 0 && peer.Have <= p.Count, "a peer's pieces contradict the swarm's")
		for _, t := range []swarm.Tristate{peer.Encrypted, peer.WeChoke, peer.WeWant, peer.TheyChoke, peer.TheyWant} {
			c.hold(t <= swarm.Yes, "a word is unknown")
		}
	}
}
