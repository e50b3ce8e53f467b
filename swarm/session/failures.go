package session

import (
	"cmp"
	"container/list"
	"net/netip"
	"slices"
	"sync"
	"time"

	"swarmtop/swarm"
)

// Bounds of what is remembered of peers that failed.
const (
	failuresPerSwarm = 32
	failuresInAll    = 512
	failuresWaiting  = 1024 // between two turns of settleFailures; more are not counted
	failureCells     = 300  // of an error
)

// failureKey is what is counted together.
type failureKey struct {
	hash    swarm.InfoHash // zero where the swarm is not known
	address string
	kind    swarm.Failure
}

type failed struct {
	key failureKey
	row swarm.FailedPeer
}

// failures remembers peers that failed. What is learned in callbacks waits there
// until settleFailures has found out the rest.
type failures struct {
	mu       sync.Mutex
	rows     map[failureKey]*list.Element
	order    list.List // of *failed, the one that failed last at the end
	perSwarm map[swarm.InfoHash]int
	list     []swarm.FailedPeer // of rows, as FailedPeers returned it last; nil when they have changed since

	untried map[string][]swarm.FailedPeer // by address: plain handshakes that an encrypted one may make good
	ended   []ended
	undials map[netip.AddrPort]undial
}

// undial is what went wrong with the dials of an address since the last turn.
type undial struct {
	kind  swarm.Failure
	text  string
	times int
}

// note counts a failure.
func (f *failures) note(row swarm.FailedPeer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rows == nil {
		f.rows, f.perSwarm = map[failureKey]*list.Element{}, map[swarm.InfoHash]int{}
	}
	f.list = nil
	row.Error = swarm.Clean(row.Error, failureCells)
	hash := row.InfoHash.Or(swarm.InfoHash{})
	key := failureKey{hash, row.Address, row.Kind}
	if at := f.rows[key]; at != nil {
		old := &at.Value.(*failed).row
		row.First, row.Count = old.First, row.Count+old.Count
		*old = row
		f.order.MoveToBack(at)
		return
	}
	if f.perSwarm[hash] >= failuresPerSwarm {
		f.dropOldest(func(k failureKey) bool { return k.hash == hash })
	}
	if len(f.rows) >= failuresInAll {
		f.dropOldest(func(failureKey) bool { return true })
	}
	row.First = row.Last
	f.rows[key] = f.order.PushBack(&failed{key, row})
	f.perSwarm[hash]++
}

// dropOldest forgets the oldest of the rows that are meant.
func (f *failures) dropOldest(meant func(failureKey) bool) {
	for at := f.order.Front(); at != nil; at = at.Next() {
		if k := at.Value.(*failed).key; meant(k) {
			f.remove(k)
			return
		}
	}
}

func (f *failures) remove(k failureKey) {
	f.order.Remove(f.rows[k])
	delete(f.rows, k)
	if f.perSwarm[k.hash]--; f.perSwarm[k.hash] <= 0 {
		delete(f.perSwarm, k.hash)
	}
}

// hold keeps the failure of a plain handshake until the encrypted one that follows ends.
func (f *failures) hold(address string, row swarm.FailedPeer) {
	f.mu.Lock()
	full := len(f.untried[address]) >= failuresPerSwarm || len(f.untried) >= failuresInAll
	if !full {
		if f.untried == nil {
			f.untried = map[string][]swarm.FailedPeer{}
		}
		f.untried[address] = append(f.untried[address], row)
	}
	f.mu.Unlock()
	if full {
		f.note(row)
	}
}

// settleTry tells how an encrypted handshake with an address ended. One that was answered
// shows what the others only lacked.
func (f *failures) settleTry(address string, answered bool) {
	f.mu.Lock()
	rows := f.untried[address]
	if answered || len(rows) <= 1 {
		delete(f.untried, address)
	} else {
		f.untried[address] = rows[1:]
	}
	f.mu.Unlock()
	if len(rows) > 0 && !answered {
		f.note(rows[0])
	}
}

// forget drops all that is known of a swarm.
func (f *failures) forget(h swarm.InfoHash) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for k := range f.rows {
		if k.hash == h {
			f.remove(k)
			f.list = nil
		}
	}
}

// lastOf returns the swarm of which an address failed last, and how it was found there.
func (f *failures) lastOf(address string) (h swarm.Opt[swarm.InfoHash], found swarm.Source) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var at time.Time
	for k, element := range f.rows {
		if r := &element.Value.(*failed).row; k.address == address && r.Last.After(at) {
			h, found, at = r.InfoHash, r.Source, r.Last
		}
	}
	return h, found
}

// FailedPeers returns the peers that failed, the latest first. The slice is that of
// the last call when nothing has changed, and is never written to.
func (s *Session) FailedPeers() []swarm.FailedPeer {
	f := &s.failures
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.list == nil && len(f.rows) > 0 {
		for _, at := range f.rows {
			f.list = append(f.list, at.Value.(*failed).row)
		}
		slices.SortFunc(f.list, func(a, b swarm.FailedPeer) int {
			return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Kind, b.Kind),
				cmp.Compare(a.InfoHash.Or(swarm.InfoHash{}).String(), b.InfoHash.Or(swarm.InfoHash{}).String()))
		})
	}
	return f.list
}

// waiting takes what has come since the last turn.
func (f *failures) waiting() ([]ended, map[netip.AddrPort]undial) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, u := f.ended, f.undials
	f.ended, f.undials = nil, nil
	return e, u
}

// settleFailures finds out what the callbacks could not: which swarms a dial was for,
// and why the library ended a connection.
func (s *Session) settleFailures(now time.Time) {
	over, undials := s.failures.waiting()
	if len(undials) > 0 {
		s.settleDials(undials, now)
	}
	s.learnBans(over)
	for _, e := range over {
		s.settleEnd(e, now)
	}
}

// settleDials notes failed dials of every swarm that was told of the address: a dial
// does not say which it was for.
func (s *Session) settleDials(undials map[netip.AddrPort]undial, now time.Time) {
	row := func(a netip.AddrPort, u undial) swarm.FailedPeer {
		return swarm.FailedPeer{Address: a.String(), Kind: u.kind, Error: u.text, Count: u.times, Last: now}
	}
	named := map[netip.AddrPort]bool{}
	for _, e := range s.entries() {
		e.mu.Lock()
		addrs := e.known.addrs
		e.mu.Unlock()
		for _, a := range addrs {
			a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
			if u, ok := undials[a]; ok {
				named[a] = true
				r := row(a, u)
				r.InfoHash, r.Source = swarm.Known(e.hash), swarm.FromTracker
				s.failures.note(r)
			}
		}
	}
	for a, u := range undials {
		if named[a] {
			continue
		}
		r := row(a, u) // the trackers may have named others since
		r.InfoHash, r.Source = s.failures.lastOf(r.Address)
		s.failures.note(r)
	}
}
