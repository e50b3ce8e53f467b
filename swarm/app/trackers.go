package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"swarmtop/swarm/admit"
)

// trackerTrust tells how far a tracker's URL is trusted. Our own trackers may be anywhere.
func (a *App) trackerTrust(rawURL string) admit.Trust {
	if slices.Contains(a.ownTrackers(true), rawURL) {
		return admit.Typed
	}
	return a.session.TrustOf(rawURL)
}

// trackerClients returns the HTTP client for a tracker's URL: one for each degree of trust.
func (a *App) trackerClients() func(rawURL string) *http.Client {
	clients := map[admit.Trust]*http.Client{}
	for _, t := range []admit.Trust{admit.Foreign, admit.Given, admit.Typed} {
		clients[t] = a.policy.Client(t, 0)
	}
	return func(rawURL string) *http.Client { return clients[a.trackerTrust(rawURL)] }
}

// resolveTracker returns an address at which a UDP tracker may be asked.
func (a *App) resolveTracker(ctx context.Context, rawURL string) (netip.AddrPort, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		return netip.AddrPort{}, errors.New("the address of a UDP tracker needs a port")
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return netip.AddrPort{}, err
	}
	addr, err := reachable(addrs, a.policy, admit.ScopeOf(a.trackerTrust(rawURL), rawURL))
	return netip.AddrPortFrom(addr, uint16(port)), err
}

// reachable returns the first address that the policy allows and to which this
// machine has a route. IPv4 goes first: a tracker answers a UDP announce with
// addresses of the family by which it was asked (BEP 15), and most peers have IPv4.
func reachable(addrs []netip.Addr, policy admit.Policy, scope admit.Scope) (netip.Addr, error) {
	addrs = slices.Clone(addrs)
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	slices.SortStableFunc(addrs, func(x, y netip.Addr) int { return x.BitLen() - y.BitLen() })
	var refused, unreached error
	for _, addr := range addrs {
		if err := policy.Check(addr, scope); err != nil {
			refused = err
			continue
		}
		// Connecting a UDP socket sends nothing; it only looks for the route.
		conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 1)))
		if err != nil {
			unreached = err
			continue
		}
		conn.Close()
		return addr, nil
	}
	if refused != nil {
		return netip.Addr{}, refused
	}
	if unreached == nil {
		unreached = errors.New("the name has no address")
	}
	return netip.Addr{}, unreached
}
