package swarm

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"
)

// TrackerHost sums up the trackers on one host and port over all swarms.
type TrackerHost struct {
	Host    string
	State   TrackerState // Failing when none works, TrackerWarns when some fail or warn
	Swarms  int          // that name it
	Working int          // of them, those that it answers
	Failing int          // of them, those that it fails

	Seeders  Opt[int] // sums of those that are known
	Leechers Opt[int]

	LatencyP50 Opt[time.Duration] // over the latest announces of all swarms
	LatencyP95 Opt[time.Duration]

	Worst *Tracker // of all of them, the one that wants most attention
	Swarm *Swarm   // whose tracker Worst is
}

// TrackerHosts rolls the trackers of swarms up by host, the worst first.
func TrackerHosts(swarms []Swarm) []TrackerHost {
	var hosts []TrackerHost
	at := map[string]int{}
	all := map[string][]*Tracker{}
	for i := range swarms {
		w := &swarms[i]
		for k := range w.Trackers {
			t := &w.Trackers[k]
			name := trackerHost(t.URL)
			n, ok := at[name]
			if !ok {
				n = len(hosts)
				at[name] = n
				hosts = append(hosts, TrackerHost{Host: name})
			}
			hosts[n].add(w, t)
			all[name] = append(all[name], t)
		}
	}
	for i := range hosts {
		h := &hosts[i]
		h.State = h.state()
		h.LatencyP50, h.LatencyP95 = hostLatencies(all[h.Host])
	}
	slices.SortStableFunc(hosts, func(a, b TrackerHost) int {
		return cmp.Or(
			cmp.Compare(b.Worst.Attention(), a.Worst.Attention()),
			cmp.Compare(b.share(), a.share()),
			strings.Compare(a.Host, b.Host))
	})
	return hosts
}

func (h *TrackerHost) add(w *Swarm, t *Tracker) {
	h.Swarms++
	switch {
	case t.Healthy():
		h.Working++
	case t.FailingSince.IsKnown() || t.State == Failing:
		h.Failing++
	}
	h.Seeders, h.Leechers = plus(h.Seeders, t.Seeders), plus(h.Leechers, t.Leechers)
	if h.Worst == nil || t.Attention() > h.Worst.Attention() {
		h.Worst, h.Swarm = t, w
	}
}

// share is the part of the swarms that the host fails.
func (h *TrackerHost) share() float64 { return float64(h.Failing) / float64(h.Swarms) }

func (h *TrackerHost) state() TrackerState {
	switch {
	case h.Failing > 0 && h.Working > 0:
		return TrackerWarns
	case h.Worst.State <= Updating && h.Working > 0:
		return Working
	}
	return h.Worst.State
}

// Attention orders trackers by how much of it they want; more wants more.
func (t *Tracker) Attention() int {
	switch {
	case t.State == Failing:
		return 5
	case t.Refused():
		return 4
	case t.State == TrackerWarns:
		return 3
	case t.State == Updating, t.State == Working:
		return 2
	case t.State == NeverTried:
		return 1
	}
	return 0
}

// trackerHost returns the host and port of a tracker's URL.
func trackerHost(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return raw
	}
	return strings.ToLower(u.Host)
}

// hostEntries bounds how many announces of a host its latency is told from.
const hostEntries = 2000

func hostLatencies(trackers []*Tracker) (p50, p95 Opt[time.Duration]) {
	each := max(hostEntries/len(trackers), 1)
	var latest []Announce
	for _, t := range trackers {
		if len(latest) >= hostEntries {
			break
		}
		latest = append(latest, t.History[max(0, len(t.History)-each):]...)
	}
	return Latencies(latest)
}

// Latencies returns the median and the 95th percentile (nearest rank) of how long
// the announces took that were answered; unknown when none was.
func Latencies(history []Announce) (p50, p95 Opt[time.Duration]) {
	answered := make([]time.Duration, 0, len(history))
	for _, a := range history {
		if !a.Outcome.Failed() {
			answered = append(answered, a.Latency)
		}
	}
	if len(answered) == 0 {
		return p50, p95
	}
	slices.Sort(answered)
	rank := func(q float64) Opt[time.Duration] {
		return Known(answered[int(math.Ceil(q*float64(len(answered))))-1])
	}
	return rank(0.5), rank(0.95)
}

// plus adds what is known.
func plus(a, b Opt[int]) Opt[int] {
	if n, ok := b.Get(); ok {
		return Known(a.Or(0) + n)
	}
	return a
}
