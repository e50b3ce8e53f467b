package demo

import (
	"net"
	"net/http"
	"net/netip"
	"time"
)

// host is a loopback address that one actor of the crowd calls its own: it
// listens there and everything that it dials leaves from there.
type host struct{ ip netip.Addr }

// usable tells whether the system has the address.
func (h host) usable() bool {
	l, err := net.Listen("tcp4", netip.AddrPortFrom(h.ip, 0).String())
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// httpClient returns a client that opens a connection for each request, as
// distinct visitors do, and leaves none open behind.
func (h host) httpClient() *http.Client {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: h.ip.AsSlice()}}
	return &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{DialContext: d.DialContext, DisableKeepAlives: true},
	}
}
