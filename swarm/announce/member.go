package announce

import (
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"swarmtop/swarm"
)

// member is a swarm in the care of the announcer.
type member struct {
	hash      swarm.InfoHash
	key       uint32 // proves to trackers that we are we when our address changes
	active    bool
	removed   bool // lives only until `stopped` is sent
	completed bool

	own   []*list // one for each of our own trackers
	tiers list    // those that the torrent names

	view []swarm.Tracker // nil after a change
}

// lists goes through our own trackers and then the torrent's.
func (m *member) lists() iter.Seq[*list] {
	return func(yield func(*list) bool) {
		for _, l := range m.own {
			if !yield(l) {
				return
			}
		}
		yield(&m.tiers)
	}
}

// entries goes through all trackers.
func (m *member) entries() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for l := range m.lists() {
			for _, e := range l.entries {
				if !yield(e) {
					return
				}
			}
		}
	}
}

func (m *member) find(raw string) *entry {
	for e := range m.entries() {
		if e.raw == raw {
			return e
		}
	}
	return nil
}

// addTrackers appends to m the trackers that it does not have yet. One of the
// torrent's that turns out to be our own leaves its tier.
func (a *Announcer) addTrackers(m *member, own []string, tiers [][]string) {
	for _, raw := range own {
		e, l := m.find(raw), &list{}
		switch {
		case e == nil:
			e = a.newEntry(m, raw)
		case e.list != &m.tiers:
			continue
		default:
			m.tiers.entries = slices.DeleteFunc(m.tiers.entries, func(x *entry) bool { return x == e })
			e.tried = 0
			l.next, m.tiers.next = m.tiers.next, time.Time{} // the others must answer for themselves
		}
		l.entries = []*entry{e}
		e.list = l
		e.tier, e.health.Tier, e.health.Own = 0, 0, true
		m.own = append(m.own, l)
	}
	for tier, urls := range tiers {
		fresh := slices.Clone(urls)
		rand.Shuffle(len(fresh), func(i, j int) { fresh[i], fresh[j] = fresh[j], fresh[i] })
		for _, raw := range fresh {
			if m.find(raw) == nil {
				e := a.newEntry(m, raw)
				e.list, e.tier, e.health.Tier = &m.tiers, tier, tier
				m.tiers.entries = append(m.tiers.entries, e)
			}
		}
	}
	slices.SortStableFunc(m.tiers.entries, func(x, y *entry) int { return x.tier - y.tier })
}

// forget lets go of a member without any announce left to be sent.
func (a *Announcer) forget(m *member) {
	delete(a.members, m.hash)
	for e := range m.entries() {
		a.leaveScrape(e)
		if e.host == nil {
			continue
		}
		if e.host.entries--; e.host.entries == 0 {
			delete(a.hosts, e.host.name)
		}
	}
}
