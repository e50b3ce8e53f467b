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
)

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
