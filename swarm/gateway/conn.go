package gateway

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Every connection without TLS belongs to net/http, which reads the first request
// on it. While it waits for a further one, within its Read, plain requests for what
// is in memory are answered here, at a third of the price. All else reaches it as it
// came, so that whatever a request means, limits and the end of the connection
// included, is decided in one place.

// listener accepts connections as a conn each.
type listener struct {
	net.Listener
	gateway *Gateway
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newConn(c, l.gateway), nil
}

// What a conn is doing.
const (
	serving   int32 = iota // net/http reads or answers a request
	between                // net/http waits for a further one, and has nothing unread
	answering              // a request is answered here
	leaving                // so it is, and the connection ends after it
	closed
)

// What net/http was given since it had nothing unread.
const (
	nothing = iota
	oneRequest
	unsure // where a request ends only net/http knows
)

type conn struct {
	net.Conn
	socket  socket // the same
	gateway *Gateway
	state   atomic.Int32
	given   int         // belongs to whoever reads
	handled atomic.Bool // from when the handler is called until its answer has left
	client  string      // as it is recorded; empty until it is asked for
	host    string      // that was answered to last
	parts   [3][]byte   // of the answer under way
}

func newConn(c net.Conn, g *Gateway) *conn {
	return &conn{Conn: c, socket: newSocket(c), gateway: g}
}

// Read gives net/http what is not answered here.
func (c *conn) Read(p []byte) (int, error) {
	for c.state.Load() == between {
		n, err := c.socket.read(p)
		if err != nil {
			return 0, err
		}
		rest, err := c.answer(p[:n])
		if err != nil {
			return 0, err
		}
		if n = copy(p, rest); n > 0 {
			c.give(p[:n])
			return n, nil
		}
	}
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.give(p[:n])
	}
	return n, err
}

// give notes what net/http is given. What is one request for certain it will have
// read to its end, and no further, when it waits for the next.
func (c *conn) give(p []byte) {
	_, size := readHead(p)
	if c.given == nothing && size == len(p) {
		c.given = oneRequest
	} else {
		c.given = unsure
	}
}

// answer answers the requests that p begins with, as long as it can, and returns
// what is left of p.
func (c *conn) answer(p []byte) (rest []byte, err error) {
	if !c.state.CompareAndSwap(between, answering) {
		return nil, net.ErrClosed
	}
	next := closed // after a panic: net/http recovers from it, and closes
	defer func() {
		if err != nil || !c.state.CompareAndSwap(answering, next) {
			c.leave()
			err = cmp.Or(err, net.ErrClosed)
		}
	}()
	for rest = p; len(rest) > 0 && c.state.Load() == answering; {
		h, size := readHead(rest)
		if size == 0 || !h.plain || !c.answersTo(h.host) {
			break
		}
		answered, err := c.gateway.servePlain(c, h.target)
		if err != nil {
			return nil, err
		}
		if !answered {
			break
		}
		rest = rest[size:]
	}
	if len(rest) < len(p) {
		_ = c.SetReadDeadline(time.Now().Add(idleTimeout))
	}
	if next = serving; len(rest) == 0 {
		next = between
	}
	return rest, nil
}

func (c *conn) answersTo(host []byte) bool {
	if string(host) == c.host {
		return true
	}
	name := string(host)
	if !c.gateway.answersTo(name) {
		return false
	}
	c.host = name
	return true
}

type connKey struct{}

// watch tells the connections of a server when it waits for a further request.
func watch(s *http.Server) {
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	s.ConnState = func(nc net.Conn, state http.ConnState) {
		c, ok := nc.(*conn)
		if !ok || state != http.StateIdle {
			return
		}
		c.handled.Store(false)
		if c.given == oneRequest && c.state.CompareAndSwap(serving, between) {
			c.given = nothing
		}
	}
}

// connOf returns the connection of a request; nil under TLS and behind another server.
func connOf(r *http.Request) *conn {
	c, _ := r.Context().Value(connKey{}).(*conn)
	return c
}
