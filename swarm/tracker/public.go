package tracker

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"swarmtop/swarm"
)

const (
	lookupEvery = 10 * time.Minute
	lookupAgain = time.Minute // after a failure
	lookupTime  = 10 * time.Second
)

// publicAddrs are the addresses of PublicHost, one of a family; invalid if it has none.
type publicAddrs struct{ v4, v6 netip.Addr }

func publicOf(all []netip.Addr) *publicAddrs {
	p := new(publicAddrs)
	for _, ip := range all {
		switch ip = ip.Unmap(); {
		case ip.IsLoopback() || ip.IsUnspecified():
		case ip.Is4() && !p.v4.IsValid():
			p.v4 = ip
		case ip.Is6() && !p.v6.IsValid():
			p.v6 = ip
		}
	}
	return p
}

// mask gives peers on this machine the address by which the client reaches them:
// the public one, of the same family if there is one, for clients elsewhere.
func (t *Tracker) mask(peers []found, client netip.Addr) {
	public := t.public.Load()
	if public == nil || isLocal(client) {
		return
	}
	for i := range peers {
		at := &peers[i].at
		if !at.addr().IsLoopback() {
			continue
		}
		ip, other := public.v4, public.v6
		if !at.is4() {
			ip, other = other, ip
		}
		if !ip.IsValid() {
			ip = other
		}
		if ip.IsValid() {
			*at = at.at(ip)
		}
	}
}

// lookup keeps the addresses of a PublicHost that is a name, until ctx ends.
func (t *Tracker) lookup(ctx context.Context) {
	failed := false
	for {
		wait := lookupEvery
		lookupCtx, cancel := context.WithTimeout(ctx, lookupTime)
		all, err := t.lookupIP(lookupCtx, "ip", t.cfg.PublicHost)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = lookupAgain
			if !failed {
				t.cfg.Log(swarm.Warn, fmt.Sprintf("tracker: look up the public host %s: %v", t.cfg.PublicHost, err))
			}
		default:
			t.public.Store(publicOf(all))
		}
		failed = err != nil
		if !pause(ctx, wait) {
			return
		}
	}
}

// pause waits; false if ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
