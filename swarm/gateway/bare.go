package gateway

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"sync/atomic"
)

// What net/http refuses by itself, such as a header with a control character, an
// `Expect` that it does not know or too large a header, says nothing of caching. A
// cache that keeps such an error for the path would keep the asset from everybody:
// so `no-store` is put into these too. Under TLS it cannot be: there the bytes that
// pass the connection are sealed already.

// bareListener accepts connections as a bareConn each.
type bareListener struct{ net.Listener }

func (l bareListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &bareConn{Conn: c}, nil
}

// bareConn marks as not to be stored what is written outside of the handler.
type bareConn struct {
	net.Conn
	answering atomic.Bool // from when the handler is called until its answer has left
}

var statusLine = []byte("HTTP/1.1 ")

func (c *bareConn) Write(p []byte) (int, error) {
	line := bytes.Index(p, []byte("\r\n"))
	if c.answering.Load() || line < 0 || !bytes.HasPrefix(p, statusLine) {
		return c.Conn.Write(p)
	}
	marked := bytes.Join([][]byte{p[:line], p[line:]}, []byte("\r\nCache-Control: no-store"))
	if n, err := c.Conn.Write(marked); err != nil {
		return min(n, len(p)), err
	}
	return len(p), nil
}

// CloseWrite lets net/http end its side first, so that the error arrives.
func (c *bareConn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}

type bareKey struct{}

// watchBare tells the connections of a server when its handler has the word.
func watchBare(s *http.Server) {
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, bareKey{}, c)
	}
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if b, ok := c.(*bareConn); ok && state == http.StateIdle {
			b.answering.Store(false)
		}
	}
}

// answering notes that the handler answers a request.
func answering(r *http.Request) {
	if b, ok := r.Context().Value(bareKey{}).(*bareConn); ok {
		b.answering.Store(true)
	}
}
