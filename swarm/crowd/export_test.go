package crowd

import (
	"net"
	"time"

	pp "github.com/anacrolix/torrent/peer_protocol"
)

// Turns are those of one client.
type Turns struct{ *turns }

// NewTurns returns those of a peer, with turns of one block.
func NewTurns(grace time.Duration) Turns { return Turns{newTurns(1, grace, nil)} }

// NewSeederTurns returns those of the seeder of an asset in pieces of one block.
func NewSeederTurns(grace time.Duration, size int64) Turns {
	return Turns{newTurns(1, grace, newOnce(size, block))}
}

// Link has turns decide about a connection.
func (t Turns) Link(c net.Conn) net.Conn {
	l, _ := linker{nil, t.turns}.link(c, nil)
	return l
}

// Hear tells whether the library gets to see a message from an address.
func (t Turns) Hear(from string, m pp.Message) bool {
	t.hear(from, &m)
	return !m.Keepalive
}

// Inform notes that the metainfo is here.
func (t Turns) Inform(size int) { t.inform(size) }

// Close ends all turns.
func (t Turns) Close() { t.close() }
