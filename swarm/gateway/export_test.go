package gateway

import (
	"net"
	"net/http"
)

// ServeConn serves one connection until it is closed, as Run does with each; or as
// net/http does alone, with nothing answered before a request reaches it. It tells how
// many requests reached the handler.
func ServeConn(g *Gateway, nc net.Conn, closed <-chan struct{}, alone bool) (handled int, err error) {
	c := newConn(nc, g)
	if alone {
		c.given = unsure
	}
	s := g.newServer(0)
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handled++
		g.serve(w, r)
	})
	defer s.Close()
	err = s.Serve(&single{conn: c, closed: closed})
	return handled, err
}

// single accepts one connection, and fails once it is closed.
type single struct {
	conn   net.Conn
	closed <-chan struct{}
}

func (l *single) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *single) Close() error   { return nil }
func (l *single) Addr() net.Addr { return &net.TCPAddr{} }
