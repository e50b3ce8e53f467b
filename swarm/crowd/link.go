package crowd

import (
	"context"
	"encoding/binary"
	"net"
	"sync"

	"github.com/anacrolix/torrent/bencode"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"swarmtop/swarm/internal/uplink"
)

const handshakeLength = 68 // bytes (BEP 3)

// link is a connection at which turns say who is choked, and not the library.
type link struct {
	net.Conn
	turns     *turns
	handshake int // bytes of ours that have not left

	// Guarded by turns.mu.
	ready       bool         // a message has come
	early       bool         // since before the metainfo was here
	interested  bool         // the other is
	open        bool         // the other is not choked
	has         map[int]bool // pieces of the other
	putOff      bool         // the other opened to us and heard that we are not interested now
	shown, vain int          // the last pieces that a seeder showed to the other, and was asked for in vain, or −1

	mu      sync.Mutex // guards what follows
	writing bool       // the library is
	later   []byte     // to write then
}

// Write sends messages, whole ones as the library writes them, but not those about choking.
func (l *link) Write(b []byte) (int, error) {
	l.mu.Lock()
	l.writing = true
	l.mu.Unlock()
	kept, blocks := l.keep(b)
	_, err := l.Conn.Write(kept)
	if err == nil && len(blocks) > 0 {
		l.turns.sent(l, blocks)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writing = false
	if err == nil && len(l.later) > 0 {
		_, err = l.Conn.Write(l.later)
	}
	l.later = nil
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

// keep returns what is sent of messages, and which blocks are among it.
func (l *link) keep(b []byte) (kept []byte, blocks []spot) {
	n := min(l.handshake, len(b))
	l.handshake -= n
	kept = append(kept, b[:n]...)
	for b = b[n:]; len(b) > 0; b = b[n:] {
		n = 4 + int(binary.BigEndian.Uint32(b))
		m := b[:n]
		if n > 4 {
			switch pp.MessageType(m[4]) {
			case pp.Choke, pp.Unchoke:
				continue
			case pp.Bitfield:
				if l.turns.once != nil {
					continue
				}
			case pp.Have:
				l.turns.got()
			case pp.Extended:
				if m[5] == pp.HandshakeExtendedID && !l.turns.informed() {
					m = withoutSize(m)
				}
			case pp.Piece:
				blocks = append(blocks, spot{pp.Integer(binary.BigEndian.Uint32(m[5:])), pp.Integer(binary.BigEndian.Uint32(m[9:]))})
			}
		}
		kept = append(kept, m...)
	}
	return kept, blocks
}

// withoutSize returns an extended handshake that does not tell the size of the metainfo
// (BEP 9). The library tells it before it has the metainfo, is asked for that, refuses,
// and is never asked again.
func withoutSize(m []byte) []byte {
	var h pp.ExtendedHandshakeMessage
	if err := bencode.Unmarshal(m[6:], &h); err != nil {
		return m
	}
	h.MetadataSize = 0
	return pp.Message{Type: pp.Extended, ExtendedID: pp.HandshakeExtendedID, ExtendedPayload: bencode.MustMarshal(h)}.MustMarshalBinary()
}

// tell sends a message of ours, at once or after what the library is writing. The
// library finds out when the connection is broken.
func (l *link) tell(m pp.Message) {
	b := m.MustMarshalBinary()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writing {
		l.later = append(l.later, b...)
		return
	}
	_, _ = l.Conn.Write(b)
}

// Close implements [net.Conn].
func (l *link) Close() error {
	l.turns.leave(l)
	return l.Conn.Close()
}

// linker makes links of the connections of a line. It is a dialer of the library.
type linker struct {
	*uplink.Line
	turns *turns
}

// Dial implements [torrent.Dialer].
func (d linker) Dial(ctx context.Context, addr string) (net.Conn, error) {
	return d.link(d.Line.Dial(ctx, addr))
}

func (d linker) link(c net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	l := &link{Conn: c, turns: d.turns, handshake: handshakeLength, has: make(map[int]bool), shown: -1, vain: -1}
	d.turns.join(l)
	return l, nil
}

// listener makes links of the connections that come.
type listener struct {
	net.Listener
	linker
}

// Accept implements [net.Listener].
func (l listener) Accept() (net.Conn, error) { return l.link(l.Listener.Accept()) }
