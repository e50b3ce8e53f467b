// Package probe asks public URLs of assets and judges the answers against the
// bytes that the swarm has verified and the type that the asset has. A cache that
// gives everybody what somebody else asked for, as in September 2013, is caught by
// four requests: a plain GET, a HEAD, a short range, and a GET with a query that
// nobody has used before.
//
// It is polite: an honest User-Agent, one address of a host at a time, at most one
// full body an interval and a budget of bytes for each host. And it never sends
// `?torrent`, nor follows a redirect there: that request could cause what it is
// looking for.
package probe

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"swarmtop/swarm"
)

// Assets is what a Prober asks for. Its methods are called from several goroutines.
type Assets interface {
	Publications() []swarm.Publication     // every public URL, each once
	Open(a swarm.Asset) (Content, error)   // the verified bytes of a complete asset
	ContentType(a swarm.Asset) (mt string) // the type that the asset has
}

// Config is what a Prober is made of.
type Config struct {
	Asker
	Assets Assets
	Every  time.Duration // between two rounds of a URL
	Log    func(swarm.Level, string)
}

// Bounds of politeness.
const (
	atOnce       = 4        // hosts asked at a time, each for one URL
	hostBurst    = 64 << 20 // bytes of bodies that a host is asked for at most at once
	hostRefill   = 64 << 10 // of them come back each second
	mostEdges    = 16       // addresses of a host that are asked
	edgesKept    = 64       // addresses of a site that are remembered, those that answered wrongly lately included
	forgetEdge   = time.Hour
	lookInterval = time.Second
)

// Prober asks the public URLs of assets again and again. Its methods may be
// called from any goroutine.
type Prober struct {
	cfg  Config
	seed maphash.Seed // spreads the URLs over the interval
	wake chan struct{}

	mu      sync.Mutex
	sites   map[string]*site // by URL
	hosts   map[string]*host // by host:port
	prints  map[printKey]*Bytes
	running int
}

// site is one URL.
type site struct {
	pub     swarm.Publication
	hostKey string
	edges   []*edge
	next    time.Time
	all     bool // ask every address in the next round
	round   int
	refusal string // why it is never asked; empty if it is
}

// edge is one address of a site's host.
type edge struct {
	addr  netip.AddrPort // the zero one while the name cannot be resolved
	named time.Time      // the last time that it was an address of the host
	asked time.Time
	probe swarm.Probe
}

type host struct {
	busy   bool
	budget *rate.Limiter // bytes
}

type printKey struct {
	hash  swarm.InfoHash
	index int
}

func keyOf(a swarm.Asset) printKey { return printKey{a.InfoHash, a.Index} }

// New returns a prober that asks nothing until Run.
func New(c Config) *Prober {
	return &Prober{
		cfg:    c,
		seed:   maphash.MakeSeed(),
		wake:   make(chan struct{}, 1),
		sites:  map[string]*site{},
		hosts:  map[string]*host{},
		prints: map[printKey]*Bytes{},
	}
}

// Run asks every URL once an interval until ctx ends, and returns when what is
// under way has ended too.
func (p *Prober) Run(ctx context.Context) error {
	next := time.NewTimer(0)
	defer next.Stop()
	var rounds sync.WaitGroup
	defer rounds.Wait()
	for {
		p.look()
		for _, s := range p.due() {
			rounds.Go(func() { p.round(ctx, s) })
		}
		next.Reset(p.untilNext())
		select {
		case <-ctx.Done():
			return nil
		case <-next.C:
		case <-p.wake:
		}
	}
}

// Now asks the URLs of assets at every address without waiting for their turn,
// and returns how many URLs that are.
func (p *Prober) Now(hashes ...swarm.InfoHash) int {
	p.look()
	p.mu.Lock()
	n := 0
	for _, s := range p.sites {
		if s.refusal == "" && slices.Contains(hashes, s.pub.Asset.InfoHash) {
			s.next, s.all = p.cfg.Now(), true
			n++
		}
	}
	p.mu.Unlock()
	p.poke()
	return n
}

// Ask asks one of the URLs now, at every address, beside the rounds.
func (p *Prober) Ask(ctx context.Context, rawURL string) ([]swarm.Probe, error) {
	for _, pub := range p.cfg.Assets.Publications() {
		if pub.URL == rawURL {
			return p.cfg.Once(ctx, rawURL, p.want(pub))
		}
	}
	return nil, fmt.Errorf("probe %s: not the URL of an asset", rawURL)
}

