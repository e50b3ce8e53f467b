package demo

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/anacrolix/torrent"
	"golang.org/x/time/rate"

	"swarmtop/swarm/internal/held"
	"swarmtop/swarm/internal/uplink"
)

// clientNames are what the peers call themselves. None is the name of a client
// that exists.
var clientNames = [...]string{
	"Paperboat 2.1", "Lanternfish 0.9", "Kitewind 4.0", "Tidepool 1.3", "Copperwren 3.2", "Marzipan 1.0",
	"Hollyhock 2.6", "Quillback 0.4", "Snowdrift 5.1", "Bramble 1.8", "Cloudberry 2.0", "Inkwell 0.7",
}

// client is one life of a peer: a torrent client with an id, a name and a port
// that nobody had before.
type client struct {
	torrent  *torrent.Client
	listener net.Listener
	announcer
}

// newClient starts a client on the host that sends at most the given bytes a second.
func newClient(r *rand.Rand, h host, tracker, name string, bytesPerSecond float64) (*client, error) {
	line := uplink.New(h.ip, bytesPerSecond)
	l, err := line.Listen(uplink.PacedFrom)
	if err != nil {
		return nil, fmt.Errorf("demo peer %s: %w", h.ip, err)
	}
	id := []byte("-dm0100-            ")
	for i := 8; i < len(id); i++ {
		id[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[r.IntN(36)]
	}

	cfg := torrent.NewDefaultClientConfig()
	cfg.Slogger = slog.New(slog.DiscardHandler)
	cfg.DefaultStorage = held.Nowhere{}
	cfg.PeerID = string(id)
	cfg.ExtendedHandshakeClientVersion = name
	cfg.Seed = true
	cfg.DropMutuallyCompletePeers = false
	cfg.DropDuplicatePeerIds = true
	cfg.HeaderObfuscationPolicy.Preferred = r.IntN(3) == 0
	cfg.EstablishedConnsPerTorrent = 8
	cfg.HalfOpenConnsPerTorrent = 4
	cfg.DialRateLimiter = rate.NewLimiter(rate.Inf, 0)
	cfg.PieceHashersPerTorrent = 1
	// The client reaches nothing but what the line dials and accepts.
	cfg.DisableTCP, cfg.DisableUTP, cfg.DisableIPv6 = true, true, true
	cfg.NoDHT, cfg.NoDefaultPortForwarding = true, true
	cfg.DisableTrackers, cfg.DisableWebtorrent, cfg.DisableWebseeds = true, true, true
	cfg.DialForPeerConns = false

	cl, err := torrent.NewClient(cfg)
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("demo peer %s: %w", h.ip, err)
	}
	cl.AddDialer(line)
	cl.AddListener(l)
	return &client{cl, l, announcer{h.httpClient(), tracker, string(id), l.Addr().(*net.TCPAddr).Port}}, nil
}

// close ends every connection of the client. The port goes last: the library
// takes a listener that fails before it is closed for one to try again.
func (c *client) close() {
	c.torrent.Close()
	c.listener.Close()
}

// runPeer lives one life after another on the host until ctx ends.
func (c *Crowd) runPeer(ctx context.Context, index int, h host) error {
	for life := 0; ctx.Err() == nil; life++ {
		r := c.chance(index+1, life)
		if life == 0 {
			pause(ctx, c.between(r, 0, 600*time.Millisecond))
		}
		if err := c.live(ctx, r, h, index, life); err != nil {
			return err
		}
		pause(ctx, c.between(r, time.Second, 6*time.Second))
	}
	return nil
}

// live joins some swarms, fetches them, seeds a while and leaves. A fetch that
// cannot end, because nobody seeds, does not keep the peer longer.
func (c *Crowd) live(ctx context.Context, r *rand.Rand, h host, index, life int) error {
	name := clientNames[(index+life*5)%len(clientNames)]
	cl, err := newClient(r, h, c.cfg.Tracker, name, logUniform(r, 24<<10, 128<<10))
	if err != nil {
		return err
	}
	defer cl.close()

	wants := c.wants(index, life)
	fetch := make([]time.Duration, len(wants))
	var longest time.Duration
	for i, a := range wants {
		fetch[i] = c.scaled(time.Duration(logUniform(r, 4, 32) * float64(time.Second)))
		fetch[i] += time.Duration(float64(a.size) / (1 << 20) * float64(c.between(r, 12*time.Second, 24*time.Second)))
		longest = max(longest, fetch[i])
	}
	ctx, cancel := context.WithTimeout(ctx, longest+c.between(r, 3*time.Second, 18*time.Second))
	defer cancel()
	var all sync.WaitGroup
	for i, a := range wants {
		m := newMember(cl, a, held.Missing(a.size, pieceLength))
		own := rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))
		all.Go(func() { m.run(ctx, own, fetch[i]) })
	}
	all.Wait()
	return nil
}

// wants returns the swarms that a peer joins in a life: a run of the published
// ones, which is about a widget, so that between them the peers are in every
// swarm; and in every other life the foreign one.
func (c *Crowd) wants(index, life int) []*asset {
	var wants []*asset
	n := len(c.assets)
	for k := range int(math.Ceil(float64(n) * wantsShare)) {
		wants = append(wants, c.assets[(index+3*life+k)%n])
	}
	if (index+life)%2 == 0 {
		wants = append(wants, c.foreign.newest())
	}
	return wants
}

// logUniform returns a number from lo to hi, as likely in each octave.
func logUniform(r *rand.Rand, lo, hi float64) float64 {
	return lo * math.Pow(hi/lo, r.Float64())
}
