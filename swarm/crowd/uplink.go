package crowd

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// uplink is the line of one peer, or of the origin: it counts what passes on the
// peer's connections, and paces what leaves. It works on the connections, since the
// torrent library's own limiter counts whole blocks and nothing else.
type uplink struct {
	ip             netip.Addr
	limit          *rate.Limiter // bytes
	sent, received atomic.Int64  // bytes, above TCP
}

// What peers write that is shorter than pacedFrom carries no block. It is sent at once,
// as a packet scheduler lets the small ones pass, and what follows waits the longer.
const (
	pacedFrom = 1 << 10
	quantum   = 4 << 10 // bytes that are sent at a time
)

func newUplink(ip netip.Addr, bytesPerSecond int64) *uplink {
	return &uplink{ip: ip, limit: rate.NewLimiter(rate.Limit(bytesPerSecond), quantum)}
}

// DialContext dials from the peer's own address.
func (u *uplink) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: u.ip.AsSlice()}, KeepAlive: -1}
	c, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return u.pace(c, pacedFrom), nil
}

// Dial and DialerNetwork make an uplink a dialer of the torrent library.
func (u *uplink) Dial(ctx context.Context, addr string) (net.Conn, error) {
	return u.DialContext(ctx, u.DialerNetwork(), addr)
}

// DialerNetwork implements [torrent.Dialer].
func (u *uplink) DialerNetwork() string { return "tcp4" }

// listen opens a port on whose connections each write of so many bytes or more waits
// for the uplink.
func (u *uplink) listen(from int) (net.Listener, error) {
	l, err := net.Listen("tcp4", netip.AddrPortFrom(u.ip, 0).String())
	if err != nil {
		return nil, err
	}
	return pacedListener{l, u, from}, nil
}

func (u *uplink) pace(c net.Conn, from int) net.Conn {
	if tc, ok := c.(*net.TCPConn); ok {
		_ = tc.SetLinger(0) // hundreds of peers leave at once
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &pacedConn{c, u, from, ctx, cancel}
}

type pacedListener struct {
	net.Listener
	up   *uplink
	from int
}

func (l pacedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.up.pace(c, l.from), nil
}

type pacedConn struct {
	net.Conn
	up     *uplink
	from   int             // shorter writes do not wait
	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
}

func (c *pacedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.up.received.Add(int64(n))
	return n, err
}

func (c *pacedConn) Write(b []byte) (int, error) {
	if len(b) < c.from {
		c.up.limit.ReserveN(time.Now(), len(b))
		return c.send(b)
	}
	sent := 0
	for sent < len(b) {
		part := b[sent:min(sent+quantum, len(b))]
		if err := c.up.limit.WaitN(c.ctx, len(part)); err != nil {
			return sent, net.ErrClosed
		}
		n, err := c.send(part)
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

func (c *pacedConn) send(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.up.sent.Add(int64(n))
	return n, err
}

func (c *pacedConn) Close() error {
	c.cancel()
	return c.Conn.Close()
}
