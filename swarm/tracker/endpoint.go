package tracker

import (
	"encoding/binary"
	"net/netip"
)

// endpoint is an address and a port in the order of BEP 7; an IPv4 address is
// mapped into IPv6, and its last six bytes are those of BEP 23.
type endpoint [18]byte

func endpointOf(a netip.AddrPort) (e endpoint) {
	ip := a.Addr().As16()
	copy(e[:], ip[:])
	binary.BigEndian.PutUint16(e[16:], a.Port())
	return e
}

func (e *endpoint) is4() bool {
	return binary.BigEndian.Uint64(e[:]) == 0 && binary.BigEndian.Uint32(e[8:]) == 0xffff
}

func (e *endpoint) addr() netip.Addr { return netip.AddrFrom16([16]byte(e[:16])).Unmap() }

func (e *endpoint) port() uint16 { return binary.BigEndian.Uint16(e[16:]) }

// at is the same port at another address.
func (e *endpoint) at(ip netip.Addr) endpoint {
	return endpointOf(netip.AddrPortFrom(ip, e.port()))
}

// compact is how the endpoint is written in an answer: 6 bytes for IPv4, 18 for IPv6.
func (e *endpoint) compact() []byte {
	if e.is4() {
		return e[12:]
	}
	return e[:]
}

// family is which addresses a client can be told of.
type family int

const (
	anyFamily family = iota
	onlyIPv4
	onlyIPv6
)

func familyOf(ip netip.Addr) family {
	if ip.Is4() {
		return onlyIPv4
	}
	return onlyIPv6
}

func (f family) has(e *endpoint) bool { return f == anyFamily || (f == onlyIPv4) == e.is4() }
