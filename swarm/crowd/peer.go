package crowd

import (
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/metainfo"
	pp "github.com/anacrolix/torrent/peer_protocol"
	"golang.org/x/time/rate"

	"swarmtop/swarm"
	"swarmtop/swarm/internal/held"
	"swarmtop/swarm/internal/uplink"
)

// The settings of a peer.
const (
	maxConns = 80 // of a peer
	halfOpen = 16 // dials of a peer at once
)

// peer is a torrent client in the one swarm.
type peer struct {
	line     *uplink.Line
	turns    *turns
	client   *torrent.Client
	listener net.Listener
	id       string
}

// newPeer starts a client that has at most so many connections.
func newPeer(line *uplink.Line, index, conns int, turns *turns) (*peer, error) {
	l, err := line.Listen(uplink.PacedFrom)
	if err != nil {
		return nil, fmt.Errorf("peer %d: %w", index, err)
	}
	p := &peer{line: line, turns: turns, listener: l, id: fmt.Sprintf("-sw0100-crowd%07d", index)}
	c := torrent.NewDefaultClientConfig()
	c.Slogger = slog.New(slog.DiscardHandler)
	c.DefaultStorage = held.Nowhere{}
	c.PeerID = p.id
	c.Bep20 = p.id[:8]
	c.ExtendedHandshakeClientVersion = "swarmtop crowd"
	c.Extensions = pp.NewPeerExtensionBytes(pp.ExtensionBitLtep) // a choke discards requests, as it does without BEP 6
	c.Seed = true                                                // also what is not complete goes to whoever wants it
	c.DropDuplicatePeerIds = true
	c.HeaderObfuscationPolicy = torrent.HeaderObfuscationPolicy{RequirePreferred: true} // plain, as turns reads it
	c.EstablishedConnsPerTorrent = conns
	c.HalfOpenConnsPerTorrent = halfOpen
	c.StealRequestGrace = time.Hour // what was asked for is on its way
	c.DialRateLimiter = rate.NewLimiter(rate.Inf, 0)
	c.PieceHashersPerTorrent = 1
	c.DisablePEX = true
	c.DropMutuallyCompletePeers = false // a seeder that knows who has what sends it to nobody else
	c.Callbacks.ReadMessage = func(from *torrent.PeerConn, m *pp.Message) { turns.hear(from.RemoteAddr.String(), m) }
	// The client reaches nothing but what the line dials and accepts.
	c.DisableTCP, c.DisableUTP, c.DisableIPv6 = true, true, true
	c.NoDHT, c.NoDefaultPortForwarding = true, true
	c.DisableTrackers, c.DisableWebtorrent, c.DisableWebseeds = true, true, true
	c.DialForPeerConns = false
	if p.client, err = torrent.NewClient(c); err != nil {
		l.Close()
		return nil, fmt.Errorf("peer %d: %w", index, err)
	}
	links := linker{line, turns}
	p.client.AddDialer(links)
	p.client.AddListener(listener{l, links})
	return p, nil
}

func (p *peer) port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// join adds the asset of an info hash, of which the peer has what is held, and the info
// if it has that.
func (p *peer) join(hash swarm.InfoHash, info []byte, h *held.Asset) *torrent.Torrent {
	added, _ := p.client.AddTorrentOpt(torrent.AddTorrentOpts{InfoHash: metainfo.Hash(hash), InfoBytes: info, Storage: h})
	return added
}

// close ends every connection. The port goes last: the library takes a listener
// that fails before it is closed for one to try again.
func (p *peer) close() {
	p.turns.close()
	p.client.Close()
	p.listener.Close()
}
