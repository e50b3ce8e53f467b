package crowd

import (
	"fmt"
	"log/slog"
	"net"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/metainfo"
	"golang.org/x/time/rate"

	"swarmtop/swarm/admit"
	"swarmtop/swarm/internal/held"
	"swarmtop/swarm/internal/uplink"
)

// The settings of a peer.
const (
	maxConns = 80 // of a peer
	halfOpen = 16 // dials of a peer at once
	// ahead is how much the library may hand to a connection before the uplink has
	// room for it, in bytes. It must be a block at least; what is handed over can be
	// cancelled no more, and reaches the peer though another was faster.
	ahead = block
)

// peer is a torrent client in the one swarm.
type peer struct {
	line     *uplink.Line
	client   *torrent.Client
	listener net.Listener
	id       string
}

// newPeer starts a client that sends at most so many bytes a second, over at most
// so many connections.
func newPeer(line *uplink.Line, index int, bytesPerSecond int64, conns int) (*peer, error) {
	l, err := line.Listen(uplink.PacedFrom)
	if err != nil {
		return nil, fmt.Errorf("peer %d: %w", index, err)
	}
	p := &peer{line: line, listener: l, id: fmt.Sprintf("-sw0100-crowd%07d", index)}
	c := torrent.NewDefaultClientConfig()
	c.Slogger = slog.New(slog.DiscardHandler)
	c.DefaultStorage = held.Nowhere{}
	c.PeerID = p.id
	c.Bep20 = p.id[:8]
	c.ExtendedHandshakeClientVersion = "swarmtop crowd"
	c.Seed = true // also what is not complete goes to whoever wants it, without choking
	c.DropDuplicatePeerIds = true
	c.HeaderObfuscationPolicy.Preferred = false
	c.EstablishedConnsPerTorrent = conns
	c.HalfOpenConnsPerTorrent = halfOpen
	c.DialRateLimiter = rate.NewLimiter(rate.Inf, 0)
	c.UploadRateLimiter = rate.NewLimiter(rate.Limit(bytesPerSecond), ahead)
	c.PieceHashersPerTorrent = 1
	c.DisablePEX = true
	// The client reaches nothing but what the line dials and accepts.
	c.DisableTCP, c.DisableUTP, c.DisableIPv6 = true, true, true
	c.NoDHT, c.NoDefaultPortForwarding = true, true
	c.DisableTrackers, c.DisableWebtorrent, c.DisableWebseeds = true, true, true
	c.DialForPeerConns = false
	if p.client, err = torrent.NewClient(c); err != nil {
		l.Close()
		return nil, fmt.Errorf("peer %d: %w", index, err)
	}
	p.client.AddDialer(line)
	p.client.AddListener(l)
	return p, nil
}

func (p *peer) port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// join adds the asset, of which the peer has what is held.
func (p *peer) join(t *admit.Torrent, h *held.Asset) *torrent.Torrent {
	added, _ := p.client.AddTorrentOpt(torrent.AddTorrentOpts{InfoHash: metainfo.Hash(t.InfoHash), InfoBytes: t.InfoBytes, Storage: h})
	return added
}

// close ends every connection. The port goes last: the library takes a listener
// that fails before it is closed for one to try again.
func (p *peer) close() {
	p.client.Close()
	p.listener.Close()
}
