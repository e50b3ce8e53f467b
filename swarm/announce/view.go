package announce

import "swarmtop/swarm"

// render returns the member's trackers as they stand.
func (m *member) render() []swarm.Tracker {
	view := make([]swarm.Tracker, 0, len(m.entries))
	for _, e := range m.entries {
		t := e.health
		t.History = t.History[:len(t.History):len(t.History)]
		t.State = e.state()
		if t.State == swarm.Failing && !e.failed { // another swarm found out
			t.LastError, t.FailingSince = e.host.err, swarm.Known(e.host.since)
		}
		switch {
		case e.queue != nil:
			t.NextAnnounce = swarm.Known(e.due)
		case t.State == swarm.Failing:
			t.NextAnnounce = swarm.Known(latest(m.next, e.backedOff()))
		}
		view = append(view, t)
	}
	return view
}

func (e *entry) state() swarm.TrackerState {
	last := len(e.health.History) - 1
	switch {
	case e.refused != "":
		return swarm.Disabled
	case e.flight != nil:
		return swarm.Updating
	case !e.member.active:
		return swarm.Disabled
	case last >= 0 && e.health.History[last].Outcome == swarm.FailedBlocked:
		return swarm.Disabled
	case e.failed, e.host.failures > 1, last < 0 && e.host.failures > 0:
		return swarm.Failing
	case last < 0:
		return swarm.NeverTried
	case e.health.Warning != "":
		return swarm.TrackerWarns
	}
	return swarm.Working
}
