// Package tracker is the embedded tracker: announce and scrape over HTTP
// (BEP 3, 7, 23, 24, 48) and UDP (BEP 15) on one port number, with bounded memory.
package tracker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"sync/atomic"
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
	sweepsPerSave  = 4
	bindTries      = 16
)

// Config holds what a [Tracker] is made of.
type Config struct {
	Listen  string                    // host:port; port 0 takes any that is free for TCP and UDP
	Allowed func(swarm.InfoHash) bool // nil tracks every info hash

	Interval    time.Duration // that clients are told, lengthened by up to a tenth; 30 min if 0
	MinInterval time.Duration // half of Interval if 0

	// PublicHost is how the world reaches this machine. It stands in URL, and its
	// addresses stand for those of peers on loopback, towards peers elsewhere. A
	// name is looked up again and again while the tracker runs.
	PublicHost string

	// MaxConns bounds the connections served at once; 1024 if 0.
	MaxConns int

	// State is the file that keeps the swarms over a restart; empty for none.
	State string

	Now func() time.Time                     // time.Now if nil
	Log func(level swarm.Level, text string) // nil for nobody
}

// Tracker listens from [New] on and answers while [Tracker.Run] does.
type Tracker struct {
	cfg   Config
	addr  netip.AddrPort
	store *store
	web   *web
	udp   *net.UDPConn
	ids   connectionIDs

	public   atomic.Pointer[publicAddrs] // nil while PublicHost has none
	lookupIP func(ctx context.Context, network, host string) ([]netip.Addr, error)
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

// New takes up what the state file holds, and listens on TCP and UDP. [Tracker.Run]
// closes both; a tracker that is not run stays open.
func New(cfg Config) (*Tracker, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = func(swarm.Level, string) {}
	}
	if cfg.Interval <= 0 {
		cfg.Interval = defaultInterval
	}
	if cfg.MinInterval <= 0 {
		cfg.MinInterval = cfg.Interval / 2
	}
	listener, udp, err := bind(cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for announces: %w", err)
	}
	addr := listener.Addr().(*net.TCPAddr).AddrPort()
	t := &Tracker{
		cfg: cfg, udp: udp,
		addr:     netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()),
		store:    newStore(max(cfg.Interval*5/2, shortestExpiry)),
		ids:      newConnectionIDs(),
		lookupIP: net.DefaultResolver.LookupNetIP,
	}
	accept, err := newAcceptor(listener)
	if err != nil {
		udp.Close()
		return nil, fmt.Errorf("listen for announces: %w", err)
	}
	t.web = newWeb(accept, t.answerHTTP, t.answerBusy)
	if cfg.MaxConns > 0 {
		t.web.limit = cfg.MaxConns
	}
	if ip, err := netip.ParseAddr(cfg.PublicHost); err == nil {
		t.public.Store(publicOf([]netip.Addr{ip}))
	}
	if cfg.State != "" {
		if err := t.store.load(cfg.State, cfg.Now()); err != nil {
			cfg.Log(swarm.Warn, fmt.Sprintf("tracker: begin without the swarms of before: %v", err))
		}
	}
	return t, nil
}

// bind listens on one port number for TCP and UDP.
func bind(listen string) (net.Listener, *net.UDPConn, error) {
	// Deadlines find out who is gone; to have the system ask costs time for each connection.
	tcp := net.ListenConfig{KeepAlive: -1, Control: deferAccept}
	for try := 1; ; try++ {
		l, err := tcp.Listen(context.Background(), "tcp", listen)
		if err != nil {
			return nil, nil, err
		}
		addr := l.Addr().(*net.TCPAddr)
		udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: addr.IP, Port: addr.Port, Zone: addr.Zone})
		if err == nil {
			return l, udp, nil
		}
		l.Close()
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

// Run answers until ctx ends, and then saves the swarms.
func (t *Tracker) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(t.web.serve)
	group.Go(func() error { return t.serveUDP(ctx) })
	group.Go(func() error {
		<-ctx.Done()
		t.web.close()
		return t.udp.Close()
	})
	group.Go(func() error {
		t.tidy(ctx)
		return nil
	})
	if _, err := netip.ParseAddr(t.cfg.PublicHost); err != nil && t.cfg.PublicHost != "" {
		group.Go(func() error {
			t.lookup(ctx)
			return nil
		})
	}
	err := group.Wait()
	if t.cfg.State == "" {
		return err
	}
	if saveErr := t.store.save(t.cfg.State); saveErr != nil {
		err = errors.Join(err, fmt.Errorf("save the tracker's swarms: %w", saveErr))
	}
	return err
}

// tidy sweeps the store and saves it now and then, until ctx ends.
func (t *Tracker) tidy(ctx context.Context) {
	var saved uint64 // announces at that time
	failed := false
	for n := 1; pause(ctx, sweepEvery); n++ {
		t.store.sweep(t.cfg.Now())
		announces := t.store.announces.Load()
		if t.cfg.State == "" || announces == saved || n%sweepsPerSave != 0 {
			continue
		}
		err := t.store.save(t.cfg.State)
		if err != nil && !failed {
			t.cfg.Log(swarm.Warn, fmt.Sprintf("tracker: save the swarms: %v", err))
		}
		if failed = err != nil; !failed {
			saved = announces
		}
	}
}

// interval is what the next client is told: up to a tenth longer than
// configured, so that those who came together do not come back together.
func (t *Tracker) interval() time.Duration {
	return t.cfg.Interval + rand.N(t.cfg.Interval/10+1)
}
