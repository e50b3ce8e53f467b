package announce_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"swarmtop/swarm"
)

var down = func(int, seen) reply { return reply{status: 503} }

func TestFirstTierThatWorksWins(t *testing.T) {
	s := newScript()
	s.on("a", down)
	s.on("b", ok(1800))
	s.on("c", ok(1800))
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{"http://a/announce"}, {"http://b/announce"}, {"http://c/announce"}}, true)
		pass(5 * time.Hour)
		if st := b.row("c").State; st != swarm.NeverTried || len(s.to("c")) != 0 {
			t.Errorf("c: %v, %d announces", st, len(s.to("c")))
		}
		if st := b.row("b").State; st != swarm.Working {
			t.Errorf("b: %v", st)
		}
		if r := b.row("a"); r.State != swarm.Failing || r.LastError != "HTTP 503 Service Unavailable" || !r.NextAnnounce.IsKnown() {
			t.Errorf("a: %+v", r)
		}
		if v := swarm.TrackersVerdict(b.Trackers(hashA)); v != swarm.Fine {
			t.Errorf("verdict %v", v)
		}
		if a, b := len(s.to("a")), len(s.to("b")); a != b {
			t.Errorf("the first tier was asked %d times, the second %d times: each round begins at the first", a, b)
		}
	})
}

func TestWhatAnsweredIsPromotedWithinItsTier(t *testing.T) {
	s := newScript()
	s.on("a", down)
	s.on("b", ok(60))
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{"http://a/announce", "http://b/announce"}}, true)
		pass(2 * time.Hour)
		if n := len(s.to("a")); n > 1 {
			t.Errorf("a was asked %d times although b works", n)
		}
		if rows := b.Trackers(hashA); !strings.Contains(rows[0].URL, "//b/") {
			t.Errorf("first is %s", rows[0].URL)
		}
	})
}

func TestTiersAreShuffled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, newScript())
		defer b.stop()
		first := map[string]int{}
		for i := range 200 {
			h := swarm.InfoHash{byte(i), 9}
			b.Add(h, nil, [][]string{{"http://a/announce", "http://b/announce"}}, false)
			first[b.Trackers(h)[0].URL]++
		}
		if len(first) != 2 {
			t.Errorf("first in its tier: %v", first)
		}
	})
}

func TestAddingAgainMergesTrackers(t *testing.T) {
	s := newScript()
	s.on("a", down)
	s.on("b", ok(1800))
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{"http://a/announce"}}, true)
		pass(time.Second)
		b.Add(hashA, nil, [][]string{{"http://a/announce"}, {"http://b/announce"}}, true)
		pass(time.Second)
		if rows := b.Trackers(hashA); len(rows) != 2 || rows[1].Tier != 1 || rows[1].State != swarm.Working {
			t.Errorf("%+v", rows)
		}
	})
}

func TestUnsupportedTrackersAreDisabledAndSaySo(t *testing.T) {
	s := newScript()
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{"wss://a/announce", "udp://a:1", "http:///announce", "::", "http://%zz/"}}, true)
		pass(time.Hour)
		for _, r := range b.Trackers(hashA) {
			if r.State != swarm.Disabled || r.LastError == "" {
				t.Errorf("%+v", r)
			}
		}
		if asked, held, _ := b.Reannounce(hashA); asked+held != 0 {
			t.Errorf("asked %d, held %d", asked, held)
		}
	})
}

// A host that cannot be reached is left alone for longer and longer, and for
// all swarms alike; it starts afresh once it answers.
func TestBackOffGrowsToHalfAnHourAndEndsWithAnAnswer(t *testing.T) {
	s := newScript()
	var healed atomic.Bool
	refused := fmt.Errorf("dial: %w", errRefused)
	s.on("t", func(n int, g seen) reply {
		if healed.Load() {
			return ok(1800)(n, g)
		}
		return reply{err: refused}
	})
	bubble(t, s, func(b *bench) {
		for i := range 50 {
			b.Add(swarm.InfoHash{byte(i + 1)}, nil, [][]string{{urlT}}, true)
		}
		pass(5 * time.Hour)
		var rounds []time.Time
		for _, g := range s.to("t") {
			if len(rounds) == 0 || g.at.After(rounds[len(rounds)-1]) {
				rounds = append(rounds, g.at)
			}
		}
		if len(rounds) < 12 || len(rounds) > 25 {
			t.Errorf("asked at %d times in 5 h", len(rounds))
		}
		last := time.Duration(0)
		for i := 1; i < len(rounds); i++ {
			d := rounds[i].Sub(rounds[i-1])
			if d < 4*time.Second || d > 30*time.Minute || last < 5*time.Minute && d < last {
				t.Errorf("wait %d is %v after %v", i, d, last)
			}
			last = d
		}
		healed.Store(true)
		pass(31 * time.Minute)
		for i := range 50 {
			if r := b.Trackers(swarm.InfoHash{byte(i + 1)})[0]; r.State != swarm.Working {
				t.Fatalf("swarm %d: %v", i, r.State)
			}
		}
		if n := len(b.events); n != 2 || !strings.Contains(b.events[0], "fails") || !strings.Contains(b.events[1], "answers again") {
			t.Errorf("events: %q", b.events)
		}
	})
}

