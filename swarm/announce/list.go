package announce

import (
	"slices"
	"time"
)

// list is trackers of a swarm of which one is asked at a time, as BEP 12 has it:
// those of the torrent, or one of our own by itself, which is announced to whatever
// the others do.
type list struct {
	entries []*entry  // by tier, and in the order in which they are tried
	round   uint64    // a round ends with an answer, or when every entry was tried
	next    time.Time // when the next round begins
}

// asking tells whether a regular announce is under way.
func (l *list) asking() bool {
	return slices.ContainsFunc(l.entries, func(e *entry) bool { return e.flight != nil && e.flight.event != eventStopped })
}

// pick returns the entry that is asked next, and when: the first in order that
// was not tried in this round and is not backed off from when the round begins,
// else the one that may be asked soonest (BEP 12).
func (l *list) pick(now time.Time) (*entry, time.Time) {
	at := latest(now, l.next)
	var soonest *entry
	for _, e := range l.entries {
		switch {
		case e.refused != "" || e.unwanted:
			continue
		case e.tried != l.round+1 && !e.backedOff().After(at):
			return e, latest(at, e.earliest)
		case soonest == nil || e.notBefore().Before(soonest.notBefore()):
			soonest = e
		}
	}
	if soonest == nil {
		return nil, at
	}
	l.round++
	return soonest, latest(at, soonest.notBefore())
}

// hasten makes the next round begin now, back-off or not. It returns the time
// from which the minimum interval allows that, and false if there is no tracker to ask.
func (l *list) hasten(now time.Time) (at time.Time, ok bool) {
	for _, e := range l.entries {
		switch {
		case e.refused != "":
			continue
		case e.flight != nil:
			return now, true
		case !e.earliest.After(now):
			l.round++
			l.next = now
			e.unwanted, e.retryAt, e.host.retryAt = false, time.Time{}, time.Time{}
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
func (l *list) promote(e *entry) {
	first := slices.IndexFunc(l.entries, func(x *entry) bool { return x.tier == e.tier })
	i := slices.Index(l.entries, e)
	copy(l.entries[first+1:i+1], l.entries[first:i])
	l.entries[first] = e
}

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}
