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
	"net"
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
	tick := time.NewTicker(lookInterval)
	defer tick.Stop()
	var rounds sync.WaitGroup
	defer rounds.Wait()
	for {
		p.look()
		for _, s := range p.due() {
			rounds.Go(func() { p.round(ctx, s) })
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
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

// due takes the sites whose time has come, as far as hosts and workers are free.
func (p *Prober) due() []*site {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.cfg.Now()
	var ready []*site
	for _, s := range p.sites {
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

// round asks a site at the addresses whose turn it is.
func (p *Prober) round(ctx context.Context, s *site) {
	defer func() {
		p.mu.Lock()
		p.hosts[s.hostKey].busy = false
		p.running--
		p.mu.Unlock()
		p.poke()
	}()
	p.mu.Lock()
	pub, all, n, budget := s.pub, s.all, s.round, p.hosts[s.hostKey].budget
	s.all = false
	p.mu.Unlock()
	u, err := url.Parse(pub.URL)
	if err != nil {
		return // newSite refused it
	}
	addrs, err := p.cfg.Addresses(ctx, u)
	if ctx.Err() != nil {
		return
	}
	want := p.want(pub)
	for _, e := range p.turn(s, addrs, err, all, n) {
		f := finding{verdict: swarm.ProbeUnreachable, reason: errorText(err)}
		if e.addr.IsValid() {
			if !budget.AllowN(p.cfg.Now(), 4*headBytes) {
				return // the next round may find the budget filled up
			}
			full := want.Bytes != nil && budget.AllowN(p.cfg.Now(), int(min(want.Bytes.Size, hostBurst+1)))
			f = p.cfg.ask(ctx, u, e.addr, want, full)
		}
		if ctx.Err() != nil {
			return
		}
		p.note(s, e, pub, want, f)
	}
}

// turn brings the addresses of a site up to date and picks those to be asked: the
// one that has waited longest, in every other round of those that were wrong.
func (p *Prober) turn(s *site, addrs []netip.AddrPort, failed error, all bool, round int) []*edge {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.cfg.Now()
	if failed != nil && len(s.edges) == 0 {
		addrs = []netip.AddrPort{{}}
	}
	for _, addr := range addrs[:min(len(addrs), mostEdges)] {
		i := slices.IndexFunc(s.edges, func(e *edge) bool { return e.addr == addr })
		if i < 0 {
			s.edges = append(s.edges, &edge{addr: addr, probe: p.blank(s, addr)})
			i = len(s.edges) - 1
		}
		s.edges[i].named = now
	}
	if failed == nil {
		s.edges = slices.DeleteFunc(s.edges, func(e *edge) bool {
			gone := now.Sub(e.named)
			return gone > 0 && (!e.probe.Verdict.Wrong() || gone > forgetEdge)
		})
	}
	if all {
		return slices.Clone(s.edges)
	}
	var picked *edge
	for _, wrongOnly := range []bool{round%2 == 0, false} {
		for _, e := range s.edges {
			if (!wrongOnly || e.probe.Verdict.Wrong()) && (picked == nil || e.asked.Before(picked.asked)) {
				picked = e
			}
		}
		if picked != nil {
			return []*edge{picked}
		}
	}
	return nil
}

// blank is the probe of an address that was not asked yet.
func (p *Prober) blank(s *site, addr netip.AddrPort) swarm.Probe {
	probe := swarm.Probe{
		InfoHash: s.pub.Asset.InfoHash,
		URL:      swarm.Clean(s.pub.URL, urlCells),
		Expected: swarm.Clean(p.cfg.Assets.ContentType(s.pub.Asset), headerCells),
		Since:    p.cfg.Now(),
	}
	if addr.IsValid() {
		probe.Address = addr.String()
	}
	return probe
}

// note keeps what a round has found, and logs what has changed.
func (p *Prober) note(s *site, e *edge, pub swarm.Publication, want Want, f finding) {
	now := p.cfg.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	last := e.probe
	e.asked = now
	e.probe = f.probe(pub.URL, e.addr, want, now)
	next := &e.probe
	next.InfoHash, next.LastFine = pub.Asset.InfoHash, last.LastFine
	if next.Verdict == last.Verdict {
		next.Since, next.Count = last.Since, last.Count+1
	}
	if next.Verdict == swarm.ProbeFine || next.Verdict == swarm.ProbeAtRisk {
		next.LastFine = swarm.Known(now)
	}
	if next.Verdict == last.Verdict && last.Count > 0 {
		return
	}
	line := fmt.Sprintf("probe %s at %s: %s", next.URL, orUnknown(next.Address), next.Verdict)
	if next.Reason != "" {
		line += ": " + next.Reason
	}
	switch {
	case next.Verdict.Wrong():
		p.cfg.Log(swarm.Error, line)
	case next.Verdict > swarm.ProbeFine:
		p.cfg.Log(swarm.Warn, line)
	default:
		p.cfg.Log(swarm.Info, line)
	}
}

// want is what a URL ought to answer, as far as the bytes are here.
func (p *Prober) want(pub swarm.Publication) Want {
	w := Want{Type: p.cfg.Assets.ContentType(pub.Asset), Bytes: p.print(pub.Asset)}
	for _, f := range pub.Former {
		if b := p.print(f.Asset); b != nil {
			w.Former = append(w.Former, Former{*b, f.Until})
		}
	}
	return w
}

// print measures the bytes of an asset, once; nil while they are not here.
func (p *Prober) print(a swarm.Asset) *Bytes {
	key := keyOf(a)
	p.mu.Lock()
	known := p.prints[key]
	p.mu.Unlock()
	if known != nil || !a.Complete {
		return known
	}
	c, err := p.cfg.Assets.Open(a)
	if err != nil {
		return nil
	}
	defer c.Close()
	b, err := Measure(c, a.Size)
	if err != nil {
		return nil // the session tells of damaged bytes, and heals them
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prints[key] = &b
	return &b
}

// hostPort returns where a URL leads, with its port.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