func (p *Prober) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Probes returns how every URL fares at each address that was asked, by URL and address.
func (p *Prober) Probes() []swarm.Probe {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []swarm.Probe
	for _, s := range p.sites {
		for _, e := range s.edges {
			if e.asked.IsZero() && len(s.edges) > 1 {
				continue // its turn will come
			}
			probe := e.probe
			probe.Next = swarm.Known(s.next)
			all = append(all, probe)
		}
		if len(s.edges) == 0 {
			blank := p.blank(s, netip.AddrPort{})
			if blank.Reason = s.refusal; s.refusal == "" {
				blank.Next = swarm.Known(s.next)
			}
			all = append(all, blank)
		}
	}
	slices.SortFunc(all, func(a, b swarm.Probe) int {
		if c := strings.Compare(a.URL, b.URL); c != 0 {
			return c
		}
		return strings.Compare(a.Address, b.Address)
	})
	return all
}

// look takes in which URLs there are now.
func (p *Prober) look() {
	pubs := p.cfg.Assets.Publications()
	p.mu.Lock()
	defer p.mu.Unlock()
	seen, known := make(map[string]bool, len(pubs)), map[printKey]bool{}
	for _, pub := range pubs {
		seen[pub.URL], known[keyOf(pub.Asset)] = true, true
		for _, f := range pub.Former {
			known[keyOf(f.Asset)] = true
		}
		if s := p.sites[pub.URL]; s != nil {
			if s.pub.Asset.InfoHash != pub.Asset.InfoHash {
				s.next = p.cfg.Now() // a release
			}
			s.pub = pub
			continue
		}
		p.sites[pub.URL] = p.newSite(pub)
	}
	maps.DeleteFunc(p.sites, func(u string, _ *site) bool { return !seen[u] })
	used := map[string]bool{}
	for _, s := range p.sites {
		used[s.hostKey] = true
	}
	maps.DeleteFunc(p.hosts, func(k string, h *host) bool { return !used[k] && !h.busy })
	maps.DeleteFunc(p.prints, func(k printKey, _ *Bytes) bool { return !known[k] })
}

func (p *Prober) newSite(pub swarm.Publication) *site {
	s := &site{pub: pub}
	// The first round comes soon, and not all at once.
	spread := min(p.cfg.Every/2, time.Duration(len(p.sites))*100*time.Millisecond)
	s.next = p.cfg.Now().Add(p.fraction(pub.URL, spread))
	u, err := url.Parse(pub.URL)
	switch {
	case err != nil:
		s.refusal = "not a URL"
	case AsksForTorrent(u):
		s.refusal = "never asked: `?torrent` can poison the caches on its way"
	default:
		s.hostKey = hostPort(u)
	}
	return s
}

// fraction returns a part of d that is always the same for a URL.
func (p *Prober) fraction(url string, d time.Duration) time.Duration {
	return time.Duration(float64(d) * float64(maphash.String(p.seed, url)>>11) / (1 << 53))
}

// untilNext is how long to wait for the next site that is to be asked, or for a look at
// which there are. One that is held up by another is asked when that one ends.
func (p *Prober) untilNext() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, wait := p.cfg.Now(), lookInterval
	for _, s := range p.sites {
		if d := s.next.Sub(now); s.refusal == "" && d > 0 {
			wait = min(wait, d)
		}
	}
	return wait
}

// due takes the sites whose time has come, as far as hosts and workers are free.
func (p *Prober) due() []*site {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.cfg.Now()
	var ready []*site
	for _, s := range p.sites {
		if s.next.Sub(now) > 2*p.cfg.Every { // the clock was set back
			s.next = now.Add(p.fraction(s.pub.URL, p.cfg.Every))
		}
		if s.refusal == "" && !now.Before(s.next) {
			ready = append(ready, s)
		}
	}
	slices.SortFunc(ready, func(a, b *site) int { return a.next.Compare(b.next) })
	taken := ready[:0]
	for _, s := range ready {
		h := p.hosts[s.hostKey]
		if h == nil {
			h = &host{budget: rate.NewLimiter(hostRefill, hostBurst)}
			p.hosts[s.hostKey] = h
		}
		if h.busy || p.running == atOnce {
			continue
		}
		h.busy = true
		p.running++
		// A tenth of the interval either way, so that URLs do not fall into step.
		jitter := p.fraction(fmt.Sprint(s.pub.URL, s.round), p.cfg.Every/5) - p.cfg.Every/10
		s.next = now.Add(p.cfg.Every + jitter)
		s.round++
		taken = append(taken, s)
	}
	return taken
}
