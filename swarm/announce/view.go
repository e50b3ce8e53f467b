package announce

import (
	"time"

	"swarmtop/swarm"
)

// render returns the member's trackers as they stand.
func (m *member) render() []swarm.Tracker {
	view := make([]swarm.Tracker, 0, len(m.own)+len(m.tiers.entries))
	for e := range m.entries() {
		t := e.health
		t.History = t.History[:len(t.History):len(t.History)]
		t.LatencyP50, t.LatencyP95 = swarm.Latencies(t.History)
		t.State = e.state()
		switch {
		case t.State == swarm.Failing && !e.failed && e.host.failures > 0: // another swarm found out
			t.LastError, t.FailingSince = e.host.err, swarm.Known(e.host.since)
		case t.State == swarm.Failing && !e.failed: // the scrape did
			t.LastError, t.FailingSince = "scrape: "+t.ScrapeError, swarm.Known(e.scraper.down)
		case t.State == swarm.Disabled && !e.barred(): // at rest, whatever came before
			t.FailingSince = swarm.Opt[time.Time]{}
		}
		switch {
		case e.queue != nil:
			t.NextAnnounce = swarm.Known(e.due)
		case t.State == swarm.Failing:
			t.NextAnnounce = swarm.Known(latest(e.list.next, e.backedOff()))
		}
		view = append(view, t)
	}
	return view
}

func (e *entry) state() swarm.TrackerState {
	never := len(e.health.History) == 0
	switch {
	case e.refused != "":
		return swarm.Disabled
	case e.flight != nil:
		return swarm.Updating
	case !e.member.active, e.barred():
		return swarm.Disabled
	case e.failed, e.host.failures > 1, never && e.host.failures > 0:
		return swarm.Failing
	case never && e.scraper != nil && !e.scraper.down.IsZero():
		return swarm.Failing
	case never && e.health.LastScrape.IsKnown():
		return swarm.Working // in a tier that is left alone
	case never:
		return swarm.NeverTried
	case e.health.Warning != "":
		return swarm.TrackerWarns
	}
	return swarm.Working
}

// barred tells whether the tracker is not asked because it may not be.
func (e *entry) barred() bool {
	last := len(e.health.History) - 1
	return e.refused != "" || e.unwanted || last >= 0 && e.health.History[last].Outcome == swarm.FailedBlocked
}
