package announce_test

import (
	"testing"
	"time"

	"swarmtop/swarm"
)

const urlT = "http://t/announce"

func TestAnnounceSaysWhatTheProtocolAsks(t *testing.T) {
	s := newScript()
	s.on("t", ok(1800))
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{"http://t/announce?pass=x%26y"}}, true)
		pass(time.Second)
		q := s.to("t")[0].query
		for key, want := range map[string]string{
			"info_hash": string(hashA[:]), "peer_id": "-ST0001-abcdefghijkl", "port": "6881", "uploaded": "7",
			"downloaded": "5", "left": "100", "compact": "1", "numwant": "50", "event": "started", "pass": "x&y",
		} {
			if q.Get(key) != want {
				t.Errorf("%s = %q, want %q", key, q.Get(key), want)
			}
		}
		if len(q.Get("key")) != 8 {
			t.Errorf("key = %q, want eight digits", q.Get("key"))
		}
		if len(b.swarms.found) != 1 || b.swarms.found[0].String() != "10.0.0.1:6881" {
			t.Errorf("found %v", b.swarms.found)
		}
		r := b.Trackers(hashA)[0]
		if r.State != swarm.Working || r.Seeders.Or(-1) != 3 || r.Leechers.Or(-1) != 1 || r.NewPeers.Or(-1) != 1 || r.Interval.Or(0) != 30*time.Minute {
			t.Errorf("row %+v", r)
		}
	})
}

func TestUnknownSizeIsAnnouncedAsMuchLeft(t *testing.T) {
	s := newScript()
	s.on("t", ok(1800))
	bubble(t, s, func(b *bench) {
		b.swarms.left = -1
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(time.Second)
		if left := s.to("t")[0].query.Get("left"); left != "2147483647" {
			t.Errorf("left = %s", left)
		}
	})
}

func TestTrackerIDIsGivenBack(t *testing.T) {
	s := newScript()
	s.on("t", func(int, seen) reply { return reply{body: "d8:intervali60e5:peers0:10:tracker id3:x&ye"} })
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(70 * time.Second)
		if id := s.to("t")[1].query.Get("trackerid"); id != "x&y" {
			t.Errorf("trackerid = %q", id)
		}
	})
}

func TestWarningIsShownAndCleaned(t *testing.T) {
	s := newScript()
	s.on("t", func(int, seen) reply {
		return reply{body: "d8:intervali60e5:peers0:15:warning message11:old\x1b[31m\nhhe"}
	})
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(time.Second)
		r := b.row("t")
		if r.State != swarm.TrackerWarns || r.Warning != "old[31m hh" {
			t.Errorf("%v %q", r.State, r.Warning)
		}
	})
}
