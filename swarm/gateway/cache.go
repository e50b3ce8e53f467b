package gateway

import (
	"container/list"
	"errors"
	"slices"
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
	recent  list.List            // of *entry, the one that was asked for last at the end
	plain   map[string]*prepared // answers made of entries, by path
}

// entryCost is what an entry takes beside its bytes, with its prepared answers.
const entryCost = 2 << 10

var errNotLoaded = errors.New("the asset was not read to its end")

type entry struct {
	key   assetKey
	cost  int64
	users int
	place *list.Element // in recent
	ready chan struct{} // closed when bytes and err are set
	bytes []byte
	err   error
	paths []string // of answers that are, or were, made of it
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
		c.enter(e)
		c.mu.Unlock()
		<-e.ready
	case size > c.budget/8-entryCost || !c.makeRoom(cost):
		c.mu.Unlock()
		return nil, nil
	default:
		e = &entry{key: key, cost: cost, ready: make(chan struct{}), err: errNotLoaded}
		if c.entries == nil {
			c.entries = map[assetKey]*entry{}
		}
		c.entries[key] = e
		c.used += cost
		e.place = c.recent.PushBack(e)
		e.users = 1
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

// enter counts a user in.
func (c *cache) enter(e *entry) {
	e.users++
	c.recent.MoveToBack(e.place)
}

// makeRoom drops entries that nobody uses until cost more bytes fit.
func (c *cache) makeRoom(cost int64) bool {
	for at := c.recent.Front(); at != nil && c.used+cost > c.budget; {
		e := at.Value.(*entry)
		if at = at.Next(); e.users == 0 {
			c.drop(e)
		}
	}
	return c.used+cost <= c.budget
}

// drop forgets an entry and the answers made of it.
func (c *cache) drop(e *entry) {
	c.recent.Remove(e.place)
	delete(c.entries, e.key)
	c.used -= e.cost
	for _, path := range e.paths {
		if p := c.plain[path]; p != nil && p.entry == e {
			delete(c.plain, path)
		}
	}
}

// release gives back what get or use returned.
func (c *cache) release(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.users--
}

// keep lets use find an answer as long as its entry, which is in use, stays.
func (c *cache) keep(p *prepared) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.plain == nil {
		c.plain = map[string]*prepared{}
	}
	c.plain[p.path] = p
	if !slices.Contains(p.entry.paths, p.path) {
		p.entry.paths = append(p.entry.paths, p.path)
	}
}

// use returns the answer kept for a path, or nil. Its entry goes back by release.
func (c *cache) use(path []byte) *prepared {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.plain[string(path)]
	if p != nil {
		c.enter(p.entry)
	}
	return p
}

// keeps tells whether there is an answer for a path of that entry and asset.
func (c *cache) keeps(path string, a swarm.Asset, e *entry) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.plain[path]
	return p != nil && p.entry == e && p.asset == a
}
