package demo

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/time/rate"
)

// host is a loopback address that one actor of the crowd calls its own: it
// listens there and everything that it dials leaves from there.
type host struct{ ip netip.Addr }

// usable tells whether the system has the address.
func (h host) usable() bool {
	l, err := h.listen()
	if err != nil {
		return false
	}
	l.Close()
	return true
}

func (h host) listen() (net.Listener, error) {
	return net.Listen("tcp4", netip.AddrPortFrom(h.ip, 0).String())
}

func (h host) dialer() *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: h.ip.AsSlice()}, Timeout: 5 * time.Second}
}

// httpClient returns a client that opens a connection for each request, as
// distinct visitors do, and leaves none open behind.
func (h host) httpClient() *http.Client {
	return &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{DialContext: h.dialer().DialContext, DisableKeepAlives: true},
	}
}

// uplink paces what a peer sends, over all of its connections. It works on the
// connections because the torrent library's own limiter wants a burst that is
// larger than most assets.
type uplink struct {
	host  host
	limit *rate.Limiter // bytes
}

// Writes shorter than pacedFrom carry no block of a piece. They pass at once, so
// that a busy uplink fails no handshake.
const (
	pacedFrom = 1 << 10
	quantum   = 4 << 10 // bytes that are sent at a time
)

func newUplink(h host, bytesPerSecond float64) *uplink {
	return &uplink{h, rate.NewLimiter(rate.Limit(bytesPerSecond), quantum)}
}

// Dial and DialerNetwork make an uplink a dialer of the torrent library.
func (u *uplink) Dial(ctx context.Context, addr string) (net.Conn, error) {
	c, err := u.host.dialer().DialContext(ctx, "tcp4", addr)
	if err != nil {
		return nil, err
	}
	return u.pace(c), nil
}

func (u *uplink) DialerNetwork() string { return "tcp4" }

// listen opens a port whose connections the uplink paces.
func (u *uplink) listen() (net.Listener, error) {
	l, err := u.host.listen()
	if err != nil {
		return nil, err
	}
	return pacedListener{l, u}, nil
}

func (u *uplink) pace(c net.Conn) net.Conn {
	ctx, cancel := context.WithCancel(context.Background())
	return &pacedConn{c, u.limit, ctx, cancel}
}

type pacedListener struct {
	net.Listener
	up *uplink
}

func (l pacedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.up.pace(c), nil
}

type pacedConn struct {
	net.Conn
	limit  *rate.Limiter
	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
}

func (c *pacedConn) Write(b []byte) (int, error) {
	if len(b) < pacedFrom {
		return c.Conn.Write(b)
	}
	sent := 0
	for sent < len(b) {
		part := b[sent:min(sent+quantum, len(b))]
		if err := c.limit.WaitN(c.ctx, len(part)); err != nil {
			return sent, net.ErrClosed
		}
		n, err := c.Conn.Write(part)
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

func (c *pacedConn) Close() error {
	c.cancel()
	return c.Conn.Close()
}
