package probe

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"

	"swarmtop/swarm"
)

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
			if len(s.edges) >= edgesKept {
				continue
			}
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
