package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/demo"
	"swarmtop/swarm/session"
)

// demoButton is the alias of the button that the gateway's page shows in the demo.
const demoButton = "/widgets/share-button.html"

// foreignKept is how many releases of the crowd's own asset are watched at a time.
const foreignKept = 2

// demoPause leaves the processor to the first picture before the crowd comes.
const demoPause = 150 * time.Millisecond

// runDemo publishes the sample assets as a user's manifest would be, and lets a
// crowd come for them until ctx ends.
func (a *App) runDemo(ctx context.Context) (err error) {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(demoPause):
	}
	dir := filepath.Join(a.temp, "assets")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	manifest, err := demo.Write(dir)
	if err != nil {
		return err
	}
	if _, err := a.add(ctx, manifest); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	c := demo.Config{
		Tracker: a.trackerURL(),
		Gateway: a.gateway.URL(),
		Seed:    uint64(time.Now().UnixNano()),
	}
	for _, f := range a.session.Assets() {
		if b, ok := a.session.Metainfo(f.InfoHash); ok {
			c.Swarms = append(c.Swarms, b)
			c.Paths = append(c.Paths, f.Alias)
		}
	}
	front, err := a.startEdge(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	serving := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	go func() { serving <- front.Run(ctx) }()
	defer func() {
		cancel()
		err = errors.Join(err, <-serving)
	}()
	var foreign []swarm.InfoHash
	c.Release = func(metainfo []byte) {
		h, err := a.joinForeign(metainfo)
		if err != nil {
			a.log.Add(swarm.Error, err.Error())
			return
		}
		if foreign = append(foreign, h); len(foreign) > foreignKept {
			if err := a.session.Remove(foreign[0], true); err != nil {
				a.log.Add(swarm.Warn, err.Error())
			}
			foreign = foreign[1:]
		}
	}
	crowd, err := demo.NewCrowd(c)
	if err != nil {
		return err
	}
	c.Release(crowd.Foreign())
	a.monitor.Refresh()
	return crowd.Run(ctx)
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
