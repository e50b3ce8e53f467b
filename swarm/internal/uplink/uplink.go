// Package uplink is the line of one of many peers on this machine: it counts what
// passes on the peer's connections, and paces what leaves. It works on the
// connections, since the torrent library's own limiter counts whole blocks and nothing
// else, and lets the first of them pass at once.
package uplink

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// What peers write that is shorter than PacedFrom, in bytes, carries no block. It is
// sent at once, as a packet scheduler lets the small ones pass, so that a busy line
// fails no handshake; what follows waits the longer.
const PacedFrom = 1 << 10

const quantum = 4 << 10 // bytes that are sent at a time, once the line has had the time for them

// Line is an uplink. It is a dialer of the torrent library.
type Line struct {
	IP             netip.Addr   // of this machine, from which connections leave
	Sent, Received atomic.Int64 // bytes, above TCP

	// Reset ends connections without a farewell, as when hundreds of peers leave at once.
	Reset bool

	rate float64 // bytes a second
	mu   sync.Mutex
	free time.Time // when the line has sent what it was given
}

// New returns the line of a peer with that address.
func New(ip netip.Addr, bytesPerSecond float64) *Line {
	return &Line{IP: ip, rate: bytesPerSecond}
}

// give gives the line so many bytes, and returns how long it is until they have left.
func (l *Line) give(n int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(float64(n) / l.rate * float64(time.Second)))
	return l.free.Sub(now)
}

// DialContext dials from the peer's own address.
func (l *Line) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: l.IP.AsSlice()}, KeepAlive: -1}
	c, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return l.pace(c, PacedFrom), nil
}

// Dial implements [torrent.Dialer].
func (l *Line) Dial(ctx context.Context, addr string) (net.Conn, error) {
	return l.DialContext(ctx, l.DialerNetwork(), addr)
}

// DialerNetwork implements [torrent.Dialer].
func (l *Line) DialerNetwork() string { return "tcp4" }

// Listen opens a port of the peer's address on whose connections each write of so many
// bytes or more waits for the line.
func (l *Line) Listen(from int) (net.Listener, error) {
	inner, err := net.Listen("tcp4", netip.AddrPortFrom(l.IP, 0).String())
	if err != nil {
		return nil, err
	}
	return listener{inner, l, from}, nil
}

func (l *Line) pace(c net.Conn, from int) net.Conn {
	if tcp, ok := c.(*net.TCPConn); ok && l.Reset {
		_ = tcp.SetLinger(0)
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &conn{c, l, from, ctx, cancel}
}

type listener struct {
	net.Listener
	line *Line
	from int
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.line.pace(c, l.from), nil
}

type conn struct {
	net.Conn
	line   *Line
	from   int             // shorter writes do not wait
	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.line.Received.Add(int64(n))
	return n, err
}

func (c *conn) Write(b []byte) (int, error) {
	if len(b) < c.from {
		c.line.give(len(b))
		return c.send(b)
	}
	sent := 0
	for sent < len(b) {
		part := b[sent:min(sent+quantum, len(b))]
		select {
		case <-time.After(c.line.give(len(part))):
		case <-c.ctx.Done():
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

func (c *conn) send(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.line.Sent.Add(int64(n))
	return n, err
}

func (c *conn) Close() error {
	c.cancel()
	return c.Conn.Close()
}
