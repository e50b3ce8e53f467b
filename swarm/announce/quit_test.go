package announce_test

import (
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/announce"
)

func TestQuitSendsStoppedWithinTheBound(t *testing.T) {
	s := newScript()
	s.on("good", ok(1800))
	hang := func(n int, g seen) reply {
		if g.event() == "stopped" {
			return reply{after: time.Hour}
		}
		return ok(1800)(n, g)
	}
	s.on("hangs", hang)
	s.on("silent", func(int, seen) reply { return reply{after: time.Hour} })
	bubble(t, s, func(b *bench) {
		b.Add(swarm.InfoHash{1}, nil, [][]string{{"http://good/announce"}}, true)
		b.Add(swarm.InfoHash{2}, nil, [][]string{{"http://hangs/announce"}}, true)
		pass(time.Second)
		b.Add(swarm.InfoHash{3}, nil, [][]string{{"http://silent/announce"}}, true)
		pass(time.Second)
		before := time.Now()
		b.stop()
		if d := time.Since(before); d > announce.StopTimeout {
			t.Errorf("quit took %v", d)
		}
		for _, host := range []string{"good", "hangs", "silent"} {
			if got := s.events(host); got != "started stopped" {
				t.Errorf("%s got %s", host, got)
			}
		}
	})
}

func TestQuitTellsAThousandSwarmsTrackerWithinTheBound(t *testing.T) {
	s := newScript()
	s.on("t", func(n int, g seen) reply {
		r := ok(1800)(n, g)
		r.after = 50 * time.Millisecond
		return r
	})
	bubble(t, s, func(b *bench) {
		for i := range 1000 {
			b.Add(swarm.InfoHash{1, byte(i >> 8), byte(i)}, nil, [][]string{{urlT}}, true)
		}
		pass(5 * time.Second)
		before := time.Now()
		b.stop()
		if d := time.Since(before); d > announce.StopTimeout {
			t.Errorf("quit took %v", d)
		}
		stopped := 0
		for _, g := range s.to("t") {
			if g.event() == "stopped" {
				stopped++
			}
		}
		if stopped != 1000 {
			t.Errorf("%d of 1000 swarms were stopped", stopped)
		}
	})
}

func TestQuitDoesNotWaitWithoutNeed(t *testing.T) {
	s := newScript()
	s.on("t", ok(1800))
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(time.Second)
		before := time.Now()
		b.stop()
		if d := time.Since(before); d != 0 {
			t.Errorf("quit took %v", d)
		}
	})
}
