package announce_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
)

// counted answers a scrape with figures for whatever it asks for.
func counted(_ int, g seen) reply {
	var b strings.Builder
	for _, h := range g.query["info_hash"] {
		fmt.Fprintf(&b, "20:%sd8:completei%de10:downloadedi70e10:incompletei2ee", h, h[1])
	}
	return reply{body: "d5:filesd" + b.String() + "ee"}
}

func TestTrackersThatAreLeftAloneAreScraped(t *testing.T) {
	s := newScript()
	s.on("a", ok(1800))
	s.scrape["b"] = counted
	s.scrape["c"] = func(int, seen) reply { return reply{err: errRefused} }
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{"http://a/x/announce"}, {"http://b/announce.php?k=1"}, {"http://c/announce"}, {"http://d/an"}}, true)
		pass(time.Minute)
		if r := b.row("b"); r.State != swarm.Working || r.Seeders.Or(-1) != '%' || r.Leechers.Or(-1) != 2 || r.Downloads.Or(-1) != 70 || !r.LastScrape.IsKnown() || len(r.History) != 0 {
			t.Errorf("b: %+v", r)
		}
		if q := s.scrapes["b"][0].query; q.Get("k") != "1" || q.Get("info_hash") != string(hashA[:]) {
			t.Errorf("b was asked %v", q)
		}
		if r := b.row("c"); r.State != swarm.Failing || !strings.HasPrefix(r.LastError, "scrape: ") || !r.FailingSince.IsKnown() {
			t.Errorf("c: %+v", r)
		}
		if r := b.row("d"); r.State != swarm.NeverTried || len(s.scrapes["d"]) != 0 {
			t.Errorf("d: %+v", r)
		}
		if r := b.row("a"); r.State != swarm.Working || !strings.HasPrefix(r.ScrapeError, "HTTP 404") || r.LastError != "" {
			t.Errorf("a: %+v", r)
		}
		pass(5 * time.Hour)
		if n := len(s.scrapes["b"]); n < 15 || n > 21 {
			t.Errorf("%d scrapes in 5 h, want one each quarter", n)
		}
	})
}

func TestScrapesAreBatched(t *testing.T) {
	s := newScript()
	s.on("a", ok(1800))
	s.scrape["a"] = counted
	bubble(t, s, func(b *bench) {
		for i := range 120 {
			b.Add(swarm.InfoHash{7, byte(i)}, nil, [][]string{{"http://a/announce"}}, true)
		}
		pass(time.Minute)
		sizes := 0
		for _, g := range s.scrapes["a"] {
			if n := len(g.query["info_hash"]); n > 50 {
				t.Errorf("%d info hashes in a request", n)
			}
			sizes += len(g.query["info_hash"])
		}
		if n := len(s.scrapes["a"]); n != 3 || sizes != 120 {
			t.Errorf("%d requests for %d swarms, want 3 for 120", n, sizes)
		}
		for i := range 120 {
			if r := b.Trackers(swarm.InfoHash{7, byte(i)})[0]; r.Seeders.Or(-1) != i {
				t.Errorf("swarm %d: %v seeders", i, r.Seeders)
			}
		}
		b.Add(swarm.InfoHash{8}, nil, [][]string{{"http://a/announce"}}, true)
		pass(2 * time.Minute)
		if n := len(s.scrapes["a"]); n != 4 || len(s.scrapes["a"][3].query["info_hash"]) != 1 {
			t.Errorf("%d requests after one more came", n)
		}
	})
}

func TestTrackerMaySlowScrapesDown(t *testing.T) {
	s := newScript()
	s.on("a", ok(1800))
	s.scrape["a"] = func(int, seen) reply {
		return reply{body: "d5:filesde5:flagsd20:min_request_intervali7200eee"}
	}
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{"http://a/announce"}}, true)
		pass(5 * time.Hour)
		if n := len(s.scrapes["a"]); n != 3 {
			t.Errorf("%d scrapes in 5 h, want 3", n)
		}
	})
}

func TestUDPTrackerIsScraped(t *testing.T) {
	asked := make(chan []byte, 16)
	raw := udpTracker(t, func(action uint32, packet []byte) []byte {
		switch action {
		case 0:
			return []byte("\x00\x00\x00\x00....connects")
		case 2:
			asked <- append([]byte(nil), packet...)
			return []byte("\x00\x00\x00\x02....\x00\x00\x00\x05\x00\x00\x00\x46\xff\xff\xff\xff")
		}
		return []byte("\x00\x00\x00\x03....busy")
	})
	b, done := run(t, raw)
	defer done()
	p := <-asked
	if binary.BigEndian.Uint32(p[8:]) != 2 || string(p[16:]) != string(hashA[:]) {
		t.Errorf("% x", p)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	r := b.Trackers(hashA)[0]
	for ; !r.LastScrape.IsKnown() && t.Context().Err() == nil; r = b.Trackers(hashA)[0] {
		<-tick.C
	}
	if r.Seeders.Or(-1) != 5 || r.Downloads.Or(-1) != 70 || r.Leechers.IsKnown() {
		t.Errorf("%+v", r)
	}
}
