package app

import (
	"errors"
	"net/netip"
	"testing"

	"swarmtop/swarm/admit"
)

func TestUDPTrackerIsAskedAtAnAllowedAddressByIPv4First(t *testing.T) {
	addr := netip.MustParseAddr
	deny := admit.Policy{Deny: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}
	for name, c := range map[string]struct {
		addrs   []netip.Addr
		scope   admit.Scope
		want    netip.Addr
		refused bool
	}{
		"IPv4 first":              {[]netip.Addr{addr("::1"), addr("127.0.0.1")}, admit.Any, addr("127.0.0.1"), false},
		"mapped":                  {[]netip.Addr{addr("::ffff:127.0.0.1")}, admit.Any, addr("127.0.0.1"), false},
		"the next where denied":   {[]netip.Addr{addr("127.0.0.2"), addr("127.0.0.3")}, admit.Local, addr("127.0.0.3"), false},
		"foreign to this machine": {[]netip.Addr{addr("127.0.0.1"), addr("::1")}, admit.Public, netip.Addr{}, true},
		"link-local":              {[]netip.Addr{addr("169.254.1.1")}, admit.Any, netip.Addr{}, true},
	} {
		got, err := reachable(c.addrs, deny, c.scope)
		var refusal *admit.AddressError
		if got != c.want || errors.As(err, &refusal) != c.refused {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := reachable(nil, deny, admit.Any); err == nil {
		t.Error("no address is no error")
	}
}
