package swarm_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"swarmtop/swarm"
)

func TestHostsAreRolledUpWorstFirst(t *testing.T) {
	since := swarm.Known(time.Unix(1, 0))
	ok := func(url string, seeders int, latencies ...time.Duration) swarm.Tracker {
		t := swarm.Tracker{URL: url, State: swarm.Working, Seeders: swarm.Known(seeders)}
		for _, l := range latencies {
			t.History = append(t.History, swarm.Announce{Latency: l})
		}
		return t
	}
	bad := func(url string) swarm.Tracker {
		return swarm.Tracker{URL: url, State: swarm.Failing, FailingSince: since, LastError: "HTTP 500"}
	}
	swarms := []swarm.Swarm{
		{Name: "a", Trackers: []swarm.Tracker{ok("http://good:1/announce", 3, 1, 2, 3), bad("udp://dead:9"), bad("http://half/announce")}},
		{Name: "b", Trackers: []swarm.Tracker{ok("HTTP://GOOD:1/other", 4, 4), ok("http://half/announce", 1), {URL: "http://no/announce", State: swarm.Disabled, FailingSince: since}}},
		{Name: "c", Trackers: []swarm.Tracker{{URL: "http://rest/announce", State: swarm.Disabled}}},
	}
	hosts := swarm.TrackerHosts(swarms)
	type want struct {
		host                     string
		state                    swarm.TrackerState
		swarms, working, failing int
	}
	for i, w := range []want{
		{"dead:9", swarm.Failing, 1, 0, 1},
		{"half", swarm.TrackerWarns, 2, 1, 1},
		{"no", swarm.Disabled, 1, 0, 1},
		{"good:1", swarm.Working, 2, 2, 0},
		{"rest", swarm.Disabled, 1, 0, 0},
	} {
		h := hosts[i]
		if got := (want{h.Host, h.State, h.Swarms, h.Working, h.Failing}); got != w {
			t.Errorf("host %d: %+v, want %+v", i, got, w)
		}
	}
	if h := hosts[3]; h.Seeders.Or(-1) != 7 || h.Leechers.IsKnown() || h.LatencyP50.Or(0) != 2 || h.LatencyP95.Or(0) != 4 {
		t.Errorf("%+v", h)
	}
	if h := hosts[1]; h.Worst.LastError != "HTTP 500" || h.Swarm.Name != "a" {
		t.Errorf("%+v", h)
	}
}

func TestLatenciesAreThoseOfAnswersAndInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var history []swarm.Announce
		answered := 0
		for range rapid.IntRange(0, 60).Draw(t, "announces") {
			a := swarm.Announce{
				Outcome: rapid.SampledFrom([]swarm.Outcome{swarm.AnswerOK, swarm.AnswerSlow, swarm.FailedTimeout}).Draw(t, "outcome"),
				Latency: time.Duration(rapid.IntRange(1, 1000).Draw(t, "latency")),
			}
			if !a.Outcome.Failed() {
				answered++
			}
			history = append(history, a)
		}
		p50, p95 := swarm.Latencies(history)
		if p50.IsKnown() != (answered > 0) || p95.IsKnown() != (answered > 0) {
			t.Fatalf("%d answers: %v, %v", answered, p50, p95)
		}
		count := func(limit time.Duration) (n int) {
			for _, a := range history {
				if !a.Outcome.Failed() && a.Latency <= limit {
					n++
				}
			}
			return n
		}
		if answered > 0 && (2*count(p50.Or(0)) < answered || 20*count(p95.Or(0)) < 19*answered || p95.Or(0) < p50.Or(0)) {
			t.Fatalf("p50 %v, p95 %v of %v", p50, p95, history)
		}
	})
}

func TestVerdictOfASwarmWhoseTrackersMayNotBeAsked(t *testing.T) {
	refused := swarm.Tracker{State: swarm.Disabled, FailingSince: swarm.Known(time.Unix(1, 0)), LastError: "address 10.0.0.1 is refused"}
	atRest := swarm.Tracker{State: swarm.Disabled, LastError: "of long ago"}
	working := swarm.Tracker{State: swarm.Working}
	for _, c := range []struct {
		trackers []swarm.Tracker
		want     swarm.Verdict
	}{
		{[]swarm.Tracker{refused}, swarm.Bad},
		{[]swarm.Tracker{atRest}, swarm.VerdictUnknown},
		{[]swarm.Tracker{refused, working}, swarm.Fine},
	} {
		if got := swarm.TrackersVerdict(c.trackers); got != c.want {
			t.Errorf("%+v: %v, want %v", c.trackers, got, c.want)
		}
	}
	state, reason := swarm.Diagnose(&swarm.Swarm{State: swarm.Downloading, Trackers: []swarm.Tracker{refused}}, false)
	if state != swarm.Stalled || reason != "tracker not asked: address 10.0.0.1 is refused" {
		t.Errorf("%v, %q", state, reason)
	}
}
