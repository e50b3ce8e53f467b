// Package tracker is the embedded tracker: announce and scrape over HTTP
// (BEP 3, 7, 23, 24, 48) and UDP (BEP 15) on one port number, with bounded memory.
package tracker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmtop/swarm"
)

const (
	defaultInterval = 30 * time.Minute
	// shortestExpiry is kept for clients that announce no more often than every
	// five minutes, whatever interval they are told.
	shortestExpiry = 6 * time.Minute
	sweepEvery     = 30 * time.Second
	bindTries      = 16
)

// Config holds what a [Tracker] is made of.
type Config struct {
	Listen  string                    // host:port; port 0 takes any that is free for TCP and UDP
	Allowed func(swarm.InfoHash) bool // nil tracks every info hash

	Interval    time.Duration // that clients are told, lengthened by up to a tenth; 30 min if 0
	MinInterval time.Duration // half of Interval if 0

	// PublicHost is how the world reaches this machine. It stands in URL, and if
	// it is an IP address also for peers on loopback, towards peers elsewhere.
	PublicHost string

	Now func() time.Time // time.Now if nil
}

// Tracker listens from [New] on and answers while [Tracker.Run] does.
type Tracker struct {
	cfg    Config
	addr   netip.AddrPort
	public netip.Addr // invalid if PublicHost is none
	store  *store
	web    net.Listener
	udp    *net.UDPConn
	ids    connectionIDs
}

// Stats tell what a tracker holds and has done since it was made.
type Stats struct {
	Announces uint64 `json:"announces"` // answered with peers
	Scrapes   uint64 `json:"scrapes"`
	Refused   uint64 `json:"refused"` // requests answered with a failure reason
	Swarms    int    `json:"swarms"`
	Peers     int    `json:"peers"`
	Seeders   int    `json:"seeders"` // of the peers
}

// New listens on TCP and UDP. [Tracker.Run] closes both; a tracker that is not run stays open.
func New(cfg Config) (*Tracker, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Interval <= 0 {
		cfg.Interval = defaultInterval
	}
	if cfg.MinInterval <= 0 {
		cfg.MinInterval = cfg.Interval / 2
	}
	web, udp, err := bind(cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for announces: %w", err)
	}
	t := &Tracker{
		cfg: cfg, web: web, udp: udp,
		addr:  web.Addr().(*net.TCPAddr).AddrPort(),
		store: newStore(max(cfg.Interval*5/2, shortestExpiry)),
		ids:   newConnectionIDs(),
	}
	t.addr = netip.AddrPortFrom(t.addr.Addr().Unmap(), t.addr.Port())
	t.public, _ = netip.ParseAddr(cfg.PublicHost)
	return t, nil
}

// bind listens on one port number for TCP and UDP.
func bind(listen string) (net.Listener, *net.UDPConn, error) {
	for try := 1; ; try++ {
		web, err := net.Listen("tcp", listen)
		if err != nil {
			return nil, nil, err
		}
		addr := web.Addr().(*net.TCPAddr)
		udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: addr.IP, Port: addr.Port, Zone: addr.Zone})
		if err == nil {
			return web, udp, nil
		}
		web.Close()
		if _, port, _ := net.SplitHostPort(listen); port != "0" || try == bindTries {
			return nil, nil, err
		}
	}
}

// Addr is where the tracker listens.
func (t *Tracker) Addr() netip.AddrPort { return t.addr }

// URL is the announce URL that is published.
func (t *Tracker) URL() string {
	host := t.cfg.PublicHost
	if host == "" {
		host = t.addr.Addr().String()
		if t.addr.Addr().IsUnspecified() {
			host = "127.0.0.1"
		}
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(int(t.addr.Port()))) + "/announce"
}

// Stats returns the figures of now.
func (t *Tracker) Stats() Stats { return t.store.stats() }

// Run answers until ctx ends.
func (t *Tracker) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	server := &http.Server{
		Handler:           t.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          quiet(),
	}
	group.Go(func() error {
		if err := server.Serve(t.web); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve announces over HTTP: %w", err)
		}
		return nil
	})
	group.Go(func() error { return t.serveUDP(ctx) })
	group.Go(func() error {
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				t.udp.Close()
				return server.Close()
			case <-tick.C:
				t.store.sweep(t.cfg.Now())
			}
		}
	})
	return group.Wait()
}

// interval is what the next client is told: up to a tenth longer than
// configured, so that those who came together do not come back together.
func (t *Tracker) interval() time.Duration {
	return t.cfg.Interval + rand.N(t.cfg.Interval/10+1)
}
