package session

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
)

// ended is a connection that is over.
type ended struct {
	*conn
	err error // of its last read; nil when we closed it
}

// disconnected hears how the reading of a connection ended. The library tells it right
// before it closes that connection, without letting go of its lock in between.
func (r *connRegistry) disconnected(e torrent.StatusUpdatedEvent) {
	if e.Event == torrent.PeerDisconnected {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.lastEnd = e
	}
}

// over notes the end of a connection for settleFailures.
func (f *failures) over(c *conn, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.ended) < failuresWaiting {
		f.ended = append(f.ended, ended{c, err})
	}
}

// settleEnd judges why a connection ended, and notes it unless the peer just left or
// the swarm did.
func (s *Session) settleEnd(e ended, now time.Time) {
	t := e.peer.Torrent()
	select {
	case <-t.Closed():
		return
	default:
	}
	r := swarm.FailedPeer{
		InfoHash: swarm.Known(swarm.InfoHash(t.InfoHash())), Address: swarm.Clean(e.peer.RemoteAddr.String(), 64),
		Client: clientName(e.peer), Source: sources[e.peer.Discovery], Count: 1, Last: now,
	}
	stats := e.peer.Stats()
	moved := stats.BytesReadData.Int64()+stats.BytesWrittenData.Int64() > 0
	why, banned := s.bans.why(addressOf(e.conn))
	switch left := hungUp(e.err); {
	case e.err == nil && banned:
		r.Kind = why
	case e.byUser.Load():
		r.Kind = swarm.Disconnected
	case e.err == nil:
		r.Kind = swarm.Dropped
	case left && moved:
		return
	case left:
		r.Kind, r.Error = swarm.ClosedEarly, e.err.Error()
	default:
		r.Kind, r.Error = swarm.Broken, e.err.Error()
	}
	s.failures.note(r)
}

// hungUp tells whether an error says no more than that the other side closed the connection.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// learnBans takes over the addresses that the library has banned since the last call:
// it does so when a piece that a peer gave alone has the wrong hash, and when a piece
// that is right at last differs from the blocks that a peer sent of it.
func (s *Session) learnBans(over []ended) {
	for _, text := range s.client.BadPeerIPs() {
		ip, err := netip.ParseAddr(text)
		if err != nil || !s.bans.add(ip, swarm.SentBadPieces) {
			continue
		}
		of := "a swarm"
		for _, e := range over {
			if w := s.entry(swarm.InfoHash(e.peer.Torrent().InfoHash())); w != nil && addressOf(e.conn) == ip.Unmap() {
				of = w.name()
			}
		}
		s.cfg.Log(swarm.Warn, fmt.Sprintf("%s: banned the peer %s until swarmtop ends: it sent blocks that are not the asset's", of, ip.Unmap()))
	}
}

// addressOf returns the address of a connection without its port.
func addressOf(c *conn) netip.Addr {
	at, _ := netip.ParseAddrPort(c.peer.RemoteAddr.String())
	return at.Addr().Unmap().WithZone("")
}

// dialFailure sorts the error of a dial.
func dialFailure(err error) swarm.Failure {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return swarm.DialRefused
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT), errors.As(err, &timeout) && timeout.Timeout():
		return swarm.DialTimedOut
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.ENETDOWN), errors.Is(err, syscall.EHOSTDOWN):
		return swarm.Unreachable
	}
	return swarm.DialFailed
}

// notDialled notes the failed dial of an address.
func (f *failures) notDialled(address string, err error) {
	at, parseErr := netip.ParseAddrPort(address)
	if parseErr != nil {
		return
	}
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	f.mu.Lock()
	defer f.mu.Unlock()
	u, seen := f.undials[at]
	if !seen && len(f.undials) >= failuresWaiting {
		return
	}
	if f.undials == nil {
		f.undials = map[netip.AddrPort]undial{}
	}
	f.undials[at] = undial{dialFailure(err), err.Error(), u.times + 1}
}

// unblocked notes the addresses of a swarm that are not dialled because they are refused,
// and returns the others.
func (s *Session) unblocked(h swarm.InfoHash, peers []netip.AddrPort, now time.Time) []netip.AddrPort {
	free := peers[:0:0]
	for _, p := range peers {
		why, text, refused := s.bans.refuses(p.Addr())
		if !refused {
			free = append(free, p)
			continue
		}
		s.failures.note(swarm.FailedPeer{InfoHash: swarm.Known(h), Address: p.String(), Source: swarm.FromTracker,
			Kind: why, Error: text, Count: 1, Last: now})
	}
	return free
}
