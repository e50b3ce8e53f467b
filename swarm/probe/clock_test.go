package probe_test

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm/probe"
)

// TestRoundsGoOnWhenTheClockIsSet holds that a clock that is set brings neither a
// storm of rounds nor an end of them, nor a countdown of a year.
func TestRoundsGoOnWhenTheClockIsSet(t *testing.T) {
	const year, every = 365 * 24 * time.Hour, time.Minute
	for _, by := range []time.Duration{time.Hour, -time.Hour, year, -year} {
		t.Run(by.String(), func(t *testing.T) {
			w := onePage("192.0.2.1")
			for i := range 9 {
				pub := w.pubs[0]
				pub.URL = fmt.Sprintf("http://cdn%d.test%s", i, path)
				w.pubs = append(w.pubs, pub)
			}
			var jumped atomic.Int64
			now := func() time.Time { return time.Now().Add(time.Duration(jumped.Load())) }
			synctest.Test(t, func(t *testing.T) {
				c := w.config(every)
				c.Now = now
				p := probe.New(c)
				ctx, cancel := context.WithCancel(t.Context())
				var done sync.WaitGroup
				done.Go(func() { p.Run(ctx) })
				pass(3 * every)
				before := len(w.asked)
				jumped.Store(int64(by))
				pass(3 * every)
				if n := len(w.asked) - before; n < 20 || n > 50 {
					t.Errorf("%d rounds of ten URLs in three intervals", n)
				}
				for _, got := range p.Probes() {
					next, age := got.Next.Or(time.Time{}).Sub(now()), now().Sub(got.At.Or(time.Time{}))
					if next < -time.Second || next > 2*every || age < 0 || age > 3*every {
						t.Errorf("%s was asked %v ago and is asked again in %v", got.URL, age, next)
					}
				}
				cancel()
				done.Wait()
			})
		})
	}
}

// TestAddressesOfASiteAreBounded has a name resolve to others each time, all of them wrong.
func TestAddressesOfASiteAreBounded(t *testing.T) {
	w := onePage()
	running(t, w, time.Second, func(p *probe.Prober) {
		for i := range 40 {
			w.mu.Lock()
			w.addrs = nil
			for j := range 16 {
				a := netip.AddrFrom4([4]byte{192, 0, byte(i), byte(j)})
				w.addrs = append(w.addrs, a)
				w.edges[netip.AddrPortFrom(a, 80).String()] = bodyOf("application/x-bittorrent", "d4:infode")
			}
			w.mu.Unlock()
			p.Now(w.pubs[0].Asset.InfoHash)
			pass(2 * time.Second)
		}
		if n := len(p.Probes()); n < 16 || n > 64 {
			t.Errorf("%d addresses are remembered, want 64 at most", n)
		}
	})
}
