package gateway

import (
	"errors"
	"testing"

	"swarmtop/swarm"
)

// TestAssetsInMemoryAreBoundedInBytes holds that those in use count, that the longest
// idle go first, and that what cannot be read leaves nothing behind.
func TestAssetsInMemoryAreBoundedInBytes(t *testing.T) {
	const budget, size = 1 << 20, 100 << 10
	c := &cache{budget: budget}
	key := func(i int) assetKey { return assetKey{swarm.InfoHash{1}, i} }
	load := func() ([]byte, error) { return make([]byte, size), nil }
	var held []*entry
	for i := range 100 {
		e, err := c.get(key(i), size, load)
		if err != nil || c.used > budget {
			t.Fatalf("asset %d: %d bytes are in use, %v", i, c.used, err)
		}
		switch {
		case e == nil && len(held) < 10:
			t.Fatalf("asset %d: no room beside %d", i, len(held))
		case e != nil && len(held) < 10:
			held = append(held, e) // and does not let go
		case e != nil:
			t.Fatalf("asset %d: room beside %d that are in use", i, len(held))
		}
	}
	for _, e := range held {
		c.release(e)
	}
	if e, err := c.get(key(50), size, load); e == nil || err != nil || c.used > budget || c.entries[key(0)] != nil || c.entries[key(1)] == nil {
		t.Errorf("the longest idle did not make room: %v, %d bytes in use", err, c.used)
	}
	if e, err := c.get(key(51), budget/8, load); e != nil || err != nil {
		t.Errorf("an asset takes more than an eighth: %v, %v", e, err)
	}
	used := c.used
	broken := errors.New("broken")
	if _, err := c.get(key(52), 10, func() ([]byte, error) { return nil, broken }); !errors.Is(err, broken) || c.used != used {
		t.Errorf("%v, and %d bytes in use, want %d", err, c.used, used)
	}
}
