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
