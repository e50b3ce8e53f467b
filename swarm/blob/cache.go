package blob

import (
	"container/list"
	"sync"

	"swarmtop/swarm"
)

// pieceCache remembers verified pieces, at most limit bytes of them but always
// the latest one; what was used longest ago goes first.
type pieceCache struct {
	limit int64

	mu    sync.Mutex
	bytes int64
	order *list.List // of *cached, most recent first
	byKey map[pieceKey]*list.Element
}

type pieceKey struct {
	hash  swarm.InfoHash
	piece int
}

type cached struct {
	key    pieceKey
	bytes  []byte
	unused bool // again since it came, or since the last look for what is not used
}

func newPieceCache(limit int64) *pieceCache {
	return &pieceCache{limit: limit, order: list.New(), byKey: map[pieceKey]*list.Element{}}
}

func (c *pieceCache) get(h swarm.InfoHash, piece int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byKey[pieceKey{h, piece}]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	v := e.Value.(*cached)
	v.unused = false
	return v.bytes
}

func (c *pieceCache) put(h swarm.InfoHash, piece int, b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := pieceKey{h, piece}
	if c.byKey[k] != nil {
		return
	}
	c.byKey[k] = c.order.PushFront(&cached{key: k, bytes: b, unused: true})
	c.bytes += int64(len(b))
	for c.bytes > c.limit && c.order.Len() > 1 {
		c.remove(c.order.Back())
	}
}

// dropUnused forgets what nobody has asked for again since it came or since the call
// before, and tells how many bytes that were.
func (c *pieceCache) dropUnused() (dropped int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.bytes
	for e := c.order.Back(); e != nil; {
		v, next := e.Value.(*cached), e.Prev()
		if v.unused {
			c.remove(e)
		}
		v.unused, e = true, next
	}
	return before - c.bytes
}

func (c *pieceCache) drop(h swarm.InfoHash) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, e := range c.byKey {
		if k.hash == h {
			c.remove(e)
		}
	}
}

func (c *pieceCache) remove(e *list.Element) {
	v := c.order.Remove(e).(*cached)
	delete(c.byKey, v.key)
	c.bytes -= int64(len(v.bytes))
}
