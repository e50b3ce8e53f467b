package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"

	"golang.org/x/time/rate"

	"swarmtop/swarm"
)

// dialer dials peers for the client, which tells nothing of dials and handshakes that
// fail. It watches the first bytes of each connection.
type dialer struct {
	net.Dialer
	network string // tcp, tcp4 or tcp6
	session *Session
	pace    *rate.Limiter // of dials to other machines
}

// DialerNetwork implements [torrent.Dialer].
func (d *dialer) DialerNetwork() string { return d.network }

// Dial implements [torrent.Dialer].
func (d *dialer) Dial(ctx context.Context, address string) (net.Conn, error) {
	if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().Unmap().IsLoopback() {
		if err := d.pace.Wait(ctx); err != nil {
			return nil, err
		}
	}
	if !d.session.slots.take() {
		return nil, errTooMany // for the client to try again
	}
	c, err := d.DialContext(ctx, d.network, address)
	if err != nil {
		d.session.slots.free()
		if !errors.Is(ctx.Err(), context.Canceled) {
			d.session.failures.notDialled(address, err)
		}
		return nil, err
	}
	if tc, ok := c.(*net.TCPConn); ok {
		_ = tc.SetLinger(0) // as the library does with its own
	}
	return &dialled{Conn: d.session.slots.hold(c), session: d.session, address: address}, nil
}

// hello is how a plain handshake begins (BEP 3); the info hash follows after eight more bytes.
var hello = []byte("\x13BitTorrent protocol")

const (
	hashAt      = 28
	helloLength = 68
)

// dialled is a connection that we made. The client tries an encrypted handshake first,
// of which nothing can be read here, and a plain one on a new connection if that fails:
// what becomes of the plain one is the verdict.
type dialled struct {
	net.Conn
	session *Session
	address string

	mu         sync.Mutex
	sent, came []byte // the first helloLength bytes
	err        error  // of the first read that failed
	closed     bool
}

// Read implements [io.Reader].
func (c *dialled) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if len(c.came) < helloLength || err != nil { // one goroutine reads
		c.mu.Lock()
		c.came = head(c.came, b[:n])
		if c.err == nil && !c.closed {
			c.err = err
		}
		c.mu.Unlock()
	}
	return n, err
}

// Write implements [io.Writer].
func (c *dialled) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if len(c.sent) < helloLength { // one goroutine writes
		c.mu.Lock()
		c.sent = head(c.sent, b[:n])
		c.mu.Unlock()
	}
	return n, err
}

func head(have, more []byte) []byte {
	return append(have, more[:min(len(more), helloLength-len(have))]...)
}

// Close implements [io.Closer].
func (c *dialled) Close() error {
	c.mu.Lock()
	kind, text := c.verdict()
	plain := bytes.HasPrefix(c.sent, hello) && len(c.sent) >= hashAt+20
	var hash swarm.InfoHash
	if plain {
		hash = swarm.InfoHash(c.sent[hashAt:])
	}
	first := !c.closed
	c.closed = true
	c.mu.Unlock()
	if first && plain && text != "" {
		c.session.handshakeFailed(hash, c.address, kind, text)
	}
	return c.Conn.Close()
}

// handshakeFailed notes a peer with which we could not begin to talk.
func (s *Session) handshakeFailed(h swarm.InfoHash, address string, kind swarm.Failure, text string) {
	r := swarm.FailedPeer{InfoHash: swarm.Known(h), Address: swarm.Clean(address, 64), Kind: kind, Error: text, Count: 1, Last: s.cfg.Now()}
	if e := s.entry(h); e != nil && e.knows(address) {
		r.Source = swarm.FromTracker
	}
	s.failures.note(r)
}

// knows tells whether a tracker has named an address lately.
func (e *entry) knows(address string) bool {
	a, err := netip.ParseAddrPort(address)
	e.mu.Lock()
	defer e.mu.Unlock()
	return err == nil && slices.Contains(e.known.addrs, a)
}

// verdict tells how the handshake failed; the text is empty where it did not.
func (c *dialled) verdict() (swarm.Failure, string) {
	switch {
	case len(c.came) >= hashAt+20 && bytes.HasPrefix(c.came, hello):
		if theirs := c.came[hashAt : hashAt+20]; !bytes.HasPrefix(c.sent[min(hashAt, len(c.sent)):], theirs) {
			return swarm.WrongSwarm, fmt.Sprintf("it answered with the info hash %x", theirs)
		}
		return 0, ""
	case len(c.came) >= len(hello) && !bytes.HasPrefix(c.came, hello):
		return swarm.HandshakeFailed, fmt.Sprintf("it does not speak BitTorrent: it answered %q", c.came)
	case hungUp(c.err):
		return swarm.HandshakeFailed, "it closed the connection, encrypted or plain, before it answered"
	case errors.Is(c.err, os.ErrDeadlineExceeded):
		return swarm.HandshakeFailed, "it did not answer the handshake in time"
	case c.err != nil:
		return swarm.HandshakeFailed, c.err.Error()
	}
	return 0, ""
}
