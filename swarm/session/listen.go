package session

import (
	"errors"
	"net"
	"sync"
	"time"

	"github.com/anacrolix/torrent"
)

const (
	// maxPeers bounds the connections with peers of all swarms, those under way
	// included. A peer costs some 100 kB at most, and a descriptor.
	maxPeers = 2000
	// acceptPause is how long a listener that cannot accept waits for descriptors.
	acceptPause = 100 * time.Millisecond
)

// errTooMany says that there are as many connections as there may be.
var errTooMany = errors.New("as many connections with peers as there may be")

// listener accepts peers for the client, which takes any error for a reason to try
// again at once and bounds neither what it accepts nor handshakes that do not end.
type listener struct {
	net.Listener
	slots  places
	closed chan struct{}
}

func (s *Session) listen(address string, c *torrent.ClientConfig) (*listener, error) {
	network := "tcp"
	switch {
	case c.DisableIPv6:
		network = "tcp4"
	case c.DisableIPv4:
		network = "tcp6"
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return &listener{l, s.slots, make(chan struct{})}, nil
}

// Accept returns the next connection for which there is a slot; others are closed.
func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil, err
		case err != nil:
			select {
			case <-l.closed:
			case <-time.After(acceptPause):
			}
		case !l.slots.take():
			conn.Close()
		default:
			return l.slots.hold(conn), nil
		}
	}
}

// Close is called after the client's, once.
func (l *listener) Close() error {
	close(l.closed)
	return l.Listener.Close()
}

// places are as many as there may be connections with peers.
type places chan struct{}

// take takes a place if one is free.
func (p places) take() bool {
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

func (p places) free() { <-p }

// hold returns a connection that frees its place when it is closed.
func (p places) hold(c net.Conn) net.Conn { return &held{Conn: c, free: sync.OnceFunc(p.free)} }

type held struct {
	net.Conn
	free func()
}

// Close implements [io.Closer].
func (h *held) Close() error {
	defer h.free()
	return h.Conn.Close()
}
