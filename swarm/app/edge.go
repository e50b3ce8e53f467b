package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/demo/edge"
	"swarmtop/swarm/gateway"
	"swarmtop/swarm/session"
)

// demoProbeEvery is the time between two probes in the demo, where all is near.
const demoProbeEvery = 5 * time.Second

// originRate is what the demo's origin sends its web seeds' clients at most, in
// bytes a second: about half of what the crowd sends.
const originRate = 24 << 10

// front is what stands beside the gateway in the demo: storage that answers
// `?torrent`, and two ways to it.
type front struct {
	storage *edge.Origin
	cache   *edge.Server // the public URL of the demo's button, which the probe watches
	line    *edge.Server // a slow one, for web seeds
}

// startEdge puts up the front of the demo, for whoever runs its servers.
func (a *App) startEdge(ctx context.Context) (f front, err error) {
	if f.storage, err = a.storage(ctx); err != nil {
		return f, err
	}
	cache := edge.NewCache(edge.CacheConfig{Upstream: f.storage, Now: time.Now})
	if f.cache, err = edge.NewServer(cache); err != nil {
		return f, err
	}
	if f.line, err = edge.NewServer(edge.NewUplink(f.storage, originRate)); err != nil {
		return f, err
	}
	button, ok := a.session.AssetAt(demoButton)
	if !ok {
		return f, errors.New("the demo's button is not published")
	}
	url := f.cache.URL() + demoButton
	a.mu.Lock()
	a.origin, a.edge, a.edgeURL = f.storage, cache, url
	a.mu.Unlock()
	_, err = a.session.Add(session.Spec{InfoHash: button.InfoHash, URLs: swarm.Known([]string{url})})
	return f, err
}

// storage is an S3-like origin that holds what this program publishes, once all of
// it is checked.
func (a *App) storage(ctx context.Context) (*edge.Origin, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for slices.ContainsFunc(a.session.Assets(), func(f swarm.Asset) bool { return !f.Complete }) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
	o := &edge.Origin{Bucket: "platform", Objects: map[string]edge.Object{}, Modified: time.Now().Add(-24 * time.Hour)}
	for _, f := range a.session.Assets() {
		c, err := a.session.Open(f)
		if err != nil {
			return nil, err
		}
		b := make([]byte, f.Size)
		_, err = c.ReadAt(b, 0)
		c.Close()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read %s: %w", f.Path, err)
		}
		o.Objects[f.Alias] = edge.Object{Type: gateway.ContentType(f, true), Data: b}
	}
	return o, nil
}

// BreakCache makes the demo's cache forget the query and poisons it with one
// request, or mends it.
func (a *App) BreakCache() (string, error) {
	a.mu.Lock()
	origin, cache, url := a.origin, a.edge, a.edgeURL
	a.mu.Unlock()
	switch {
	case cache == nil && !a.demo:
		return "", errors.New("only the demo has a cache to break")
	case cache == nil:
		return "", errors.New("the demo's cache is still starting: try again in a moment")
	case origin.Down():
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

// StopOrigin stops the storage behind the demo's cache and web seeds and drops this
// machine's own copy of the button, which then comes from the crowd; or starts the
// storage again.
func (a *App) StopOrigin() (string, error) {
	a.mu.Lock()
	origin, cache := a.origin, a.edge
	a.mu.Unlock()
	switch {
	case origin == nil && !a.demo:
		return "", errors.New("only the demo has an origin to stop")
	case origin == nil:
		return "", errors.New("the demo's origin is still starting: try again in a moment")
	case origin.Down():
		origin.SetDown(false)
		cache.Purge()
		a.probeButton()
		return "the origin answers again", nil
	}
	button, ok := a.session.AssetAt(demoButton)
	if !ok {
		return "", errors.New("the demo's button is not there")
	}
	var assets []swarm.InfoHash
	latest := a.monitor.Latest()
	for i := range latest.Swarms {
		if w := &latest.Swarms[i]; w.Widget == button.Widget {
			if othersHold(w) < 1 {
				return "", fmt.Errorf("nobody else has all of %s yet, and it would be lost: try again in some seconds", w.Name)
			}
			assets = append(assets, w.InfoHash)
		}
	}
	origin.SetDown(true)
	cache.Purge()
	defer a.probeButton()
	for _, h := range assets {
		if err := a.session.FetchAgain(h); err != nil {
			return "", err
		}
	}
	return "origin and first seeder are gone: the button comes from the crowd now · " + a.gateway.URL() + "/ shows it", nil
}

// othersHold returns how many copies of a swarm there are beside our own.
func othersHold(w *swarm.Swarm) float64 {
	ours := 0.0
	if w.State == swarm.Complete && w.Seeding {
		ours = 1
	}
	return w.Copies.Or(ours) - ours
}

func (a *App) probeButton() {
	if button, ok := a.session.AssetAt(demoButton); ok {
		a.Probe([]swarm.InfoHash{button.InfoHash})
	}
}
