package gateway

import (
	"container/list"
	"errors"
	"sync"

	"swarmtop/swarm"
)

// assetKey names the bytes of an asset, whatever they are served as.
type assetKey struct {
	hash  swarm.InfoHash
	index int
}

func keyOf(a swarm.Asset) assetKey { return assetKey{a.InfoHash, a.Index} }

// cache keeps whole assets in memory, at most budget bytes together, those in use
// included. The zero cache has no room.
type cache struct {
	budget int64

	mu      sync.Mutex
	used    int64
	entries map[assetKey]*entry
	idle    list.List // of *entry that nobody uses, the longest idle first
}

// entryCost is what an entry takes beside its bytes.
const entryCost = 512

var errNotLoaded = errors.New("the asset was not read to its end")

type entry struct {
	key   assetKey
	cost  int64
	users int
	idle  *list.Element // nil while in use
	ready chan struct{} // closed when bytes and err are set
	bytes []byte
	err   error
}

// get returns the asset's bytes, calling load when they are not there yet; many
// callers at once share one load. It returns nil without an error when there is
// no room: an asset may take an eighth of the budget. What get returns goes back
// by release.
func (c *cache) get(key assetKey, size int64, load func() ([]byte, error)) (*entry, error) {
	cost := size + entryCost
	c.mu.Lock()
	e, ok := c.entries[key]
	switch {
	case ok:
		if e.idle != nil {
			c.idle.Remove(e.idle)
			e.idle = nil
		}
		e.users++
		c.mu.Unlock()
		<-e.ready
	case size > c.budget/8-entryCost || !c.makeRoom(cost):
		c.mu.Unlock()
		return nil, nil
	default:
		e = &entry{key: key, cost: cost, users: 1, ready: make(chan struct{}), err: errNotLoaded}
		if c.entries == nil {
			c.entries = map[assetKey]*entry{}
		}
		c.entries[key] = e
		c.used += cost
		c.mu.Unlock()
		c.fill(e, load)
	}
	if e.err != nil {
		return nil, e.err
	}
	return e, nil
}

// fill loads the bytes of an entry and lets those go on who wait for them. What
// cannot be loaded is forgotten at once.
func (c *cache) fill(e *entry, load func() ([]byte, error)) {
	defer func() { // also when load panics
		if e.err != nil {
			c.mu.Lock()
			c.drop(e)
			c.mu.Unlock()
		}
		close(e.ready)
	}()
	e.bytes, e.err = load()
}

// makeRoom drops idle entries until cost more bytes fit.
func (c *cache) makeRoom(cost int64) bool {
	for c.used+cost > c.budget {
		oldest := c.idle.Front()
		if oldest == nil {
			return false
		}
		c.drop(oldest.Value.(*entry))
	}
	return true
}

// drop forgets an entry.
func (c *cache) drop(e *entry) {
	if e.idle != nil {
		c.idle.Remove(e.idle)
	}
	delete(c.entries, e.key)
	c.used -= e.cost
}

// release gives back what get returned.
func (c *cache) release(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.users--
	if e.users == 0 {
		e.idle = c.idle.PushBack(e)
	}
}
