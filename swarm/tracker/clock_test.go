package tracker

import (
	"net/netip"
	"testing"
	"time"

	"swarmtop/swarm"
)

// TestPeersOutlastAClockThatIsSetBack holds that peers are neither forgotten at once
// nor, when they announce no more, kept for longer than the expiry.
func TestPeersOutlastAClockThatIsSetBack(t *testing.T) {
	const expiry, year = time.Hour, 365 * 24 * time.Hour
	for _, back := range []time.Duration{time.Hour, year} {
		s := newStore(expiry)
		now := time.Unix(1.7e9, 0)
		joins := func(port uint16) counts {
			a := announce{hash: swarm.InfoHash{1}, addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), port), want: 9}
			a.peerID[0] = byte(port)
			_, n := s.announce(&a, now, nil)
			return n
		}
		joins(1)
		now = now.Add(10 * time.Minute)
		joins(2)
		now = now.Add(-back)
		if n := joins(3); n.leechers != 3 {
			t.Errorf("right after the clock was set back by %v there are %+v", back, n)
		}
		now = now.Add(expiry - 5*time.Minute)
		if n := s.scrape(swarm.InfoHash{1}, now); n.leechers != 2 {
			t.Errorf("an hour after its last announce the first peer is still there: %+v", n)
		}
		now = now.Add(10 * time.Minute)
		s.sweep(now)
		if st := s.stats(); st.Peers != 0 || st.Swarms != 0 {
			t.Errorf("an hour after the last announce there are %+v", st)
		}
	}
}

// TestPeersOutlastRequestsThatOvertakeOneAnother has two clocks a second apart.
func TestPeersOutlastRequestsThatOvertakeOneAnother(t *testing.T) {
	s := newStore(time.Minute)
	now := time.Unix(1.7e9, 0)
	a := announce{hash: swarm.InfoHash{1}, addr: netip.MustParseAddrPort("10.0.0.1:1")}
	s.announce(&a, now, nil)
	for range 40 {
		now = now.Add(time.Second)
		s.scrape(a.hash, now)
		s.scrape(a.hash, now.Add(-time.Second))
	}
	if n := s.scrape(a.hash, now); n.leechers != 1 {
		t.Errorf("after two thirds of its time the peer is gone: %+v", n)
	}
}

func TestAClockThatIsSetForwardEmptiesTheStoreOnce(t *testing.T) {
	s := newStore(time.Hour)
	now := time.Unix(1.7e9, 0)
	a := announce{hash: swarm.InfoHash{1}, addr: netip.MustParseAddrPort("10.0.0.1:1")}
	s.announce(&a, now, nil)
	now = now.Add(365 * 24 * time.Hour)
	if n := s.scrape(a.hash, now); n.leechers != 0 {
		t.Errorf("a peer of last year is handed out: %+v", n)
	}
	s.announce(&a, now, nil)
	if n := s.scrape(a.hash, now.Add(time.Minute)); n.leechers != 1 {
		t.Errorf("a peer of this year is not: %+v", n)
	}
}
