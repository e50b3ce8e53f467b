package announce_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/announce"
)

// udpTracker answers each packet with what f makes of it, the transaction id aside.
func udpTracker(t *testing.T, f func(action uint32, packet []byte) []byte) string {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		in := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(in)
			if err != nil {
				return
			}
			// Someone else's answers must not be taken for this one's.
			conn.WriteToUDPAddrPort([]byte("\x00\x00\x00\x01not yours at all"), from)
			conn.WriteToUDPAddrPort([]byte("x"), from)
			if out := f(binary.BigEndian.Uint32(in[8:]), in[:n]); out != nil {
				copy(out[4:8], in[12:16])
				conn.WriteToUDPAddrPort(out, from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return "udp://" + conn.LocalAddr().String()
}

// resolve knows addresses only, no names.
func resolve(_ context.Context, raw string) (netip.AddrPort, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.ParseAddrPort(u.Host)
}

// askUDP announces once, quits, and returns the row of the tracker.
func askUDP(t *testing.T, raw string, swarms *progress, landed chan struct{}) swarm.Tracker {
	t.Helper()
	a := announce.New(announce.Config{
		Swarms: swarms, PeerID: [20]byte([]byte("-ST0001-abcdefghijkl")), Port: 6881,
		Resolve: resolve,
		Log:     func(swarm.Level, string) { landed <- struct{}{} },
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	a.Add(hashA, nil, [][]string{{raw}}, true)
	<-landed
	cancel()
	<-done
	return a.Trackers(hashA)[0]
}

func TestUDPTrackerIsAnnouncedTo(t *testing.T) {
	packets := make(chan []byte, 16)
	stopped := make(chan struct{}, 16)
	raw := udpTracker(t, func(action uint32, packet []byte) []byte {
		if action == 0 {
			return []byte("\x00\x00\x00\x00....connects")
		}
		packets <- append([]byte(nil), packet...)
		return []byte("\x00\x00\x00\x01....\x00\x00\x07\x08\x00\x00\x00\x02\x00\x00\x00\x03\x0a\x00\x00\x01\x1a\xe1\x00")
	}) + "/announce?pass=" + strings.Repeat("p", 300)
	swarms := &foundSwarms{progress: progress{left: 77}, landed: stopped}
	a := announce.New(announce.Config{
		Swarms: swarms, PeerID: [20]byte([]byte("-ST0001-abcdefghijkl")), Port: 6881,
		Resolve: resolve,
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	a.Add(hashA, nil, [][]string{{raw}}, true)
	<-stopped
	p := <-packets
	cancel()
	<-done
	if string(p[:8]) != "connects" || string(p[16:36]) != string(hashA[:]) || string(p[36:56]) != "-ST0001-abcdefghijkl" ||
		binary.BigEndian.Uint64(p[64:]) != 77 || binary.BigEndian.Uint32(p[80:]) != 2 || binary.BigEndian.Uint16(p[96:]) != 6881 {
		t.Errorf("% x", p)
	}
	want := "/announce?pass=" + strings.Repeat("p", 300)
	if o := p[98:]; o[0] != 2 || o[1] != 255 || string(o[2:257])+string(o[259:]) != want || o[257] != 2 || int(o[258]) != len(want)-255 {
		t.Errorf("options % x", p[98:])
	}
	if p := <-packets; binary.BigEndian.Uint32(p[80:]) != 3 {
		t.Errorf("at quit: event %d", binary.BigEndian.Uint32(p[80:]))
	}
	if len(swarms.found) != 1 || swarms.found[0].String() != "10.0.0.1:6881" {
		t.Errorf("found %v", swarms.found)
	}
	r := a.Trackers(hashA)[0]
	if r.Seeders.Or(-1) != 3 || r.Leechers.Or(-1) != 2 || r.Interval.Or(0) != 30*time.Minute {
		t.Errorf("%+v", r)
	}
}

// foundSwarms tells when peers have arrived.
type foundSwarms struct {
	progress
	landed chan struct{}
}

func (s *foundSwarms) FoundPeers(h swarm.InfoHash, peers []netip.AddrPort, leechers swarm.Opt[int]) int {
	defer func() { s.landed <- struct{}{} }()
	return s.progress.FoundPeers(h, peers, leechers)
}

func TestUDPErrorsAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   swarm.Outcome
		text   string
	}{
		"error":      {"\x00\x00\x00\x03....not here\x00", swarm.FailedReason, "refused: not here"},
		"short":      {"\x00\x00\x00\x00....id", swarm.FailedGarbage, "unreadable answer: the connect's answer is too short"},
		"other sort": {"\x00\x00\x00\x02....id", swarm.FailedGarbage, "unreadable answer: an answer to something else"},
	} {
		raw := udpTracker(t, func(uint32, []byte) []byte { return []byte(c.answer) })
		r := askUDP(t, raw, &progress{left: 1}, make(chan struct{}, 16))
		if r.History[0].Outcome != c.want || r.LastError != c.text {
			t.Errorf("%s: %v %q", name, r.History[0].Outcome, r.LastError)
		}
	}
}

// run starts an announcer with one swarm at one UDP tracker.
func run(t *testing.T, raw string) (a *announce.Announcer, stop func()) {
	t.Helper()
	a = announce.New(announce.Config{Swarms: &progress{left: 1}, Resolve: resolve})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	a.Add(hashA, nil, [][]string{{raw}}, true)
	return a, func() { cancel(); <-done }
}
