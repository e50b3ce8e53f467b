package crowd

import (
	"context"
	"crypto/sha1"
	"errors"
	"net/http"
	"net/netip"
	"slices"

	"golang.org/x/sync/errgroup"

	"swarmtop/swarm/admit"
	"swarmtop/swarm/internal/held"
	"swarmtop/swarm/internal/uplink"
	"swarmtop/swarm/tracker"
)

// block is what peers ask for at a time, in bytes.
const block = 16 << 10

// origin is where an asset comes from: it seeds it on its uplink, and tracks.
type origin struct {
	line    *uplink.Line
	asset   admit.Torrent
	seeder  *peer
	tracker *tracker.Tracker
	tasks   errgroup.Group
	stop    context.CancelFunc
}

// newOrigin starts the origin, and returns once the tracker knows its seeder.
func newOrigin(ctx context.Context, ip netip.Addr, cfg Config) (o *origin, err error) {
	o = &origin{line: newLine(ip, cfg.Uplink)}
	ctx, o.stop = context.WithCancel(ctx)
	defer func() {
		if err != nil {
			err = errors.Join(err, o.close())
		}
	}()
	if o.asset, err = newAsset(cfg); err != nil {
		return nil, err
	}
	if o.tracker, err = tracker.New(tracker.Config{Listen: "127.0.0.1:0"}); err != nil {
		return nil, err
	}
	o.tasks.Go(func() error { return o.tracker.Run(ctx) })
	turns := cfg.turns(newOnce(cfg.size(), cfg.PieceLength))
	if o.seeder, err = newPeer(o.line, 0, cfg.SeedSlots, turns); err != nil {
		return nil, err
	}
	o.seeder.join(o.asset.InfoHash, o.asset.InfoBytes, held.Whole(cfg.Data, cfg.PieceLength))
	turns.inform(len(o.asset.InfoBytes))
	_, err = newFetcher(ip).announce(ctx, announcement{
		tracker: o.tracker.URL(), hash: o.asset.InfoHash, id: o.seeder.id, port: o.seeder.port(), event: "started",
	})
	return o, err
}

// newAsset cuts the asset into pieces, as it is published.
func newAsset(cfg Config) (admit.Torrent, error) {
	var hashes []byte
	for part := range slices.Chunk(cfg.Data, int(cfg.PieceLength)) {
		sum := sha1.Sum(part)
		hashes = append(hashes, sum[:]...)
	}
	return admit.Single(cfg.Name, cfg.size(), cfg.PieceLength, hashes)
}

// close stops everything and waits for it.
func (o *origin) close() error {
	o.stop()
	if o.seeder != nil {
		o.seeder.close()
	}
	return o.tasks.Wait()
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
