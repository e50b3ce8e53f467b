package tracker

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"swarmtop/swarm"
)

func TestFloodOfHashesLeavesTheStoreBounded(t *testing.T) {
	s := newStore(time.Hour)
	now := time.Unix(1e9, 0)
	for i := range uint32(maxPeers + maxPeers/4) {
		var a announce
		binary.BigEndian.PutUint32(a.hash[:], i)
		a.addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), 1)
		s.announce(a, now, nil)
	}
	st := s.stats()
	if st.Peers > maxPeers || st.Swarms > st.Peers {
		t.Errorf("%+v", st)
	}
	s.sweep(now.Add(2 * time.Hour))
	if st := s.stats(); st.Peers != 0 || st.Swarms != 0 {
		t.Errorf("after expiry: %+v", st)
	}
}

// The store agrees with a list of peers that is searched from end to end.
func TestStoreCountsAsAListWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type known struct {
			seeder bool
			seen   time.Time
		}
		const expiry = time.Minute
		s, model := newStore(expiry), map[peerKey]known{}
		now := time.Unix(1e9, 0)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "seconds")) * time.Second)
			a := announce{
				hash:   swarm.InfoHash{byte(rapid.IntRange(0, 2).Draw(t, "swarm"))},
				addr:   netip.AddrPortFrom(netip.IPv6LinkLocalAllNodes(), uint16(rapid.IntRange(1, 5).Draw(t, "port"))),
				seeder: rapid.Bool().Draw(t, "seeder"),
				event:  event(rapid.IntRange(0, 3).Draw(t, "event")),
				want:   rapid.IntRange(0, 6).Draw(t, "want"),
			}
			a.peerID[0] = byte(a.addr.Port())
			out, n := s.announce(a, now, nil)
			for k, p := range model {
				if p.seen.Before(now.Add(-expiry)) {
					delete(model, k)
				}
			}
			self := peerKey{a.hash, a.addr}
			if a.event == eventStopped {
				delete(model, self)
			} else {
				model[self] = known{a.seeder, now}
			}
			var want counts
			others := 0
			for k, p := range model {
				switch {
				case k.hash != a.hash:
					continue
				case p.seeder:
					want.seeders++
				default:
					want.leechers++
				}
				if k != self && !(a.seeder && p.seeder) {
					others++
				}
			}
			want.completed = n.completed
			if n != want {
				t.Fatalf("counts %+v, want %+v", n, want)
			}
			if a.event == eventStopped {
				others = 0
			}
			if len(out) != min(a.want, others) {
				t.Fatalf("%d peers of %d, want %d", len(out), others, a.want)
			}
			told := map[netip.AddrPort]bool{}
			for _, p := range out {
				if told[p.addr] || p.addr == a.addr {
					t.Fatalf("told of %v twice or of itself", p.addr)
				}
				told[p.addr] = true
			}
		}
	})
}

func TestPeersOnLoopbackAreShownToOthersByThePublicAddress(t *testing.T) {
	tr := &Tracker{public: netip.MustParseAddr("203.0.113.5")}
	for _, c := range []struct{ peer, client, want string }{
		{"127.0.0.1:9", "198.51.100.1", "203.0.113.5:9"},
		{"127.0.0.1:9", "127.0.0.2", "127.0.0.1:9"},
		{"127.0.0.1:9", "192.168.1.1", "127.0.0.1:9"},
		{"198.51.100.2:9", "198.51.100.1", "198.51.100.2:9"},
	} {
		if got := tr.seenFrom(netip.MustParseAddrPort(c.peer), netip.MustParseAddr(c.client)); got.String() != c.want {
			t.Errorf("%s from %s: %v, want %s", c.peer, c.client, got, c.want)
		}
	}
}

func FuzzRequests(f *testing.F) {
	f.Add("info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1&left=0&ip=10.0.0.1&compact=0", []byte{})
	f.Add("info_hash=%00%ff&info_hash=", append(make([]byte, 8), "\x00\x00\x00\x01abcd"...))
	f.Add("numwant=-1&event=stopped&key=%zz", append(make([]byte, 8), "\x00\x00\x00\x02abcdaaaaaaaaaaaaaaaaaaaa"...))
	from := netip.MustParseAddrPort("127.0.0.1:5")
	now := time.Unix(1e9, 0)
	f.Fuzz(func(t *testing.T, query string, packet []byte) {
		tr := &Tracker{cfg: Config{Interval: time.Minute, Now: func() time.Time { return now }}, store: newStore(time.Hour)}
		a, _, err := parseAnnounce(query, from.Addr())
		if err == nil && (a.addr.Port() == 0 || !a.addr.Addr().IsValid() || a.want < 0 || a.want > maxWant || len(a.key) > maxKey) {
			t.Errorf("%+v", a)
		}
		tr.announceHTTP(query, from)
		tr.scrapeHTTP(query, from)
		if len(packet) >= 8 { // let it pass the guard
			binary.BigEndian.PutUint64(packet, tr.ids.issue(from, now))
		}
		if out := tr.answerUDP(nil, nil, packet, from); len(out) > maxPacket {
			t.Errorf("%d bytes", len(out))
		}
		if st := tr.Stats(); st.Peers > 2 {
			t.Errorf("%+v", st)
		}
	})
}
