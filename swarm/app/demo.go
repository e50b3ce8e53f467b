package app

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/demo"
	"swarmtop/swarm/demo/edge"
	"swarmtop/swarm/session"
)

// demoButton is the alias of the button that the gateway's page shows in the demo.
const demoButton = "/widgets/share-button.html"

// demoPause leaves the processor to the first picture before the crowd comes.
const demoPause = 150 * time.Millisecond

// runDemo publishes the sample assets as a user's manifest would be, and lets a
// crowd come for them until ctx ends.
func (a *App) runDemo(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(demoPause):
	}
	err := a.publishSamples(ctx)
	if err == nil {
		err = a.runCrowd(ctx)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (a *App) publishSamples(ctx context.Context) error {
	dir := filepath.Join(a.temp, "assets")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	manifest, err := demo.Write(dir)
	if err != nil {
		return err
	}
	_, err = a.add(ctx, manifest)
	return err
}

// runCrowd puts an origin and a cache beside the gateway and lets the crowd come.
func (a *App) runCrowd(ctx context.Context) error {
	front, err := a.startEdge(ctx)
	if err != nil {
		return err
	}
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.Go(func() error { return front.cache.Run(ctx) })
	tasks.Go(func() error { return front.line.Run(ctx) })
	tasks.Go(func() error {
		c := demo.Config{
			Tracker: a.trackerURL(),
			Gateway: a.gateway.URL(),
			Origin:  front.line.URL(),
			Seed:    uint64(time.Now().UnixNano()),
		}
		for _, f := range a.session.Assets() {
			if b, ok := a.session.Metainfo(f.InfoHash); ok {
				c.Swarms = append(c.Swarms, b)
				c.Paths = append(c.Paths, f.Alias)
			}
		}
		watched := foreign{app: a, origin: front.storage}
		c.Release = watched.release
		crowd, err := demo.NewCrowd(c)
		if err != nil {
			return err
		}
		watched.release(crowd.Foreign())
		a.monitor.Refresh()
		return crowd.Run(ctx)
	})
	return tasks.Wait()
}

// foreignKept is how many releases of the crowd's own asset are watched at a time.
const foreignKept = 2

// foreign is the releases of the crowd's own asset: the crowd seeds them, and the
// origin has them too.
type foreign struct {
	app    *App
	origin *edge.Origin
	kept   []foreignRelease // the oldest first
}

type foreignRelease struct {
	hash swarm.InfoHash
	path string
}

// release joins the swarm of a release and leaves the oldest one.
func (f *foreign) release(r demo.Release) {
	f.origin.Put(r.Path, edge.Object{Type: "image/png", Data: r.Data})
	h, err := f.app.joinForeign(r.Metainfo)
	if err != nil {
		f.app.log.Add(swarm.Error, err.Error())
		return
	}
	if f.kept = append(f.kept, foreignRelease{h, r.Path}); len(f.kept) > foreignKept {
		oldest := f.kept[0]
		f.kept = f.kept[1:]
		f.origin.Delete(oldest.path)
		if err := f.app.session.Remove(oldest.hash, true); err != nil {
			f.app.log.Add(swarm.Warn, err.Error())
		}
	}
}

// joinForeign joins a swarm that the crowd seeds.
func (a *App) joinForeign(metainfo []byte) (swarm.InfoHash, error) {
	t, err := admit.Metainfo(metainfo, admit.Given, a.policy)
	if err != nil {
		return swarm.InfoHash{}, err
	}
	_, err = a.session.Add(session.Spec{
		Torrent:  &t,
		InfoHash: t.InfoHash,
		Widget:   "banner",
		Trackers: t.Trackers,
		WebSeeds: t.WebSeeds,
	})
	return t.InfoHash, err
}
