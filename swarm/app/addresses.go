package app

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/config"
)

// publicHost is the host by which the world reaches this machine; empty if unknown.
func (a *App) publicHost() string {
	u, err := url.Parse(a.cfg.PublicURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// publicGateway is the base URL of the gateway as it is shown and linked.
func (a *App) publicGateway() string {
	if a.cfg.PublicURL != "" {
		return strings.TrimRight(a.cfg.PublicURL, "/")
	}
	return a.gateway.URL()
}

// trackerURL is the announce URL of the embedded tracker; empty while it does not run.
func (a *App) trackerURL() string {
	a.mu.Lock()
	t := a.tracker
	a.mu.Unlock()
	if t == nil {
		return ""
	}
	host := a.publicHost()
	if host == "" {
		return t.URL()
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(t.Addr().Port())) + "/announce"
}

// ownTrackers are those of --tracker and, where it serves the swarm, the embedded one.
func (a *App) ownTrackers(published bool) []string {
	var all []string
	if u := a.trackerURL(); u != "" && (published || a.cfg.OpenTracker) {
		all = append(all, u)
	}
	return append(all, a.cfg.Trackers...)
}

// webSeedFor is the public URL from which an asset can be fetched, to which a
// client appends the torrent's name (BEP 19); empty without --public-url.
func (a *App) webSeedFor(f swarm.Asset) string {
	if a.cfg.PublicURL == "" {
		return ""
	}
	return a.publicGateway() + "/w/" + f.InfoHash.String() + "/"
}

func portOf(rawURL string) int {
	u, err := url.Parse(rawURL)
	if err != nil {
		return 0
	}
	p, _ := net.LookupPort("tcp", u.Port())
	return p
}

// policyOf is where the URLs of others may lead.
func policyOf(cfg config.Config) (p admit.Policy, err error) {
	if p.Allow, err = config.Prefixes("--allow-net", cfg.AllowNet); err != nil {
		return p, err
	}
	p.Deny, err = config.Prefixes("--deny-net", cfg.DenyNet)
	return p, err
}
