package blob

import (
	"testing"

	"swarmtop/swarm"
)

// TestPiecesInMemoryAreBoundedInBytes holds that those go first that were used longest ago.
func TestPiecesInMemoryAreBoundedInBytes(t *testing.T) {
	const limit, piece = 1 << 20, 64 << 10
	c := newPieceCache(limit)
	for i := range 10 * limit / piece {
		c.get(swarm.InfoHash{}, 0)
		c.put(swarm.InfoHash{}, i, make([]byte, piece))
		if c.bytes > limit || c.order.Len() != len(c.byKey) || int64(c.order.Len())*piece != c.bytes {
			t.Fatalf("%d bytes in %d pieces, %d by key", c.bytes, c.order.Len(), len(c.byKey))
		}
	}
	if c.get(swarm.InfoHash{}, 0) == nil || c.get(swarm.InfoHash{}, 1) != nil {
		t.Error("the piece that is in use has gone, or one that is not stayed")
	}
	c.put(swarm.InfoHash{1}, 0, make([]byte, 2*limit))
	if c.order.Len() != 1 || c.get(swarm.InfoHash{1}, 0) == nil {
		t.Error("the latest piece is not kept alone when it is larger than the limit")
	}
	c.drop(swarm.InfoHash{1})
	if c.bytes != 0 || len(c.byKey) != 0 {
		t.Errorf("of nothing, %d bytes are kept", c.bytes)
	}
}

// TestWhatIsReadOnceLeavesMemoryAtTheNextLook holds that a sweep over all assets does not
// keep them in memory, and that what is read again stays.
func TestWhatIsReadOnceLeavesMemoryAtTheNextLook(t *testing.T) {
	const piece = 16 << 10
	c := newPieceCache(1 << 20)
	for i := range 4 {
		c.put(swarm.InfoHash{}, i, make([]byte, piece))
	}
	c.get(swarm.InfoHash{}, 1)
	if dropped := c.dropUnused(); dropped != 3*piece || c.get(swarm.InfoHash{}, 1) == nil {
		t.Errorf("%d bytes were dropped of three pieces that were read once and one that was read twice", dropped)
	}
	if dropped := c.dropUnused(); dropped != 0 {
		t.Errorf("%d bytes were dropped of a piece that was just read", dropped)
	}
	if dropped := c.dropUnused(); dropped != piece || c.bytes != 0 {
		t.Errorf("%d bytes were dropped, %d are kept, of a piece that nobody read", dropped, c.bytes)
	}
}
