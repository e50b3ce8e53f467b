// Package crowd has many peers come for one asset at once, on this machine, and
// measures what they need from its origin and how long the last of them waits.
//
// The peers are real: torrent clients on loopback addresses of their own, each with
// an uplink that is limited at its connections, that know the info hash, announce at
// the embedded tracker, fetch the metainfo from one another, and trade. What the library
// leaves open, who is served when and by whom, is decided at the connections, by what is
// in their messages alone. [Serve] does the same with one HTTP server of the same uplink
// in the place of peers. Package simulate goes on where a machine has no room for more.
package crowd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmtop/swarm/internal/uplink"
)

// Config tells who comes for what.
type Config struct {
	Name        string // of the asset
	Data        []byte // the asset
	PieceLength int64  // bytes
	Peers       int    // beside the seeder
	Uplink      int64  // bytes a second, of each peer and of the origin

	// Neighbours is how many peers the tracker is asked for. 0 means [DefaultNeighbours].
	Neighbours int
	// SeedSlots is how many peers the seeder is connected to. 0 means [DefaultSeedSlots].
	SeedSlots int

	// Progress, if not nil, is called with the number of peers that are complete, one
	// call at a time.
	Progress func(complete int, at time.Duration)
}

// The settings of a crowd that the measurements in the README led to.
const (
	DefaultNeighbours = 8
	DefaultSeedSlots  = 8

	waited = 1.0 / 32 // of the time of a block, for one that may ask
)

func (c *Config) size() int64 { return int64(len(c.Data)) }

// turns returns those of a peer of the crowd, or of its seeder.
func (c *Config) turns(once *once) *turns {
	slot := float64(block) / float64(c.Uplink)
	return newTurns(int(c.PieceLength/block), time.Duration(slot*waited*float64(time.Second)), once)
}

// Origin counts the bytes above TCP that the origin's side of a crowd sent and got.
type Origin struct {
	Tracker  int64 `json:"tracker"`  // sent over HTTP, with headers
	Seeder   int64 `json:"seeder"`   // sent to peers: blocks, handshakes and the other messages
	HTTP     int64 `json:"http"`     // the asset itself, with headers, where it is served over HTTP
	Received int64 `json:"received"` // by all of these
}

// Sent is all that the origin sent.
func (o Origin) Sent() int64 { return o.Tracker + o.Seeder + o.HTTP }

// Outcome is what came of a crowd.
type Outcome struct {
	Finished []time.Duration // after which each peer was complete, in order
	Origin   Origin
	Sent     int64 // by the peers to one another
}

// run is a crowd under way.
type run struct {
	cfg     Config
	origin  *origin
	traffic traffic
}

// traffic adds up what peers exchanged with the tracker.
type traffic struct{ trackerSent, received atomic.Int64 }

// Run lets the crowd come, all at once, and ends when the last of them is complete.
// Nothing of it is left then.
func Run(ctx context.Context, cfg Config) (out Outcome, err error) {
	cfg.Neighbours = cmp.Or(cfg.Neighbours, DefaultNeighbours)
	cfg.SeedSlots = cmp.Or(cfg.SeedSlots, DefaultSeedSlots)
	if cfg.Peers < 1 || cfg.Uplink < 1 || len(cfg.Data) == 0 {
		return out, errors.New("crowd: it takes a peer, an uplink and an asset")
	}
	hosts := loopbackHosts(cfg.Peers + 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{cfg: cfg}
	if r.origin, err = newOrigin(ctx, hosts[0], cfg); err != nil {
		return out, err
	}
	defer func() {
		cancel()
		err = errors.Join(err, r.origin.close())
	}()
	peers := make([]*peer, 0, cfg.Peers)
	defer func() {
		var all sync.WaitGroup
		for _, p := range peers {
			all.Go(p.close)
		}
		all.Wait()
	}()
	for i, ip := range hosts[1:] {
		p, err := newPeer(newLine(ip, cfg.Uplink), i+1, maxConns, cfg.turns(nil))
		if err != nil {
			return out, err
		}
		peers = append(peers, p)
	}
	if out.Finished, err = r.fetchAll(ctx, peers); err != nil {
		return out, err
	}
	for _, p := range peers {
		out.Sent += p.line.Sent.Load()
	}
	seeder := r.origin.line
	out.Origin = Origin{
		Tracker:  r.traffic.trackerSent.Load(),
		Seeder:   seeder.Sent.Load(),
		Received: seeder.Received.Load() + r.traffic.received.Load(),
	}
	return out, nil
}

// fetchAll has all peers begin at once, and returns when each was complete, in order.
func (r *run) fetchAll(ctx context.Context, peers []*peer) ([]time.Duration, error) {
	var mu sync.Mutex
	var finished []time.Duration
	g, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for i, p := range peers {
		g.Go(func() error {
			took, err := r.fetch(ctx, p, began)
			if err != nil {
				return fmt.Errorf("peer %d: %w", i+1, err)
			}
			mu.Lock()
			defer mu.Unlock()
			finished = append(finished, took)
			if r.cfg.Progress != nil {
				r.cfg.Progress(len(finished), took)
			}
			return nil
		})
	}
	err := g.Wait()
	slices.Sort(finished)
	return finished, err
}

// newLine returns the uplink of a peer or of the origin.
func newLine(ip netip.Addr, bytesPerSecond int64) *uplink.Line {
	line := uplink.New(ip, float64(bytesPerSecond))
	line.Reset = true // hundreds of peers leave at once
	return line
}

// loopbackHosts returns n addresses of 127/8 that are not 127.0.0.1, or n times that
// one where the system has no other: there peers differ by port.
func loopbackHosts(n int) []netip.Addr {
	hosts := make([]netip.Addr, n)
	only := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	ip := netip.AddrFrom4([4]byte{127, 7, 0, 0})
	for i := range hosts {
		if hosts[i] = ip.Next(); i == 0 {
			if l, err := uplink.New(hosts[0], 1).Listen(0); err != nil {
				return slices.Repeat([]netip.Addr{only}, n)
			} else {
				l.Close()
			}
		}
		ip = hosts[i]
	}
	return hosts
}
