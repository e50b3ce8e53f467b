package session

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
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
	wants  func() bool          // whether peers are of any use
	wanted func(swarm.InfoHash) // called when a peer asks for a swarm
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
	return &listener{l, s.slots, make(chan struct{}), s.wantsPeers, s.wanted}, nil
}

// Accept returns the next connection that is of use and has a slot; others are closed.
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
		case !l.wants() || !l.slots.take():
			conn.Close()
		default:
			return &arriving{Conn: l.slots.hold(conn), wanted: l.wanted}, nil
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

// arriving is a connection that a peer made. The swarm that it asks for in a plain
// handshake enters the client before the client reads which it is; of encrypted ones
// [Session.secrets] learns.
type arriving struct {
	net.Conn
	wanted func(swarm.InfoHash)
	head   []byte // what came first; one goroutine reads
	known  bool   // which swarm is asked for, or that this is not to be found out here
}

// Read implements [io.Reader].
func (c *arriving) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.known {
		return n, err
	}
	c.head = append(c.head, b[:min(n, hashAt+20-len(c.head))]...)
	plain := bytes.HasPrefix(c.head, hello[:min(len(hello), len(c.head))])
	if c.known = !plain || len(c.head) == hashAt+20; c.known {
		if plain {
			c.wanted(swarm.InfoHash(c.head[hashAt:]))
		}
		c.head = nil
	}
	return n, err
}

// idleFor is how long it is taken for granted that there is no use for peers, so that who
// connects on and on does not have all swarms looked through each time.
const idleFor = 100 * time.Millisecond

// wantsPeers tells whether there is a swarm that lacks something or gives something. That there is none may be
// a moment old.
func (s *Session) wantsPeers() bool {
	now := s.cfg.Now().UnixNano()
	if since := now - s.idle.Load(); 0 <= since && since < int64(idleFor) {
		return false
	}
	if s.anyActive() {
		return true
	}
	s.idle.Store(now)
	return false
}

func (s *Session) anyActive() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, e := range s.swarms {
		if s.active(e) {
			return true
		}
	}
	return false
}

// wanted has the client hold a swarm that a peer asks for.
func (s *Session) wanted(h swarm.InfoHash) {
	if e := s.entry(h); e != nil {
		s.enter(e)
	}
}

// secrets calls f with the info hash of each swarm until it returns false: an encrypted
// handshake names its swarm only to who knows it. That swarm enters the client.
func (s *Session) secrets(f func([]byte) bool) {
	if e := s.secret(f); e != nil {
		s.enter(e)
	}
}

func (s *Session) secret(f func([]byte) bool) *entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, e := range s.swarms {
		if !f(e.hash[:]) {
			return e
		}
	}
	return nil
}
