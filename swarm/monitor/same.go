package monitor

import (
	"maps"
	"reflect"

	"swarmtop/swarm"
)

// parts are what the sources gave: all that a snapshot is joined from.
type parts struct {
	swarms    []swarm.Swarm
	trackers  int // turn
	responses served
	probes    []swarm.Probe
}

func (m *Monitor) parts() parts {
	return parts{m.swarms.good, m.trackers.good.turn, m.responses.good, m.probes.good}
}

// same tells whether nothing has changed. Sources that hand out the same slice again
// say so by that.
func (p parts) same(o parts) bool {
	r, q := p.responses, o.responses
	return sameSlice(p.swarms, o.swarms) && p.trackers == o.trackers &&
		r.responses.Count == q.responses.Count && r.responses.Verdict == q.responses.Verdict &&
		sameMap(r.verdicts, q.verdicts) && reflect.DeepEqual(p.probes, o.probes)
}

// sameSlice tells whether two slices are one.
func sameSlice[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// sameMap tells whether two maps hold the same. One that is handed out again says so by that.
func sameMap[K, V comparable](a, b map[K]V) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer() || maps.Equal(a, b)
}

// alike tells whether a source fares as it did.
func alike(a, b swarm.SourceHealth) bool { return a.Name == b.Name && a.Error == b.Error }

// trackers are those of every swarm. turn grows when they are others.
type trackers struct {
	of   map[swarm.InfoHash][]swarm.Tracker
	turn int

	rows   []swarm.Swarm // of which they are
	source uint64        // turn of the source
}

// sampleTrackers asks for the trackers of every swarm, and keeps the map of the last
// time as long as they are the same.
func (m *Monitor) sampleTrackers() trackers {
	last, rows, source := m.trackers.good, m.swarms.good, m.cfg.Trackers.Turn()
	if last.of != nil && source == last.source && sameSlice(rows, last.rows) {
		return last
	}
	all := make([][]swarm.Tracker, len(rows))
	same := len(last.of) == len(rows)
	for i := range rows {
		all[i] = m.cfg.Trackers.Trackers(rows[i].InfoHash)
		was, known := last.of[rows[i].InfoHash]
		same = same && known && sameSlice(was, all[i])
	}
	if same {
		last.rows, last.source = rows, source
		return last
	}
	of := make(map[swarm.InfoHash][]swarm.Tracker, len(rows))
	for i := range rows {
		of[rows[i].InfoHash] = all[i]
	}
	return trackers{of, last.turn + 1, rows, source}
}
