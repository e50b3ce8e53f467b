package demo

import (
	"context"
	"math/rand/v2"
	"net"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm/internal/held"
)

// inFlight is how many pieces a member asks for before one of them has come.
const inFlight = 2

// member is one peer in one swarm.
type member struct {
	client  *client
	torrent *torrent.Torrent
	asset   *asset
	held    *held.Asset
}

// newMember adds the asset to the client, which then has what is held.
func newMember(cl *client, a *asset, h *held.Asset) *member {
	t, _ := cl.torrent.AddTorrentOpt(torrent.AddTorrentOpts{InfoHash: a.hash, InfoBytes: a.info, Storage: h})
	return &member{cl, t, a, h}
}

// run takes part in the swarm until ctx ends, and asks for the missing pieces
// in an order and at moments of its own, spread over fetch. Asking slowly is
// what makes a slow peer: its sources see one block wanted at a time.
func (m *member) run(ctx context.Context, r *rand.Rand, fetch time.Duration) {
	defer m.leave(ctx)
	announce := time.NewTimer(m.tell(ctx, "started"))
	defer announce.Stop()

	order := r.Perm(m.asset.pieces)
	step := fetch / time.Duration(m.asset.pieces)
	next := time.NewTimer(time.Duration(r.Float64() * float64(min(step, 3*time.Second))))
	defer next.Stop()
	asked := 0
	complete := m.held.Complete()
	if m.held.Pieces() == m.asset.pieces {
		next.Stop()
		complete = nil
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-announce.C:
			announce.Reset(m.tell(ctx, ""))
		case <-complete:
			complete = nil
			next.Stop()
			announce.Reset(m.tell(ctx, "completed"))
		case <-next.C:
			if asked < len(order) && asked-m.held.Pieces() < inFlight {
				m.torrent.DownloadPieces(order[asked], order[asked]+1)
				asked++
			}
			next.Reset(step)
		}
	}
}

// tell announces, passes on the peers that the tracker knows, and returns when to announce again.
func (m *member) tell(ctx context.Context, event string) time.Duration {
	interval, peers, err := m.client.do(ctx, m.announce(event))
	if err != nil {
		return retryAfter
	}
	infos := make([]torrent.PeerInfo, len(peers))
	for i, p := range peers {
		infos[i] = torrent.PeerInfo{Addr: net.TCPAddrFromAddrPort(p), Source: torrent.PeerSourceTracker}
	}
	m.torrent.AddPeers(infos)
	return interval
}

// leave tells the tracker, which need not answer: it will notice.
func (m *member) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeWithin)
	defer cancel()
	_, _, _ = m.client.do(ctx, m.announce("stopped"))
}

func (m *member) announce(event string) announce {
	stats := m.torrent.Stats()
	left := m.asset.size - int64(m.held.Pieces())*pieceLength
	return announce{
		asset:      m.asset,
		event:      event,
		uploaded:   stats.BytesWrittenData.Int64(),
		downloaded: stats.BytesReadUsefulData.Int64(),
		left:       max(left, 0),
	}
}
