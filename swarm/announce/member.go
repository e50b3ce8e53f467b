package announce

import (
	"math/rand/v2"
	"net/netip"
	"net/url"
	"slices"
	"strings"
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

	entries []*entry  // by tier, and in the order in which they are tried
	round   uint64    // a round ends with an answer, or when every entry was tried
	next    time.Time // when the next round begins

	view []swarm.Tracker // nil after a change
}

// entry is one tracker of one member.
type entry struct {
	member  *member
	raw     string
	url     *url.URL
	tier    int
	host    *host    // nil if refused
	proto   protocol // nil if refused
	refused string   // why it is never asked

	queue *queue // in which it waits, or nil
	index int
	due   time.Time

	flight     *flight
	started    bool // the tracker knows of us
	completing bool // it is still to be told of the completion
	trackerID  string

	round    uint64    // of the member, at the last try
	failures int       // in a row, of its own
	retryAt  time.Time // after a failure of its own
	earliest time.Time // before that, no regular announce
	restart  time.Time // before that, no other `started`

	health swarm.Tracker
	failed bool // the last announce did
}

// addTrackers appends to m the trackers that it does not have yet.
func (a *Announcer) addTrackers(m *member, tiers [][]string) {
	for tier, urls := range tiers {
		fresh := slices.Clone(urls)
		rand.Shuffle(len(fresh), func(i, j int) { fresh[i], fresh[j] = fresh[j], fresh[i] })
		for _, raw := range fresh {
			if !slices.ContainsFunc(m.entries, func(e *entry) bool { return e.raw == raw }) {
				m.entries = append(m.entries, a.newEntry(m, raw, tier))
			}
		}
	}
	slices.SortStableFunc(m.entries, func(x, y *entry) int { return x.tier - y.tier })
}

func (a *Announcer) newEntry(m *member, raw string, tier int) *entry {
	e := &entry{member: m, raw: raw, tier: tier}
	e.health = swarm.Tracker{URL: swarm.Clean(raw, maxErrorCells), Tier: tier}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		e.refused = "cannot read the address"
	case u.Host == "":
		e.refused = "the address names no host"
	default:
		e.url = u
		e.proto = a.proto[strings.ToLower(u.Scheme)]
		if e.proto == nil {
			e.refused = u.Scheme + " trackers are not supported"
		}
	}
	if e.refused != "" {
		e.health.LastError = swarm.Clean(e.refused, maxErrorCells)
		return e
	}
	name := strings.ToLower(u.Scheme + "://" + u.Host)
	e.host = a.hosts[name]
	if e.host == nil {
		e.host = &host{name: name, gap: publicGap}
		if isLoopback(u.Hostname()) {
			e.host.gap = loopbackGap
		}
		a.hosts[name] = e.host
	}
	e.host.entries++
	return e
}

func isLoopback(name string) bool {
	ip, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// backedOff is the time until which a failure holds back all but `stopped`.
func (e *entry) backedOff() time.Time { return latest(e.retryAt, e.host.retryAt) }

// notBefore is the time from which the next event may be sent: only regular
// announces and `started` wait for an interval.
func (e *entry) notBefore() time.Time {
	switch e.event() {
	case eventStopped:
		return time.Time{}
	case eventCompleted:
		return e.backedOff()
	}
	return latest(e.earliest, e.backedOff())
}

// event is what the tracker is to be told next.
func (e *entry) event() event {
	switch {
	case e.completing && e.started:
		return eventCompleted
	case !e.member.active:
		return eventStopped
	case !e.started:
		return eventStarted
	}
	return eventNone
}

// pick returns the entry that is asked next, and when: the first in order that
// was not tried in this round and is not backed off from when the round begins,
// else the one that may be asked soonest (BEP 12).
func (m *member) pick(now time.Time) (*entry, time.Time) {
	at := latest(now, m.next)
	var soonest *entry
	for _, e := range m.entries {
		switch {
		case e.refused != "":
			continue
		case e.round != m.round && !e.backedOff().After(at):
			return e, latest(at, e.earliest)
		case soonest == nil || e.notBefore().Before(soonest.notBefore()):
			soonest = e
		}
	}
	if soonest == nil {
		return nil, at
	}
	m.round++
	return soonest, latest(at, soonest.notBefore())
}

// hasten makes the next round begin now, back-off or not. It returns the time
// from which the minimum interval allows that, and false if there is no tracker to ask.
func (m *member) hasten(now time.Time) (at time.Time, ok bool) {
	for _, e := range m.entries {
		switch {
		case e.refused != "":
			continue
		case e.flight != nil:
			return now, true
		case !e.earliest.After(now):
			m.round++
			m.next = now
			e.retryAt, e.host.retryAt = time.Time{}, time.Time{}
			return now, true
		case !ok || e.earliest.Before(at):
			at, ok = e.earliest, true
		}
		if !e.failed {
			break
		}
	}
	return at, ok
}

// promote moves an entry that answered to the front of its tier (BEP 12).
func (m *member) promote(e *entry) {
	first := slices.IndexFunc(m.entries, func(x *entry) bool { return x.tier == e.tier })
	i := slices.Index(m.entries, e)
	copy(m.entries[first+1:i+1], m.entries[first:i])
	m.entries[first] = e
}

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}
