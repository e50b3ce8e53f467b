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
	"time"

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

const (
	// connectTime is how long a peer has to accept a connection.
	connectTime = 10 * time.Second
	// handshakeTime is how long it has to answer, which one that is busy with thousands of
	// swarms may need: to ask again, encrypted, would cost it more.
	handshakeTime = 8 * time.Second
)

// Dial implements [torrent.Dialer].
func (d *dialer) Dial(ctx context.Context, address string) (net.Conn, error) {
	if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().Unmap().IsLoopback() {
		if err := d.pace.Wait(ctx); err != nil {
			return nil, err
		}
	}
	if err := d.session.doors.enter(ctx, address); err != nil {
		return nil, err
	}
	if !d.session.slots.take() {
		d.session.doors.leave(address, unknown)
		return nil, errTooMany // for the client to try again
	}
	ctx, cancel := context.WithTimeout(d.session.quit, connectTime) // however long it was waited for
	defer cancel()
	c, err := d.DialContext(ctx, d.network, address)
	if err != nil {
		d.session.slots.free()
		d.session.doors.leave(address, unknown)
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

// answeredLength is the least that comes from a peer which has answered an encrypted
// handshake: its key, the check with the choice of a method, and the handshake inside.
const answeredLength = 96 + 14 + helloLength

// dialled is a connection that we made. The client tries a plain handshake first, and an
// encrypted one, of which only the length can be read here, on a new connection if that
// fails. Where the plain one was not understood, the second try decides whether that counts.
type dialled struct {
	net.Conn
	session *Session
	address string

	mu         sync.Mutex
	sent, came []byte // the first helloLength bytes
	length     int    // of what came, up to answeredLength
	left       bool   // the door
	err        error  // of the first read that failed
	closed     bool
}

// Read implements [io.Reader].
func (c *dialled) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.length < answeredLength || err != nil { // one goroutine reads
		c.mu.Lock()
		c.came = head(c.came, b[:n])
		c.length = min(c.length+n, answeredLength)
		if c.answered() {
			c.leave(given)
		}
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
	first := !c.closed
	c.closed = true
	c.mu.Unlock()
	if first { // neither goroutine changes the rest any more
		c.judge()
	}
	return c.Conn.Close()
}

// answered tells whether the peer has answered the handshake, whatever it said.
func (c *dialled) answered() bool {
	return c.length >= answeredLength || c.length >= helloLength && bytes.HasPrefix(c.came, hello)
}

// leave makes room for another handshake with the address. It is called with the lock held.
func (c *dialled) leave(how answer) {
	if !c.left {
		c.left = true
		c.session.doors.leave(c.address, how)
	}
}

// judge notes what became of the handshake, if it failed.
func (c *dialled) judge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sent) > 0 && c.length == 0 {
		c.leave(notGiven)
	}
	c.leave(unknown)
	f := &c.session.failures
	switch plain := bytes.HasPrefix(c.sent, hello) && len(c.sent) >= hashAt+20; {
	case len(c.sent) == 0:
	case !plain:
		f.settleTry(c.address, c.length >= answeredLength)
	default:
		kind, text := c.verdict()
		if text == "" {
			return
		}
		row := c.session.handshakeFailed(swarm.InfoHash(c.sent[hashAt:]), c.address, kind, text)
		if bytes.HasPrefix(c.came, hello) || isText(c.came) {
			f.note(row)
		} else { // silence, or a key in answer to what was taken for one
			f.hold(c.address, row)
		}
	}
}

func isText(b []byte) bool {
	return len(b) > 0 && !bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' && r != '\r' && r != '\n' && r != '\t' || r > '~' })
}

// handshakeFailed is the row of a peer with which we could not begin to talk.
func (s *Session) handshakeFailed(h swarm.InfoHash, address string, kind swarm.Failure, text string) swarm.FailedPeer {
	r := swarm.FailedPeer{InfoHash: swarm.Known(h), Address: swarm.Clean(address, 64), Kind: kind, Error: text, Count: 1, Last: s.cfg.Now()}
	if e := s.entry(h); e != nil && e.knows(address) {
		r.Source = swarm.FromTracker
	}
	return r
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
	case len(c.came) >= len(hello) && !bytes.HasPrefix(c.came, hello) && !isText(c.came):
		return swarm.HandshakeFailed, "it does not speak BitTorrent, plain or encrypted"
	case len(c.came) >= len(hello) && !bytes.HasPrefix(c.came, hello):
		return swarm.HandshakeFailed, fmt.Sprintf("it does not speak BitTorrent: it answered %q", c.came)
	case hungUp(c.err):
		return swarm.HandshakeFailed, "it closed the connection, plain or encrypted, before it answered"
	case errors.Is(c.err, os.ErrDeadlineExceeded):
		return swarm.HandshakeFailed, "it did not answer the handshake in time"
	case c.err != nil:
		return swarm.HandshakeFailed, c.err.Error()
	}
	return 0, ""
}
