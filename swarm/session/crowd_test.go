package session

import (
	"testing"
	"time"

	"swarmtop/swarm"
)

func start() time.Time { return time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC) }

// crowdOf is a complete swarm of four pieces of 100 bytes with peers that have so many of them.
func crowdOf(uploaded int64, have ...int) *swarm.Swarm {
	s := &swarm.Swarm{State: swarm.Complete, Size: swarm.Known(int64(380))}
	s.Pieces.Count, s.Pieces.Length, s.Uploaded = 4, 100, uploaded
	for _, n := range have {
		s.Peers = append(s.Peers, swarm.Peer{Have: n})
	}
	return s
}

func TestCrowdSumsUpSteps(t *testing.T) {
	at := start()
	c := &crowd{start: at}
	c.put(at.Add(time.Second), traffic{came: 3}, crowdOf(0, 0, 1, 4))
	if got := c.latest(); len(got.Points) != 0 {
		t.Fatalf("a step that is not over is told: %+v", got)
	}
	c.put(at.Add(5*time.Second), traffic{came: 1, went: 2, gained: 200}, crowdOf(50, 1, 2))
	want := swarm.CrowdPoint{Arrived: 4, Left: 2, Leechers: 2, Needed: 280 + 180, Ours: 10, Others: 30, Offload: swarm.Known(0.75)}
	if got := c.latest(); len(got.Points) != 1 || got.Points[0] != want {
		t.Errorf("got %+v, want %+v", got.Points, want)
	}
	c.put(at.Add(20*time.Second), traffic{}, crowdOf(50, 4))
	got := c.latest().Points
	if len(got) != 4 || !got[1].Missing || !got[2].Missing || got[3].Seeds != 1 || got[3].Offload.IsKnown() {
		t.Errorf("after a sleep: %+v", got)
	}
}

func TestCrowdOfADownloadCountsWhatTheOriginGave(t *testing.T) {
	at := start()
	c := &crowd{start: at}
	s := crowdOf(0, 4)
	s.State, s.Downloaded = swarm.Downloading, 400
	s.WebSeeds = []swarm.WebSeed{{Downloaded: 100}}
	c.put(at.Add(5*time.Second), traffic{}, s)
	if p, ok := c.latest().Latest(); !ok || p.Offload != swarm.Known(0.75) {
		t.Errorf("%+v", p)
	}
}

func TestCrowdIsBoundedAndWhatWasPublishedStays(t *testing.T) {
	at := start()
	c := &crowd{start: at}
	var first swarm.Crowd
	for i := range 5 * crowdPoints {
		at = at.Add(crowdStep)
		c.put(at, traffic{came: i}, crowdOf(0))
		if i == 0 {
			first = c.latest()
		}
		if n := len(c.latest().Points); n > crowdPoints || cap(c.points) > 4*crowdPoints {
			t.Fatalf("%d points are told, there is room for %d", n, cap(c.points))
		}
	}
	if first.Points[0].Arrived != 0 || len(first.Points) != 1 {
		t.Error("a published crowd has changed")
	}
	for range crowdPoints {
		at = at.Add(crowdStep)
		c.put(at, traffic{}, crowdOf(0))
	}
	if !c.deserted() {
		t.Error("a crowd of nobody is kept")
	}
}

func TestRecentPutsDownSteps(t *testing.T) {
	const step = swarm.RecentStep
	var r recent
	at := start().Truncate(step)
	r.put(at, 0)
	r.put(at.Add(step-time.Second), 900)
	got := r.put(at.Add(step), 1500)
	want := 1500 / int64(step/time.Second)
	if last := got.Rate(swarm.RecentPoints - 1); last < want*9/10 || last > want*11/10 || got.Rate(0) != -1 {
		t.Errorf("1500 bytes in %v are %d a second", step, last)
	}
	if r.idle(at.Add(2 * step)) {
		t.Error("that nothing moves any more is not put down")
	}
	if got = r.put(at.Add(5*step), 1500); got.Rate(swarm.RecentPoints-1) != -1 {
		t.Error("what was slept through is not missing")
	}
	for i := range swarm.RecentPoints {
		r.put(at.Add(time.Duration(6+i)*step), 1500)
	}
	next := at.Add((6 + swarm.RecentPoints) * step)
	if !r.idle(next) || r.put(next.Add(step), 1500).Rate(0) != 0 {
		t.Error("a quiet swarm does not stay quiet")
	}
}
