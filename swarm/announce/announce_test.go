package announce_test

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/announce"
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

func TestNoTrackerIsAskedMoreThanOnceAMinute(t *testing.T) {
	answers := map[string]func(int, seen) reply{
		"zero":     ok(0),
		"negative": ok(-1),
		"no field": func(int, seen) reply { return reply{body: "d5:peers0:e"} },
		"eager":    func(int, seen) reply { return reply{body: "d8:intervali1e12:min intervali1e5:peers0:e"} },
		"reason":   func(int, seen) reply { return reply{body: "d14:failure reason2:noe"} },
		"status":   func(int, seen) reply { return reply{status: 500} },
		"garbage":  func(int, seen) reply { return reply{body: "<html>"} },
		"silent":   func(int, seen) reply { return reply{after: time.Hour} },
		"no name":  func(int, seen) reply { return reply{err: &net.DNSError{Err: "no such host", Name: "t"}} },
		"refused":  func(int, seen) reply { return reply{err: errRefused} },
		"no trust": func(int, seen) reply { return reply{err: &tls.CertificateVerificationError{Err: errRefused}} },
		"blocked":  func(int, seen) reply { return reply{err: &admit.AddressError{Rule: "it is private"}} },
		"cut":      func(int, seen) reply { return reply{err: io.ErrUnexpectedEOF} },
		"retry":    func(int, seen) reply { return reply{body: "d14:failure reason4:busy8:retry in1:0e"} },
		"flapping": func(n int, g seen) reply {
			if n%2 == 0 {
				return reply{status: 502}
			}
			return ok(0)(n, g)
		},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			s := newScript()
			s.on("t", answer)
			bubble(t, s, func(b *bench) {
				b.Add(hashA, nil, [][]string{{urlT}}, true)
				for range 60 {
					pass(time.Minute)
					b.Reannounce(hashA)
				}
				got := s.to("t")
				for i := 1; i < len(got); i++ {
					if d := got[i].at.Sub(got[i-1].at); d < time.Minute {
						t.Errorf("announce %d came after %v", i+1, d)
					}
				}
				if len(got) < 2 {
					t.Errorf("%d announces in an hour", len(got))
				}
				for i, h := 1, b.row("t").History; i < len(h); i++ {
					if d := h[i].At.Sub(h[i-1].At); d < time.Minute {
						t.Errorf("try %d came after %v", i+1, d)
					}
				}
			})
		})
	}
}

func TestHugeIntervalIsBounded(t *testing.T) {
	s := newScript()
	s.on("t", func(int, seen) reply { return reply{body: "d8:intervali99999999999999999999e5:peers0:e"} })
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(26 * time.Hour)
		if n := len(s.to("t")); n != 2 {
			t.Errorf("%d announces in 26 h, want 2", n)
		}
	})
}

func TestLoopbackTrackerMayBeAskedEveryTwoSeconds(t *testing.T) {
	s := newScript()
	s.on("127.0.0.1:1", func(int, seen) reply { return reply{body: "d8:intervali0e12:min intervali1e5:peers0:e"} })
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{"http://127.0.0.1:1/announce"}}, true)
		pass(time.Minute)
		if n := len(s.to("127.0.0.1:1")); n < 25 || n > 31 {
			t.Errorf("%d announces in a minute, want about 30", n)
		}
	})
}

func TestDownloaderWithoutPeersAsksAgainAtTheMinimumInterval(t *testing.T) {
	s := newScript()
	s.on("t", func(int, seen) reply { return reply{body: "d8:intervali3600e12:min intervali300e5:peers0:e"} })
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(time.Hour)
		if n := len(s.to("t")); n < 11 || n > 13 {
			t.Errorf("%d announces in an hour, want about 12", n)
		}
	})
}

func TestReannounceIsHeldBackByTheMinimumInterval(t *testing.T) {
	s := newScript()
	s.on("t", func(int, seen) reply {
		return reply{body: "d8:intervali3600e12:min intervali600e5:peers6:\x0a\x00\x00\x01\x1a\xe1e"}
	})
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(time.Second)
		asked, held, next := b.Reannounce(hashA)
		if asked != 0 || held != 1 || next.Sub(s.to("t")[0].at) != 10*time.Minute {
			t.Errorf("asked %d, held %d until %v", asked, held, next)
		}
		pass(10 * time.Minute)
		if asked, held, _ = b.Reannounce(hashA); asked != 1 || held != 0 {
			t.Errorf("after the minimum interval: asked %d, held %d", asked, held)
		}
		pass(time.Second)
		if n := len(s.to("t")); n != 2 {
			t.Errorf("%d announces, want 2", n)
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

func TestManySwarmsNeitherFloodNorWait(t *testing.T) {
	s := newScript()
	s.on("t", func(int, seen) reply {
		return reply{after: 50 * time.Millisecond, body: "d8:intervali1800e5:peers0:e"}
	})
	s.on("dead", func(int, seen) reply { return reply{after: time.Hour} })
	bubble(t, s, func(b *bench) {
		for i := range 1000 {
			h := swarm.InfoHash{1, byte(i >> 8), byte(i)}
			b.Add(h, nil, [][]string{{urlT}}, true)
			b.Add(swarm.InfoHash{2, byte(i >> 8), byte(i)}, nil, [][]string{{"http://dead/announce"}}, true)
		}
		pass(5 * time.Second)
		if n := len(s.to("t")); n != 1000 {
			t.Errorf("%d of 1000 first announces in 5 s", n)
		}
		pass(10 * time.Minute)
		if s.most["t"] > 16 || s.most["dead"] > 4 {
			t.Errorf("at once: %d to t, %d to the dead one", s.most["t"], s.most["dead"])
		}
		if n := len(s.to("dead")); n > 20 {
			t.Errorf("a dead tracker was asked %d times in 10 min", n)
		}
		if r := b.Trackers(swarm.InfoHash{2, 3, 231})[0]; r.State != swarm.Failing || !strings.HasPrefix(r.LastError, "timed out after 15s") {
			t.Errorf("the last swarm of a dead tracker: %v %q", r.State, r.LastError)
		}
	})
}

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