func TestRetryInIsObeyed(t *testing.T) {
	s := newScript()
	s.on("t", func(int, seen) reply { return reply{body: "d14:failure reason4:busy8:retry ini90ee"} })
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(3 * time.Hour)
		got := s.to("t")
		if d := got[1].at.Sub(got[0].at); d != 90*time.Minute {
			t.Errorf("asked again after %v", d)
		}
		if r := b.row("t"); r.LastError != "refused: busy; it wants to be asked again in 90 min" {
			t.Error(r.LastError)
		}
	})
}

func TestTrackerThatWantsNoMoreAnnouncesGetsNoneUnlessTheUserAsks(t *testing.T) {
	s := newScript()
	s.on("t", func(int, seen) reply { return reply{body: "d14:failure reason4:gone8:retry in5:nevere"} })
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(100 * time.Hour)
		r := b.row("t")
		if len(s.to("t")) != 1 || r.State != swarm.Disabled || !r.Refused() || r.LastError != "refused: gone; it never wants to be asked again" {
			t.Errorf("%d announces, %v %q", len(s.to("t")), r.State, r.LastError)
		}
		if v := swarm.TrackersVerdict(b.Trackers(hashA)); v != swarm.Bad {
			t.Errorf("verdict %v", v)
		}
		if asked, held, _ := b.Reannounce(hashA); asked != 1 || held != 0 {
			t.Errorf("asked %d, held %d", asked, held)
		}
		pass(time.Second)
		if n := len(s.to("t")); n != 2 {
			t.Errorf("%d announces", n)
		}
	})
}

// Whatever the trackers do, a swarm asks one at a time, asks none twice within
// a minute, and finds the working one if there is any.
func TestAWorkingTrackerIsFound(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(rt, "trackers")
		works := rapid.IntRange(0, n-1).Draw(rt, "works")
		s := newScript()
		tiers := make([][]string, rapid.IntRange(1, 3).Draw(rt, "tiers"))
		for i := range n {
			host := fmt.Sprintf("h%d", i)
			tier := rapid.IntRange(0, len(tiers)-1).Draw(rt, "tier")
			tiers[tier] = append(tiers[tier], "http://"+host+"/announce")
			bad := rapid.SampledFrom([]reply{{status: 500}, {status: 404}, {body: "x"}, {err: errRefused}, {after: time.Hour}, {body: "d14:failure reason1:xe"}}).Draw(rt, "failure")
			s.on(host, func(int, seen) reply { return bad })
			if i == works {
				s.on(host, ok(rapid.IntRange(-1, 4000).Draw(rt, "interval")))
			}
		}
		synctest.Test(t, func(t *testing.T) {
			b := start(t, s)
			defer b.stop()
			b.Add(hashA, nil, tiers, true)
			pass(2 * time.Minute)
			good := fmt.Sprintf("h%d", works)
			if st := b.row(good).State; st != swarm.Working {
				rt.Fatalf("%s is %v", good, st)
			}
			pass(3 * time.Hour)
		})
		for _, tier := range tiers {
			for _, raw := range tier {
				u, _ := url.Parse(raw)
				got := s.to(u.Host)
				regular := slices.DeleteFunc(got, func(g seen) bool { return g.event() == "stopped" })
				for i := 1; i < len(regular); i++ {
					if d := regular[i].at.Sub(regular[i-1].at); d < 4*time.Second {
						rt.Fatalf("%s asked again after %v", u.Host, d)
					}
				}
				if s.most[u.Host] > 1 {
					rt.Fatalf("%s asked twice at once", u.Host)
				}
			}
		}
	})
}
