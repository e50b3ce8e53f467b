//go:build !linux

package announce

import (
	"net"
	"net/netip"
	"syscall"
)

// Elsewhere a socket that serves many trackers hears of no errors: a closed port is a time-out.

func askForErrors(*net.UDPConn) {}

func reported(*net.UDPConn, func(netip.AddrPort, syscall.Errno)) {}
