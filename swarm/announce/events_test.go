package announce_test

import (
	"testing"
	"time"

	"swarmtop/swarm"
)

func TestWhoeverCompletesLooksForNobody(t *testing.T) {
	s := newScript()
	s.on("t", ok(1800))
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(time.Second)
		b.Completed(hashA)
		pass(time.Minute)
		last := s.to("t")[len(s.to("t"))-1]
		if last.event() != "completed" || last.query.Get("numwant") != "0" || len(b.swarms.found) != 1 {
			t.Errorf("event %q, numwant %q, found %v", last.event(), last.query.Get("numwant"), b.swarms.found)
		}
	})
}

func TestEventsComeInOrder(t *testing.T) {
	s := newScript()
	s.on("t", ok(120))
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(130 * time.Second)
		b.Completed(hashA)
		b.Completed(hashA)
		pass(time.Second)
		b.SetActive(hashA, false)
		pass(time.Hour)
		if got := s.events("t"); got != "started - completed stopped" {
			t.Errorf("before the pause: %s", got)
		}
		if st := b.row("t").State; st != swarm.Disabled {
			t.Errorf("paused: %v", st)
		}
		b.SetActive(hashA, true)
		pass(time.Second)
		b.Remove(hashA)
		pass(time.Second)
		if got := s.events("t"); got != "started - completed stopped started stopped" {
			t.Errorf("all: %s", got)
		}
		if rows := b.Trackers(hashA); rows != nil {
			t.Errorf("a removed swarm has rows: %v", rows)
		}
	})
}

func TestCompletedOfAPausedSwarmIsToldBeforeStopped(t *testing.T) {
	s := newScript()
	s.on("t", ok(120))
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(time.Second)
		b.Completed(hashA)
		b.SetActive(hashA, false)
		pass(time.Second)
		if got := s.events("t"); got != "started completed stopped" {
			t.Error(got)
		}
	})
}

func TestTogglingFastSendsStartedAtMostOnceAMinute(t *testing.T) {
	s := newScript()
	s.on("t", ok(1800))
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		for range 100 {
			pass(time.Second)
			b.SetActive(hashA, false)
			pass(time.Second)
			b.SetActive(hashA, true)
		}
		var last time.Time
		n := 0
		for _, g := range s.to("t") {
			if g.event() != "started" {
				continue
			}
			if g.at.Sub(last) < time.Minute {
				t.Errorf("started again after %v", g.at.Sub(last))
			}
			last = g.at
			n++
		}
		if n < 3 {
			t.Errorf("%d times started in 200 s, want one a minute", n)
		}
	})
}

func TestCompletedGoesOnlyToTrackersThatSawTheStart(t *testing.T) {
	s := newScript()
	s.on("a", func(int, seen) reply { return reply{status: 503} })
	s.on("b", ok(120))
	s.on("c", ok(120))
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{"http://a/announce"}, {"http://b/announce"}, {"http://c/announce"}}, true)
		pass(time.Second)
		b.Completed(hashA)
		b.Remove(hashA)
		pass(10 * time.Minute)
		if got := s.events("a"); got != "started" {
			t.Errorf("a got %s", got)
		}
		if got := s.events("b"); got != "started completed stopped" {
			t.Errorf("b got %s", got)
		}
		if got := s.events("c"); got != "" {
			t.Errorf("c got %s", got)
		}
	})
}

func TestSwarmTakenUpAgainWhileStoppingIsStartedAfterwards(t *testing.T) {
	s := newScript()
	s.on("t", func(n int, g seen) reply {
		r := ok(1800)(n, g)
		r.after = time.Second
		return r
	})
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(2 * time.Minute)
		b.Remove(hashA)
		pass(time.Millisecond)
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(2 * time.Minute)
		if got := s.events("t"); got != "started stopped started" {
			t.Error(got)
		}
		if s.most["t"] != 1 {
			t.Errorf("%d announces at once", s.most["t"])
		}
	})
}
