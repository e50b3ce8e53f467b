package crowd

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmtop/swarm/internal/held"
	"swarmtop/swarm/internal/uplink"
	"swarmtop/swarm/tracker"
)

// origin is where an asset comes from: it seeds it, and hands out the metainfo, on one
// uplink, and tracks.
type origin struct {
	line    *uplink.Line
	asset   *asset
	seeder  *peer
	tracker *tracker.Tracker
	web     net.Listener
	server  *http.Server
	tasks   errgroup.Group
	stop    context.CancelFunc
}

const metainfoPath = "/t/asset.torrent"

// newOrigin starts the origin, and returns once the tracker knows its seeder.
func newOrigin(ctx context.Context, ip netip.Addr, cfg Config) (o *origin, err error) {
	o = &origin{line: newLine(ip, cfg.Uplink)}
	ctx, o.stop = context.WithCancel(ctx)
	defer func() {
		if err != nil {
			err = errors.Join(err, o.close())
		}
	}()
	if o.tracker, err = tracker.New(tracker.Config{Listen: "127.0.0.1:0"}); err != nil {
		return nil, err
	}
	o.tasks.Go(func() error { return o.tracker.Run(ctx) })
	if o.asset, err = newAsset(cfg, o.tracker.URL()); err != nil {
		return nil, err
	}
	if o.web, err = o.line.Listen(0); err != nil {
		return nil, err
	}
	o.server = &http.Server{Handler: http.HandlerFunc(o.answer), ReadHeaderTimeout: 10 * time.Second}
	o.tasks.Go(func() error { return ignoreClosed(o.server.Serve(o.web)) })
	if o.seeder, err = newPeer(o.line, 0, cfg.Uplink, cfg.SeedSlots); err != nil {
		return nil, err
	}
	o.seeder.join(&o.asset.torrent, held.Whole(cfg.Data, cfg.PieceLength))
	_, err = newFetcher(ip).announce(ctx, announcement{
		tracker: o.tracker.URL(), hash: o.asset.torrent.InfoHash, id: o.seeder.id, port: o.seeder.port(), event: "started",
	})
	return o, err
}

// metainfoURL is where the metainfo can be had.
func (o *origin) metainfoURL() string { return "http://" + o.web.Addr().String() + metainfoPath }

// answer gives the metainfo with the headers that it needs.
func (o *origin) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-bittorrent")
	_, _ = w.Write(o.asset.metainfo)
}

// close stops everything and waits for it.
func (o *origin) close() error {
	o.stop()
	if o.server != nil {
		o.server.Close()
	}
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
