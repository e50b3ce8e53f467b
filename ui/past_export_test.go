package ui

import "swarmtop/swarm"

// Past is what is kept of the last minutes, of at most so many bytes.
type Past struct{ p past }

// NewPast returns one that keeps at most so many bytes.
func NewPast(bound int) *Past { return &Past{past{bound: bound}} }

// Keep takes in a snapshot.
func (p *Past) Keep(s *swarm.Snapshot) { p.p.keep(s) }

// Kept returns what is kept, oldest first.
func (p *Past) Kept() []*swarm.Snapshot { return p.p.kept }

// Weight is how many bytes a snapshot is taken to hold beside what it shares with
// the one before; nil for none.
func Weight(s, before *swarm.Snapshot) int { return weight(s, before) }

// PastBytes is the bound of what a screen keeps.
const PastBytes = pastBytes
