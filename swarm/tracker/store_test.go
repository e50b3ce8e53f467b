package tracker

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"
	"pgregory.net/rapid"

	"swarmtop/swarm"
)

// A million hashes that nobody has seen before take no more room than the store
// has when it is full, and none at all if only published ones are served.
func TestFloodOfHashesTakesBoundedMemory(t *testing.T) {
	const million = 1_000_000
	from := netip.MustParseAddrPort("10.0.0.1:5")
	for _, c := range []struct {
		name           string
		allowed        func(swarm.InfoHash) bool
		first, further int64 // bytes: until the store is full, and from then on
		peers          int
		hashes         uint32
	}{
		{"with --open-tracker", nil, maxPeers * 450, maxPeers * 40, maxPeers, million},
		{"with a list", func(swarm.InfoHash) bool { return false }, 1 << 20, 1 << 20, 0, million / 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := &Tracker{
				cfg:   Config{Interval: time.Hour, Now: func() time.Time { return time.Unix(1e9, 0) }, Allowed: c.allowed},
				store: newStore(time.Hour), ids: newConnectionIDs(),
			}
			packet := make([]byte, 98)
			binary.BigEndian.PutUint64(packet, tr.ids.issue(from, tr.cfg.Now()))
			packet[11], packet[97] = actionAnnounce, 1
			out := make([]byte, 0, maxPacket)
			n := uint32(0)
			flood := func(hashes uint32) {
				for end := n + hashes; n < end; n++ {
					binary.BigEndian.PutUint32(packet[16:], n)
					tr.answerUDP(out, nil, packet, from)
				}
			}
			began := heap()
			flood(c.hashes / 4)
			full := heap()
			flood(c.hashes / 4 * 3)
			end := heap()
			t.Logf("%d bytes after %d hashes, %d after %d", full-began, c.hashes/4, end-began, n)
			if full-began > c.first || end-full > c.further {
				t.Errorf("%d bytes and then %d more, want at most %d and %d", full-began, end-full, c.first, c.further)
			}
			if st := tr.Stats(); st.Peers > c.peers || st.Swarms > c.peers || st.Peers < c.peers*9/10 {
				t.Errorf("%+v", st)
			}
			tr.store.sweep(tr.cfg.Now().Add(2 * time.Hour))
			if st := tr.Stats(); st.Peers != 0 || st.Swarms != 0 {
				t.Errorf("after expiry: %+v", st)
			}
		})
	}
}

// heap is the bytes that are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
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
			out, n := s.announce(&a, now, nil)
			for k, p := range model {
				if p.seen.Before(now.Add(-expiry)) {
					delete(model, k)
				}
			}
			self := peerKey{a.hash, endpointOf(a.addr)}
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
			told := map[endpoint]bool{}
			for _, p := range out {
				if told[p.at] || p.at == self.at {
					t.Fatalf("told of %v twice or of itself", p.at)
				}
				told[p.at] = true
			}
		}
	})
}

func FuzzRequests(f *testing.F) {
	f.Add("info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1&left=0&ip=10.0.0.1&compact=0", []byte{})
	f.Add("info_hash=%00%ff&info_hash=", append(make([]byte, 8), "\x00\x00\x00\x01abcd"...))
	f.Add("numwant=-1&event=stopped&key=%zz", append(make([]byte, 8), "\x00\x00\x00\x02abcdaaaaaaaaaaaaaaaaaaaa"...))
	from := netip.MustParseAddrPort("127.0.0.1:5")
	now := time.Unix(1e9, 0)
	f.Fuzz(func(t *testing.T, query string, packet []byte) {
		tr := &Tracker{cfg: Config{Interval: time.Minute, Now: func() time.Time { return now }}, store: newStore(time.Hour), ids: newConnectionIDs()}
		a, _, err := parseAnnounce(query, from.Addr())
		if err == nil && (a.addr.Port() == 0 || !a.addr.Addr().IsValid() || a.want < 0 || a.want > maxWant) {
			t.Errorf("%+v", a)
		}
		for _, path := range []string{"/announce?", "/scrape?"} {
			answer, _, status := tr.answerHTTP(nil, nil, path+query, from.Addr())
			var d map[string]any
			if err := bencode.Unmarshal(answer, &d); err != nil || status != 200 {
				t.Errorf("%q: status %d, %v", answer, status, err)
			}
		}
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
