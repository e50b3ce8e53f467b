package app

import (
	"context"
	"errors"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/demo/edge"
	"swarmtop/swarm/session"
)

// demoProbeEvery is the time between two probes in the demo, where all is near.
const demoProbeEvery = 5 * time.Second

// startEdge puts storage that answers `?torrent` and a cache in front of it beside
// the gateway, as the public URL of the demo's button, which the probe watches.
func (a *App) startEdge(ctx context.Context) (*edge.Server, error) {
	storage, err := a.storage(ctx)
	if err != nil {
		return nil, err
	}
	cache := edge.NewCache(edge.CacheConfig{Upstream: storage, Now: time.Now})
	server, err := edge.NewServer(cache)
	if err != nil {
		return nil, err
	}
	button, ok := a.session.AssetAt(demoButton)
	if !ok {
		return nil, errors.New("the demo's button is not published")
	}
	a.mu.Lock()
	a.origin, a.edge, a.edgeURL = storage, cache, server.URL()+demoButton
	a.mu.Unlock()
	_, err = a.session.Add(session.Spec{InfoHash: button.InfoHash, URLs: swarm.Known([]string{server.URL() + demoButton})})
	return server, err
}

// BreakCache makes the demo's cache forget the query and poisons it with one
// request, or mends it.
func (a *App) BreakCache() (string, error) {
	a.mu.Lock()
	origin, cache, url := a.origin, a.edge, a.edgeURL
	a.mu.Unlock()
	if cache == nil {
		return "", errors.New("only the demo has a cache to break")
	}
	if origin.Down() {
		return "", errors.New("the origin is stopped: B starts it again")
	}
	defer a.probeButton()
	if cache.Forgets() {
		cache.SetForgetQuery(false)
		return "the cache has the query in its key again, and dropped what it held", nil
	}
	cache.SetForgetQuery(true)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := cache.Poison(ctx, url); err != nil {
		return "", err
	}
	return "the cache forgets the query, and somebody asked for ?torrent: b mends it", nil
}

// StopOrigin stops the storage behind the demo's cache and drops this machine's
// own copy of the button, which then comes from the crowd; or starts the storage again.
func (a *App) StopOrigin() (string, error) {
	a.mu.Lock()
	origin, cache := a.origin, a.edge
	a.mu.Unlock()
	if origin == nil {
		return "", errors.New("only the demo has an origin to stop")
	}
	defer a.probeButton()
	cache.Purge()
	if origin.Down() {
		origin.SetDown(false)
		return "the origin answers again", nil
	}
	origin.SetDown(true)
	button, ok := a.session.AssetAt(demoButton)
	if !ok {
		return "", errors.New("the demo's button is not there")
	}
	for _, f := range a.session.Assets() {
		if f.Widget != button.Widget {
			continue
		}
		if err := a.session.FetchAgain(f.InfoHash); err != nil {
			return "", err
		}
	}
	return "origin and first seeder are gone: the button comes from the crowd now · " + a.gateway.URL() + "/ shows it", nil
}

func (a *App) probeButton() {
	if button, ok := a.session.AssetAt(demoButton); ok {
		a.Probe([]swarm.InfoHash{button.InfoHash})
	}
}
