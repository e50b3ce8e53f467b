// Package demo is what swarmtop shows when it is given nothing to watch: the
// assets of two small widgets, and a crowd of real BitTorrent peers on loopback
// that come for them, fetch, seed a while and leave, beside a few visitors that
// ask the gateway over HTTP.
//
// [Write] puts the assets and a manifest into a folder, from where they are
// published the way a user's are. A [Crowd] then fetches what was published,
// and seeds one asset of its own, [Crowd.Foreign], for swarmtop to fetch.
//
// Everything that the crowd chooses follows from [Config.Seed]; the peers speak
// to one another over real sockets, so the moment at which a block arrives does not.
package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"
)

// Config tells a crowd where to go and what to fetch.
type Config struct {
	Tracker string   // announce URL, http, on loopback
	Gateway string   // base URL of the gateway; empty for no visitors
	Paths   []string // paths of the gateway that visitors ask for, escaped
	Swarms  [][]byte // metainfo of what is published, fetched by the crowd; a widget's assets side by side
	Origin  string   // base URL of where each [Release] can be had over HTTP; empty for nowhere
	Seed    uint64   // of everything that the crowd chooses
	Peers   int      // that come and go, beside the one that stays and seeds Foreign; 0 means 9

	// Release, if not nil, is called from Run, one call at a time, with each later
	// version of the foreign asset: a new swarm, after which the one before it drains.
	Release func(Release)
}

// Release is a version of the asset that only the crowd seeds.
type Release struct {
	Metainfo []byte // with a web seed (BEP 19) if there is an origin: its base URL and Path
	Path     string
	Data     []byte
}

// The defaults and the pace of a crowd.
const (
	defaultPeers = 9
	visitors     = 3

	wantsShare = 0.6 // of the published swarms that a peer joins at a time

	releaseEvery = 80 * time.Second // a version of the foreign asset is the newest that long
	drainFor     = 20 * time.Second // and then seeded that much longer
)

// Crowd is the peers and visitors of the demo.
type Crowd struct {
	cfg     Config
	assets  []*asset
	origin  host
	peers   []host
	browser []host
	foreign *releases
	speed   float64 // 1, but for tests
}

// NewCrowd reads the metainfo, makes the foreign asset and finds out which
// loopback addresses this system has.
func NewCrowd(cfg Config) (*Crowd, error) {
	if cfg.Peers <= 0 {
		cfg.Peers = defaultPeers
	}
	if _, err := url.Parse(cfg.Tracker); err != nil {
		return nil, fmt.Errorf("demo: announce URL: %w", err)
	}
	if _, err := url.Parse(cfg.Gateway); err != nil {
		return nil, fmt.Errorf("demo: gateway: %w", err)
	}
	c := &Crowd{cfg: cfg, speed: 1}
	for i, b := range cfg.Swarms {
		a, err := parseAsset(b)
		if err != nil {
			return nil, fmt.Errorf("demo: metainfo of swarm %d: %w", i+1, err)
		}
		c.assets = append(c.assets, a)
	}
	var err error
	if c.foreign, err = newReleases(cfg); err != nil {
		return nil, err
	}
	hosts := loopbackHosts(1 + cfg.Peers + visitors)
	c.origin, c.peers, c.browser = hosts[0], hosts[1:1+cfg.Peers], hosts[1+cfg.Peers:]
	return c, nil
}

// Foreign returns the first version of the asset that only the crowd seeds.
func (c *Crowd) Foreign() Release { return c.foreign.first }

// Run lets the crowd live until ctx ends, says goodbye to the tracker and closes
// everything. It returns an error when a peer cannot listen; a tracker or
// gateway that does not answer is no error, the crowd keeps trying.
func (c *Crowd) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.runOrigin(ctx) })
	for i, h := range c.peers {
		g.Go(func() error { return c.runPeer(ctx, i, h) })
	}
	if c.cfg.Gateway != "" && len(c.cfg.Paths) > 0 {
		for i, h := range c.browser {
			g.Go(func() error { c.runVisitor(ctx, i, h); return nil })
		}
	}
	return g.Wait()
}

// chance returns the source of what one actor chooses in one of its lives.
func (c *Crowd) chance(actor, life int) *rand.Rand {
	return rand.New(rand.NewPCG(c.cfg.Seed, uint64(actor)<<32|uint64(life)))
}

// pause waits for d, or until ctx ends, and tells whether it waited in full.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// between returns a duration from lo to hi.
func (c *Crowd) between(r *rand.Rand, lo, hi time.Duration) time.Duration {
	return c.scaled(lo + time.Duration(r.Float64()*float64(hi-lo)))
}

// scaled returns a duration at the speed of this crowd.
func (c *Crowd) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.speed)
}

// loopbackHosts returns n addresses from 127.0.0.2 on, or n times 127.0.0.1
// where the system has no other. Peers on one address differ by port.
func loopbackHosts(n int) []host {
	hosts := make([]host, n)
	ip := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	for i := range hosts {
		ip = ip.Next()
		if hosts[i] = (host{ip}); !hosts[i].usable() {
			hosts[i] = host{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
		}
	}
	return hosts
}
