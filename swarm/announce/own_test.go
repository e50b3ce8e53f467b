package announce_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"swarmtop/swarm"
)

func TestOwnTrackersAreEachAnnouncedToWhateverTheTiersDo(t *testing.T) {
	s := newScript()
	for _, host := range []string{"own1", "own2", "a"} {
		s.on(host, ok(1800))
	}
	s.on("dead", down)
	bubble(t, s, func(b *bench) {
		b.Add(hashA, []string{"http://own1/announce", "http://dead/announce", "http://own2/announce"},
			[][]string{{"http://a/announce"}, {"http://b/announce"}}, true)
		pass(time.Second)
		for _, host := range []string{"own1", "own2", "a", "dead"} {
			if got := s.events(host); got != "started" {
				t.Errorf("%s got %s", host, got)
			}
		}
		rows := b.Trackers(hashA)
		if !rows[0].Own || !rows[2].Own || rows[3].Own || rows[0].URL != "http://own1/announce" || rows[4].State != swarm.NeverTried {
			t.Errorf("%+v", rows)
		}
		if v := swarm.TrackersVerdict(rows); v != swarm.Fine {
			t.Errorf("verdict %v", v)
		}
		if asked, held, _ := b.Reannounce(hashA); asked != 0 || held != 4 {
			t.Errorf("asked %d, held %d", asked, held)
		}
		pass(2 * time.Minute)
		if asked, held, _ := b.Reannounce(hashA); asked != 3 || held != 1 { // the dead one was tried just now
			t.Errorf("later: asked %d, held %d", asked, held)
		}
	})
}

func TestTrackerThatTurnsOutToBeOursLeavesItsTier(t *testing.T) {
	s := newScript()
	s.on("a", ok(1800))
	s.on("b", ok(1800))
	bubble(t, s, func(b *bench) {
		tiers := [][]string{{"http://a/announce"}, {"http://b/announce"}}
		b.Add(hashA, nil, tiers, true)
		pass(time.Second)
		b.Add(hashA, []string{"http://a/announce"}, tiers, true)
		pass(3 * time.Minute)
		if rows := b.Trackers(hashA); len(rows) != 2 || !rows[0].Own || rows[0].URL != "http://a/announce" {
			t.Errorf("%+v", rows)
		}
		if s.events("a") == "" || s.events("b") != "started" {
			t.Errorf("a got %q, b %q", s.events("a"), s.events("b"))
		}
	})
}

// Whatever a tracker answers, it is asked again within half an hour of a failure
// (and the wait starts afresh after an answer), and an own one that works never
// waits for others.
func TestBackOffIsBoundedAndHoldsOnlyTheTrackerThatFails(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan := rapid.SliceOfN(rapid.SampledFrom([]reply{
			{status: 500}, {body: "x"}, {err: errRefused}, {body: "d14:failure reason1:xe"}, {},
		}), 1, 30).Draw(rt, "answers")
		s := newScript()
		s.on("good", ok(600))
		var failed []bool
		s.on("bad", func(n int, g seen) reply {
			r := plan[(n-1)%len(plan)]
			if r == (reply{}) {
				r = ok(600)(n, g)
			}
			failed = append(failed, plan[(n-1)%len(plan)] != reply{})
			return r
		})
		synctest.Test(t, func(t *testing.T) {
			b := start(t, s)
			defer b.stop()
			b.Add(hashA, []string{"http://bad/", "http://good/"}, nil, true)
			pass(3 * time.Hour)
			if n := len(s.to("good")); n < 3*6-3 || n > 3*6+1 {
				rt.Fatalf("the good one was asked %d times in 3 h", n)
			}
		})
		bad := s.to("bad")
		row := 0
		for i := 1; i < len(bad) && bad[i].event() != "stopped"; i++ {
			d := bad[i].at.Sub(bad[i-1].at)
			most := 10*time.Minute + time.Minute
			if failed[i-1] {
				row++
				most = min(5*time.Second<<min(row-1, 12)*12/10, 30*time.Minute) + time.Minute // and the least gap
			} else {
				row = 0
			}
			if d > most {
				rt.Fatalf("after %d failures in a row it was asked again after %v, want %v at most", row, d, most)
			}
		}
		if len(bad) < 4 {
			rt.Fatalf("%s: %d announces in 3 h", fmt.Sprint(plan), len(bad))
		}
	})
}
