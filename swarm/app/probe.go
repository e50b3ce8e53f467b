package app

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/config"
	"swarmtop/swarm/gateway"
	"swarmtop/swarm/probe"
	"swarmtop/swarm/session"
)

// probeTimeout is for one request of a probe with its body.
const probeTimeout = 20 * time.Second

// asker asks URLs that the user typed or that stand in the manifest.
func asker(policy admit.Policy, edges map[string][]netip.Addr) probe.Asker {
	return probe.Asker{
		Client: func(via func(string) string) *http.Client {
			return policy.ClientVia(admit.Typed, probeTimeout, via)
		},
		Lookup: func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		},
		Edges:     edges,
		UserAgent: userAgent + " (probe of content types)",
		Now:       time.Now,
	}
}

func (a *App) startProber() error {
	edges, err := config.Edges(a.cfg.Resolve)
	if err != nil {
		return err
	}
	every := a.cfg.ProbeEvery
	if a.demo && every == config.DefaultProbeEvery {
		every = demoProbeEvery
	}
	asks := asker(a.policy, edges)
	asks.Now = a.clock.Now
	a.prober = probe.New(probe.Config{
		Asker:  asks,
		Assets: published{a.session},
		Every:  every,
		Log:    a.log.Add,
	})
	return nil
}

// published gives the prober what it needs of the session.
type published struct{ *session.Session }

func (published) ContentType(f swarm.Asset) string { return gateway.ContentType(f, true) }

// Probe asks the public URLs of assets now, and tells how many there are.
func (a *App) Probe(hashes []swarm.InfoHash) string {
	defer a.monitor.Refresh()
	switch n := a.prober.Now(hashes...); {
	case a.cfg.ProbeEvery == 0:
		return "probing is off (--probe-every)"
	case n == 0:
		return "no public URL to probe: the manifest names them (urls)"
	default:
		return "probing " + count(n, "URL") + " at every address"
	}
}
