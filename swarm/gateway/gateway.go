// Package gateway serves the assets of the swarms and their metainfo over HTTP,
// by one rule: one path, one byte sequence. Neither query nor any header of a
// request changes the bytes or the type that a path answers with, so that no
// cache, whatever it keys on, can give one client what another asked for. Bytes
// leave only after they were verified, as their declared or pinned type, and
// only when they look like it.
package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"swarmtop/swarm"
)

// Content is the verified bytes of one asset. Each ReadAt returns bytes whose
// piece was checked, or an error; offsets count from the asset's first byte. When
// a client leaves, Close may come while a ReadAt is still under way.
type Content = interface {
	io.ReaderAt
	io.Closer
}

// Arriving is the bytes of an asset whose pieces are still to come. A ReadAt waits
// for those that it needs, at most until the context of Fetch ends, and one that
// stays within one piece waits for that piece alone.
type Arriving = interface {
	Content
	Origin() swarm.Origin // the furthest that bytes came from for this request
}

// Assets is what the gateway serves from. Its methods are called from many
// goroutines at once.
type Assets interface {
	Assets() []swarm.Asset                                   // every file of every swarm
	Turn() uint64                                            // another one when something in what Assets returns may have changed
	Files(h swarm.InfoHash) []swarm.Asset                    // those of one swarm
	Asset(h swarm.InfoHash, path string) (swarm.Asset, bool) // by the path within its swarm, which begins with the torrent's name
	AssetAt(alias string) (swarm.Asset, bool)                // by its own URL path
	Metainfo(h swarm.InfoHash) ([]byte, bool)                // the .torrent file as of now; the trackers in it may change
	Open(a swarm.Asset) (Content, error)                     // what is here of an asset; reads of the rest fail

	// ToCome tells of a swarm whose files are not known yet, since its metadata is
	// still to come, and ToComeAt of the one whose alias will be at a URL path.
	ToCome(h swarm.InfoHash) bool
	ToComeAt(alias string) (swarm.InfoHash, bool)

	// Fetch returns the bytes of an unfinished asset, for one request.
	Fetch(ctx context.Context, a swarm.Asset) (Arriving, error)
}

// Config is what a Gateway is made of.
type Config struct {
	Listen string // host:port; port 0 for a free one
	Assets Assets

	Hosts           []string // names that a request may call this gateway by, beside addresses and localhost
	TLSCert, TLSKey string   // PEM files; HTTPS when given
	CacheBytes      int64    // of verified assets kept in memory; 0 for none
	MaxConns        int      // open at once, the rest is closed; 0 for no bound
	MaxRequests     int      // at once, the rest is answered 429; 0 for 2048
	Demo            string   // alias that the index page shows in a frame; empty for none
	AccessLog       string   // file that gets a line of JSON for each response; empty for none

	Now func() time.Time          // nil for time.Now
	Log func(swarm.Level, string) // one line that is clean; nil for nothing
}

const (
	headerTimeout   = 10 * time.Second
	bodyTimeout     = 20 * time.Second // requests have no use for a body
	idleTimeout     = 60 * time.Second
	progressTimeout = 30 * time.Second // for each 256 KiB of an answer
	maxHeaderBytes  = 16 << 10
	maxRequests     = 2048
	shutdownTimeout = 500 * time.Millisecond
	auditInterval   = time.Second
	deliverTimeout  = 10 * time.Second // for each piece that a request waits for
)

// Gateway is an HTTP server of assets. Its methods may be called from any goroutine.
type Gateway struct {
	assets Assets
	hosts  map[string]bool
	demo   string
	now    func() time.Time
	log    func(swarm.Level, string)

	listener net.Listener
	server   *http.Server
	url      string
	page     page

	slots     chan struct{} // one for each request under way
	waiting   waiting       // of them, those that wait for a swarm
	accessLog *accessLog    // nil for none
	cache     cache
	audit     audit
	responses responseLog
	leaving   leavers
	date      dateLine
}

