package app

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/announce"
	"swarmtop/swarm/tracker"
)

// listener is a swarm that downloads, and passes on what it hears of.
type listener struct{ heard chan []netip.AddrPort }

func (l listener) Progress(swarm.InfoHash) (announce.Progress, bool) {
	return announce.Progress{Left: 1}, true
}

func (l listener) FoundPeers(_ swarm.InfoHash, peers []netip.AddrPort, _ swarm.Opt[int]) int {
	l.heard <- peers
	return len(peers)
}

// Peers with IPv6 addresses find one another through the embedded tracker, over UDP
// in packets of 18 bytes a peer (BEP 15) and over HTTP in a field of their own (BEP 7).
func TestPeersFindOneAnotherOverIPv6(t *testing.T) {
	tr, err := tracker.New(tracker.Config{Listen: "[::1]:0"})
	if err != nil {
		t.Fatal(err)
	}
	run := func(f func(context.Context) error) {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- f(ctx) }()
		t.Cleanup(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	run(tr.Run)
	hash, loopback := swarm.InfoHash{6}, netip.IPv6Loopback()
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	first := url.Values{"info_hash": {string(hash[:])}, "peer_id": {"-TT0001-nobody-knows"}, "port": {"1000"}}
	answer, err := client.Get("http://" + tr.Addr().String() + "/announce?" + first.Encode())
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	before := []netip.AddrPort{netip.AddrPortFrom(loopback, 1000)}
	for i, scheme := range []string{"udp", "http", "udp", "http"} {
		port := uint16(1001 + i)
		l := listener{make(chan []netip.AddrPort, 16)}
		a := announce.New(announce.Config{
			Swarms: l, PeerID: [20]byte{19: byte(i)}, Port: port,
			Client: func(string) *http.Client { return client },
			Resolve: func(_ context.Context, raw string) (netip.AddrPort, error) {
				u, err := url.Parse(raw)
				if err != nil {
					return netip.AddrPort{}, err
				}
				return netip.ParseAddrPort(u.Host)
			},
		})
		run(a.Run)
		a.Add(hash, nil, [][]string{{scheme + "://" + tr.Addr().String() + "/announce"}}, true)
		got := <-l.heard
		slices.SortFunc(got, netip.AddrPort.Compare)
		if !slices.Equal(got, before) {
			t.Errorf("%s: heard of %v, want %v", scheme, got, before)
		}
		before = append(before, netip.AddrPortFrom(loopback, port))
	}
}
