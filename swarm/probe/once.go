package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"

	"swarmtop/swarm"
)

// ErrTorrentQuery says that a URL asks for metainfo in a way that poisons caches.
var ErrTorrentQuery = errors.New("a URL with `?torrent` is never probed: the request can poison the caches on its way")

// Once asks a URL at every address of its host, one after the other, and returns
// what each came to. A URL that cannot be asked is an error.
func (a *Asker) Once(ctx context.Context, rawURL string, want Want) ([]swarm.Probe, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("%s: not a URL", rawURL)
	}
	if AsksForTorrent(u) {
		return nil, fmt.Errorf("%s: %w", rawURL, ErrTorrentQuery)
	}
	addrs, err := a.Addresses(ctx, u)
	if err != nil || len(addrs) == 0 {
		f := finding{verdict: swarm.ProbeUnreachable, reason: errorText(err)}
		return []swarm.Probe{f.probe(rawURL, netip.AddrPort{}, want, a.Now())}, ctx.Err()
	}
	var all []swarm.Probe
	for _, addr := range addrs[:min(len(addrs), mostEdges)] {
		f := a.ask(ctx, u, addr, want, true)
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		all = append(all, f.probe(rawURL, addr, want, a.Now()))
	}
	return all, nil
}
