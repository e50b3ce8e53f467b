package tracker

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm"
)

func TestPeersOnLoopbackAreShownToOthersByThePublicAddress(t *testing.T) {
	var tr Tracker
	for _, c := range []struct{ public, peer, client, want string }{
		{"203.0.113.5", "127.0.0.1:9", "198.51.100.1", "203.0.113.5:9"},
		{"203.0.113.5", "127.0.0.1:9", "127.0.0.2", "127.0.0.1:9"},
		{"203.0.113.5", "127.0.0.1:9", "192.168.1.1", "127.0.0.1:9"},
		{"203.0.113.5", "198.51.100.2:9", "198.51.100.1", "198.51.100.2:9"},
		{"203.0.113.5 2001:db8::5", "127.0.0.1:9", "2001:db8::1", "203.0.113.5:9"},
		{"2001:db8::5 203.0.113.5", "[::1]:9", "198.51.100.1", "[2001:db8::5]:9"},
		{"2001:db8::5", "127.0.0.1:9", "2001:db8::1", "[2001:db8::5]:9"},
		{"127.0.0.1 ::1", "127.0.0.1:9", "198.51.100.1", "127.0.0.1:9"},
	} {
		var all []netip.Addr
		for a := range strings.FieldsSeq(c.public) {
			all = append(all, netip.MustParseAddr(a))
		}
		tr.public.Store(publicOf(all))
		peers := []found{{at: endpointOf(netip.MustParseAddrPort(c.peer))}}
		tr.mask(peers, netip.MustParseAddr(c.client))
		if got := netip.AddrPortFrom(peers[0].at.addr(), peers[0].at.port()); got.String() != c.want {
			t.Errorf("%s at %s, for %s: %v, want %s", c.peer, c.public, c.client, got, c.want)
		}
	}
}

func TestPublicHostIsLookedUpAgainAndTheLastAnswerStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("no such host")
		script := []struct {
			ip  string
			err error
		}{{"203.0.113.1", nil}, {"203.0.113.2", failure}, {"203.0.113.2", failure}, {"203.0.113.2", nil}}
		var lookups, logged atomic.Int32
		tr := &Tracker{cfg: Config{PublicHost: "t.example", Log: func(swarm.Level, string) { logged.Add(1) }}}
		tr.lookupIP = func(_ context.Context, network, host string) ([]netip.Addr, error) {
			if network != "ip" || host != "t.example" {
				t.Errorf("asked for %s %s", network, host)
			}
			a := script[lookups.Add(1)-1]
			return []netip.Addr{netip.MustParseAddr(a.ip)}, a.err
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go tr.lookup(ctx)
		for i, step := range []struct {
			wait time.Duration
			want string
		}{{0, "203.0.113.1"}, {lookupEvery, "203.0.113.1"}, {lookupAgain, "203.0.113.1"}, {lookupAgain, "203.0.113.2"}} {
			<-time.After(step.wait)
			synctest.Wait()
			if got := tr.public.Load().v4.String(); got != step.want || int(lookups.Load()) != i+1 {
				t.Errorf("%s after %d lookups, want %s after %d", got, lookups.Load(), step.want, i+1)
			}
		}
		if logged.Load() != 1 {
			t.Errorf("%d lines for one failure", logged.Load())
		}
	})
}
