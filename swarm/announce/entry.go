package announce

import (
	"net/netip"
	"net/url"
	"strings"
	"time"

	"swarmtop/swarm"
)

// entry is one tracker of one member.
type entry struct {
	member  *member
	list    *list
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
	unwanted   bool // it wants no more announces (BEP 31)
	trackerID  string

	tried    uint64    // the round of the last try, counted from 1
	failures int       // in a row, of its own
	retryAt  time.Time // after a failure of its own
	earliest time.Time // before that, no regular announce
	restart  time.Time // before that, no other `started`

	scraper   *scraper // nil if the tracker has no scrape
	scrapedAt time.Time

	health swarm.Tracker
	failed bool // the last announce did
}

func (a *Announcer) newEntry(m *member, raw string) *entry {
	e := &entry{member: m, raw: raw}
	e.health = swarm.Tracker{URL: swarm.Clean(raw, maxErrorCells)}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		e.refused = "cannot read the address"
	case u.Hostname() == "":
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
		e.health.FailingSince = swarm.Known(a.cfg.Now())
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
	a.joinScrape(e)
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
