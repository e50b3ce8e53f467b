package session

import (
	"crypto/rand"
	"log/slog"
	"net"
	"net/netip"

	alog "github.com/anacrolix/log"
	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/iplist"
	"golang.org/x/time/rate"
)

const (
	// Name and Version are told to peers and trackers.
	Name    = "swarmtop"
	Version = "0.1.0"

	peerIDPrefix = "-sw0100-" // BEP 20

	// limiterBurst is how much a rate limiter lets through at once. The library
	// wedges below the size of its largest read and write.
	limiterBurst = 1 << 20

	// dialsPerSecond bounds the connections that are begun with other machines: routers
	// keep a state of each.
	dialsPerSecond = 200
	connsPerSwarm  = 80
)

func newPeerID() (id [20]byte) {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	copy(id[:], peerIDPrefix)
	rest := id[len(peerIDPrefix):]
	rand.Read(rest)
	for i, b := range rest {
		rest[i] = letters[b%64]
	}
	return id
}

func (s *Session) clientConfig(host string, port int) *torrent.ClientConfig {
	c := torrent.NewDefaultClientConfig()
	if ip, err := netip.ParseAddr(host); err == nil && ip != netip.IPv6Unspecified() {
		c.DisableIPv6 = ip.Is4()
		c.DisableIPv4 = ip.Is6()
	}
	c.ListenHost = func(string) string { return host }
	c.ListenPort = port
	c.PeerID = string(s.peerID[:])
	c.Bep20 = peerIDPrefix
	c.ExtendedHandshakeClientVersion = Name + " " + Version
	c.HTTPUserAgent = Name + "/" + Version

	// An encrypted handshake costs both ends two exponentiations, a third of the work that a
	// small asset is. Who wants one gets it at the second try.
	c.HeaderObfuscationPolicy.Preferred = false
	c.HandshakesTimeout = handshakeTime
	c.DefaultStorage = s.blobs
	c.Seed = true                       // the switch of each swarm decides, see SetSeeding
	c.DropMutuallyCompletePeers = false // a monitor shows the other seeders too
	c.DropDuplicatePeerIds = true
	c.DisableTrackers = true // swarm/announce does it, and can tell how it went
	c.DisableWebtorrent = true
	c.DisableUTP = true
	c.DisableTCP = true // our listener and our dialer do it
	c.NoDHT = true      // startDHT does it
	c.DhtStartingNodes = s.dhtNodes
	c.DisablePEX = s.cfg.NoPEX
	if s.cfg.LSD {
		// It writes what it does to this logger, whatever the client's own is.
		alog.Default.Handlers = nil
		c.LocalServiceDiscovery = &torrent.LocalServiceDiscoveryConfig{Ip6: !c.DisableIPv6}
	}
	c.NoDefaultPortForwarding = true
	c.EstablishedConnsPerTorrent = min(connsPerSwarm, cap(s.slots))
	c.DialForPeerConns = false                       // our dialer does it, and can tell how it went
	c.DialRateLimiter = rate.NewLimiter(rate.Inf, 0) // our dialer knows which addresses want one
	c.UploadRateLimiter = s.up
	c.DownloadRateLimiter = rate.NewLimiter(rate.Inf, limiterBurst)
	c.IPBlocklist = s.bans
	c.Slogger = slog.New(slog.DiscardHandler)
	c.Callbacks = s.conns.callbacks(s.cfg.Now)
	c.Callbacks.ReceiveEncryptedHandshakeSkeys = s.secrets
	c.AlwaysWantConns = true // the listener knows, also of swarms that the client does not hold
	c.Callbacks.ReceivedUsefulData = []func(torrent.ReceivedUsefulDataEvent){s.awaiting.received}
	return c
}

// dialer returns the dialer of a client with a configuration.
func (s *Session) dialer(c *torrent.ClientConfig) *dialer {
	d := &dialer{network: "tcp", session: s, pace: rate.NewLimiter(dialsPerSecond, dialsPerSecond)}
	d.KeepAlive, d.FallbackDelay = -1, -1 // peers send keepalives of their own; they are dialled by address
	switch {
	case c.DisableIPv6:
		d.network = "tcp4"
	case c.DisableIPv4:
		d.network = "tcp6"
	}
	return d
}

// blocklist refuses peers whose address is in one of the prefixes.
type blocklist []netip.Prefix

func (b blocklist) NumRanges() int { return len(b) }

func (b blocklist) Lookup(ip net.IP) (iplist.Range, bool) {
	a, ok := netip.AddrFromSlice(ip)
	if !ok {
		return iplist.Range{Description: "not an IP address"}, true
	}
	for _, p := range b {
		if p.Contains(a.Unmap()) {
			return iplist.Range{Description: p.String()}, true
		}
	}
	return iplist.Range{}, false
}
