package demo

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// originUplink is what the origin sends at most, in bytes a second: enough to
// hand out the foreign asset in less than a minute.
const originUplink = 56 << 10

// releases makes the versions of the foreign asset.
type releases struct {
	seed    uint64
	tracker string
	first   []byte // metainfo
	data    []byte // of the first version, until the origin seeds it
	current atomic.Pointer[asset]
}

func newReleases(seed uint64, tracker string) (*releases, error) {
	f := &releases{seed: seed, tracker: tracker}
	a, first, data, err := f.make(1)
	if err != nil {
		return nil, err
	}
	f.first, f.data = first, data
	f.current.Store(a)
	return f, nil
}

// newest returns the version that is the newest now.
func (f *releases) newest() *asset { return f.current.Load() }

func (f *releases) make(version int) (a *asset, metainfo, data []byte, err error) {
	data, err = heroPNG(f.seed, version)
	if err == nil {
		metainfo, err = makeMetainfo("hero.png", data, f.tracker)
	}
	if err == nil {
		a, err = parseAsset(metainfo)
	}
	if err != nil {
		return nil, nil, nil, fmt.Errorf("demo: make version %d of hero.png: %w", version, err)
	}
	return a, metainfo, data, nil
}

// runOrigin seeds the foreign asset, and from time to time its next version.
func (c *Crowd) runOrigin(ctx context.Context) error {
	cl, err := newClient(c.chance(0, 0), c.origin, c.cfg.Tracker, "swarmtop demo origin", originUplink)
	if err != nil {
		return err
	}
	defer cl.close()
	var seeding sync.WaitGroup
	defer seeding.Wait()
	seed := func(version int, a *asset, data []byte) context.CancelFunc {
		ctx, cancel := context.WithCancel(ctx)
		m := newMember(cl, a, fullHolding(a, data))
		seeding.Go(func() {
			m.run(ctx, c.chance(0, version), 0)
			m.torrent.Drop()
		})
		return cancel
	}

	stop := seed(1, c.foreign.newest(), c.foreign.data)
	for version := 2; ; version++ {
		if c.cfg.Release == nil || !pause(ctx, c.scaled(releaseEvery)) {
			<-ctx.Done()
			stop()
			return nil
		}
		a, metainfo, data, err := c.foreign.make(version)
		if err != nil {
			stop()
			return err
		}
		next := seed(version, a, data)
		c.foreign.current.Store(a)
		c.cfg.Release(metainfo)
		pause(ctx, c.scaled(drainFor))
		stop()
		stop = next
	}
}
