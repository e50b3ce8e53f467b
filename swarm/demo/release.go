package demo

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"swarmtop/swarm/internal/held"
)

// originUplink is what the origin sends at most, in bytes a second: enough to
// hand out the foreign asset in less than a minute.
const originUplink = 56 << 10

// releases makes the versions of the foreign asset.
type releases struct {
	cfg     Config
	first   Release
	current atomic.Pointer[asset]
}

func newReleases(cfg Config) (*releases, error) {
	f := &releases{cfg: cfg}
	a, first, err := f.make(1)
	if err != nil {
		return nil, err
	}
	f.first = first
	f.current.Store(a)
	return f, nil
}

// newest returns the version that is the newest now.
func (f *releases) newest() *asset { return f.current.Load() }

func (f *releases) make(version int) (a *asset, r Release, err error) {
	const name = "hero.png"
	r.Path = fmt.Sprintf("/banner/%d/%s", version, name)
	var webSeeds []string
	if f.cfg.Origin != "" {
		webSeeds = []string{f.cfg.Origin + r.Path}
	}
	r.Data, err = heroPNG(f.cfg.Seed, version)
	if err == nil {
		r.Metainfo, err = makeMetainfo(name, r.Data, f.cfg.Tracker, webSeeds)
	}
	if err == nil {
		a, err = parseAsset(r.Metainfo)
	}
	if err != nil {
		return nil, Release{}, fmt.Errorf("demo: make version %d of %s: %w", version, name, err)
	}
	return a, r, nil
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
		m := newMember(cl, a, held.Whole(data, pieceLength))
		seeding.Go(func() {
			m.run(ctx, c.chance(0, version), 0)
			m.torrent.Drop()
		})
		return cancel
	}

	stop := seed(1, c.foreign.newest(), c.foreign.first.Data)
	for version := 2; ; version++ {
		if c.cfg.Release == nil || !pause(ctx, c.scaled(releaseEvery)) {
			<-ctx.Done()
			stop()
			return nil
		}
		a, release, err := c.foreign.make(version)
		if err != nil {
			stop()
			return err
		}
		next := seed(version, a, release.Data)
		c.foreign.current.Store(a)
		c.cfg.Release(release)
		pause(ctx, c.scaled(drainFor))
		stop()
		stop = next
	}
}
