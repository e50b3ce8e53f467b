package admit

import (
	"fmt"
	"net/netip"
	"net/url"

	"code.dny.dev/ssrf"
)

// Policy is what the user widens and narrows of the rules for addresses. The
// zero Policy is the rules alone. Deny goes before Allow, Allow before the rules.
type Policy struct {
	Allow []netip.Prefix // --allow-net
	Deny  []netip.Prefix // --deny-net
}

// Scope is how far a URL reaches.
type Scope uint8

// The scopes, from narrow to wide.
const (
	Public Scope = iota // public addresses only
	Local               // public, loopback and private addresses
	Any                 // all but link-local addresses
)

// ScopeOf tells how far a URL reaches that came from where trust says: see
// [Trust]. What does not parse reaches as far as a Foreign one.
func ScopeOf(trust Trust, rawURL string) Scope {
	u, err := url.Parse(rawURL)
	if err != nil {
		return Public
	}
	return scopeOf(trust, u)
}

func scopeOf(trust Trust, u *url.URL) Scope {
	switch trust {
	case Typed:
		return Any
	case Given:
		// A scrape has the path that BEP 48 derives from /announce. A query
		// elsewhere might tell a service of the local network to do something.
		if u.Scheme == "udp" || u.Path == "/announce" || u.Path == "/scrape" || u.RawQuery == "" && !u.ForceQuery {
			return Local
		}
	}
	return Public
}

// AddressError is the refusal of an address by a [Policy].
type AddressError struct {
	Addr netip.Addr
	Rule string // the rule that refuses it
}

// Error names the address and the rule.
func (e *AddressError) Error() string {
	return fmt.Sprintf("address %s is refused: %s", e.Addr, e.Rule)
}

// Check returns an [*AddressError] where a URL of that scope may not lead to the address.
func (p Policy) Check(addr netip.Addr, scope Scope) error {
	addr = addr.Unmap().WithZone("")
	if err := p.CheckPeer(addr); err != nil {
		return err
	}
	for _, prefix := range p.Allow {
		if prefix.Contains(addr) {
			return nil
		}
	}
	switch {
	case addr.IsLinkLocalUnicast() || addr.IsLinkLocalMulticast() || addr.IsInterfaceLocalMulticast():
		return &AddressError{addr, "it is link-local (--allow-net opens it)"}
	case scope == Any:
		return nil
	case addr.IsLoopback() || addr.IsPrivate():
		if scope == Local {
			return nil
		}
		kind := "private"
		if addr.IsLoopback() {
			kind = "loopback"
		}
		return &AddressError{addr, "it is " + kind + ", and this URL may lead to public addresses only (--allow-net opens it)"}
	case ssrf.New().SafeAddr(addr) != nil:
		return &AddressError{addr, "it is not a public address (--allow-net opens it)"}
	}
	return nil
}

// CheckPeer returns an [*AddressError] for an address in Deny. Addresses of
// peers, which no URL led to, are held to this alone.
func (p Policy) CheckPeer(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	for _, prefix := range p.Deny {
		if prefix.Contains(addr) {
			return &AddressError{addr, "--deny-net " + prefix.String() + " blocks it"}
		}
	}
	return nil
}

// TrustOf returns the trust of the URLs inside a torrent that came from the
// address: Given from a loopback, private or link-local one, Foreign from any other.
func TrustOf(addr netip.Addr) Trust {
	if isLocal(addr) {
		return Given
	}
	return Foreign
}

func isLocal(addr netip.Addr) bool {
	addr = addr.Unmap()
	return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast()
}