// New binds the address and returns a gateway that [Gateway.Run] will serve
// with. When the address is taken the error names it and is syscall.EADDRINUSE.
func New(c Config) (*Gateway, error) {
	g := &Gateway{
		assets: c.Assets,
		hosts:  map[string]bool{"localhost": true},
		demo:   c.Demo,
		now:    c.Now,
		log:    c.Log,
		page:   newPage(),
	}
	if g.now == nil {
		g.now = time.Now
	}
	if g.log == nil {
		g.log = func(swarm.Level, string) {}
	}
	for _, h := range c.Hosts {
		g.hosts[hostName(h)] = true
	}
	n := c.MaxRequests
	if n <= 0 {
		n = maxRequests
	}
	g.slots = make(chan struct{}, n)
	g.waiting.limit = max(n/2, 1)
	g.cache.budget = c.CacheBytes
	g.server = g.newServer(c.MaxConns)
	scheme := "http"
	if c.TLSCert != "" || c.TLSKey != "" {
		pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("read TLS certificate %s and key %s: %w", c.TLSCert, c.TLSKey, err)
		}
		g.server.TLSConfig = &tls.Config{
			Certificates: []tls.Certificate{pair},
			NextProtos:   []string{"h2", "http/1.1", "http/1.0"}, // clients of HTTP/1.0 name it
		}
		scheme = "https"
	}
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("serve assets: %w", err)
	}
	if c.AccessLog != "" {
		if g.accessLog, err = openAccessLog(c.AccessLog, g.log); err != nil {
			ln.Close()
			return nil, err
		}
	}
	g.listener = ln
	g.url = scheme + "://" + reachable(ln.Addr().String())
	return g, nil
}

// newServer returns what answers, over so many connections at most; 0 for no bound.
func (g *Gateway) newServer(conns int) *http.Server {
	s := &http.Server{
		Handler:                      g.Handler(),
		ReadHeaderTimeout:            headerTimeout,
		ReadTimeout:                  bodyTimeout,
		WriteTimeout:                 progressTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeaderBytes - 4096, // net/http adds 4096 to it
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(&serverLog{log: g.log, now: g.now, said: map[string]time.Time{}}, "", 0),
	}
	watch(s)
	if conns > 0 {
		boundConns(s, conns)
	}
	return s
}

// URL returns the base URL that this machine reaches the gateway by, without a
// slash at the end.
func (g *Gateway) URL() string { return g.url }

// Handler returns what answers the requests, for use behind another server.
func (g *Gateway) Handler() http.Handler { return http.HandlerFunc(g.serve) }

// Run serves until ctx is done, then gives the requests under way half a second
// and returns nil. It also checks, about once a second, the type of every
// complete asset that nobody has asked for yet. It is called once.
func (g *Gateway) Run(ctx context.Context) error {
	if g.accessLog != nil {
		var writer sync.WaitGroup
		stop := make(chan struct{})
		writer.Go(func() { g.accessLog.run(stop) })
		defer writer.Wait()
		defer close(stop) // when nothing is under way any more
	}
	served := make(chan error, 1)
	go func() {
		if g.server.TLSConfig != nil {
			served <- g.server.ServeTLS(g.listener, "", "")
		} else {
			served <- g.server.Serve(listener{g.listener, g})
		}
	}()
	tick := time.NewTicker(auditInterval)
	defer tick.Stop()
	for {
		g.sweep(ctx)
		select {
		case <-tick.C:
		case err := <-served:
			g.server.Close()
			g.leaving.cut()
			g.drain()
			return fmt.Errorf("serve assets at %s: %w", g.url, err)
		case <-ctx.Done():
			bound, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
			defer cancel()
			defer context.AfterFunc(bound, g.leaving.cut)()
			if g.server.Shutdown(bound) != nil {
				g.server.Close() // cuts what is still under way
			}
			if err := <-served; !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve assets at %s: %w", g.url, err)
			}
			g.drain()
			return nil
		}
	}
}

// drain returns when no request is under way; it lets none in any more.
func (g *Gateway) drain() {
	for range cap(g.slots) {
		g.slots <- struct{}{}
	}
}

// reachable turns a listening address into one that can be dialled. Where all
// addresses are listened on, those of IPv4 are among them.
func reachable(addr string) string {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil || !ap.Addr().IsUnspecified() {
		return addr
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), ap.Port()).String()
}

// hostName returns the lower-case name in a Host header, without port, brackets
// and final dot.
func hostName(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
