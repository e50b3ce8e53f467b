package uplink

import (
	"net"
	"net/netip"
)

// Pace returns c as a peer with that uplink, in bytes a second, uses it.
func Pace(c net.Conn, bytesPerSecond float64) (net.Conn, *Line) {
	l := New(netip.Addr{}, bytesPerSecond)
	return l.pace(c, PacedFrom), l
}
