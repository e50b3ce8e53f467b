package session

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anacrolix/torrent"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"swarmtop/swarm"
)

// connRegistry knows every connection from its first message to its last sample,
// so that no byte of it is lost to the sums (but see unseenConns). What the library does not export of
// a connection is learned here from its messages. The callbacks run under the
// library's lock: they touch only what is here.
type connRegistry struct {
	next atomic.Uint64
	over func(*conn, error) // told of each connection's end; nil error when we closed it

	mu      sync.Mutex
	byPeer  map[*torrent.Peer]*conn
	lastEnd torrent.StatusUpdatedEvent // of a connection that is about to be closed
	bySwarm map[swarm.InfoHash][]*conn // not yet seen off by the collector
}

// conn is what we remember of one connection.
type conn struct {
	key   swarm.PeerKey
	peer  *torrent.PeerConn
	since time.Time

	closed    atomic.Bool
	byUser    atomic.Bool // the user asked for its end
	declared  atomic.Bool // it told of pieces that it has
	extended  atomic.Bool // it sent an extended handshake (BEP 10)
	theyChoke atomic.Bool
	theyWant  atomic.Bool
	latency   atomic.Int64 // nanoseconds, smoothed; 0 for none yet
	asked     atomic.Int64 // requests of ours that are neither answered nor withdrawn

	counters           // owned by the collector
	had      int       // pieces of the peer at the last look; owned by the collector
	looked   bool      // owned by the collector
	facts              // owned by the collector
	idle     time.Time // owned by the collector: since when we could ask it and do not; zero while we do

	mu      sync.Mutex
	probe   torrent.Request // the request whose answer is timed
	probeAt time.Time       // zero when none is
}

// facts are what is found out once a connection.
type facts struct {
	done      bool
	address   string
	encrypted swarm.Tristate
	source    swarm.Source
}

func (r *connRegistry) callbacks(now func() time.Time) torrent.Callbacks {
	return torrent.Callbacks{
		PeerConnAdded:  []func(*torrent.PeerConn){func(pc *torrent.PeerConn) { r.add(pc, now()) }},
		PeerConnClosed: func(pc *torrent.PeerConn) { r.closed(pc) },
		StatusUpdated:  []func(torrent.StatusUpdatedEvent){r.disconnected},
		ReadMessage:    func(pc *torrent.PeerConn, m *pp.Message) { r.read(pc, m, now) },
		SentRequest: []func(torrent.PeerRequestEvent){func(e torrent.PeerRequestEvent) {
			if c := r.find(e.Peer); c != nil {
				c.asked.Add(1)
				c.sent(e.Request, now)
			}
		}},
		DeletedRequest: []func(torrent.PeerRequestEvent){func(e torrent.PeerRequestEvent) {
			if c := r.find(e.Peer); c != nil {
				c.asked.Add(-1)
				c.forgot(e.Request)
			}
		}},
	}
}

func (r *connRegistry) add(pc *torrent.PeerConn, now time.Time) {
	c := &conn{key: swarm.PeerKey(r.next.Add(1)), peer: pc, since: now}
	c.theyChoke.Store(true) // as every connection begins (BEP 3)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byPeer == nil {
		r.byPeer = map[*torrent.Peer]*conn{}
		r.bySwarm = map[swarm.InfoHash][]*conn{}
	}
	r.byPeer[&pc.Peer] = c
	r.bySwarm[c.of()] = unseen(r.bySwarm[c.of()], c)
}

// unseenConns is how many connections of a swarm may come between two looks of the
// collector, which are a second apart at most: peers that come and go faster than that,
// or while the collector is held up, must not fill the memory.
const unseenConns = 4096

// unseen adds a connection to those that the collector has not seen. When they are too
// many those go that have ended, and their bytes are missing from the sums.
func unseen(all []*conn, c *conn) []*conn {
	if len(all) >= unseenConns {
		all = slices.DeleteFunc(all, func(c *conn) bool { return c.closed.Load() })
	}
	return append(all, c)
}

func (r *connRegistry) closed(pc *torrent.PeerConn) {
	r.mu.Lock()
	c := r.byPeer[&pc.Peer]
	delete(r.byPeer, &pc.Peer)
	var err error
	if r.lastEnd.PeerId == pc.PeerID {
		err = r.lastEnd.Error
	}
	r.lastEnd = torrent.StatusUpdatedEvent{}
	r.mu.Unlock()
	if c != nil {
		c.closed.Store(true)
		r.over(c, err)
	}
}

func (r *connRegistry) find(p *torrent.Peer) *conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byPeer[p]
}

// arrived hands the connections of a swarm that came since the last call to the collector.
func (r *connRegistry) arrived(h swarm.InfoHash) []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	cs := r.bySwarm[h]
	delete(r.bySwarm, h)
	return cs
}

// waits tells whether a connection of a swarm has come that the collector has not seen.
func (r *connRegistry) waits(h swarm.InfoHash) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.bySwarm) > 0 && len(r.bySwarm[h]) > 0
}

func (r *connRegistry) forget(h swarm.InfoHash) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.bySwarm, h)
}

// of returns the swarm of a connection.
func (c *conn) of() swarm.InfoHash { return swarm.InfoHash(c.peer.Torrent().InfoHash()) }

// refused is the type that a message is given so that the library, which knows no
// such type, closes the connection. "Have none" may come only before a peer has told of
// pieces (BEP 6): after "have all" the library counts availability wrong, and panics over
// it when the swarm is left. Further bitfields are fine, and aria2 sends them.
const refused = pp.MessageType(255)

func (r *connRegistry) read(pc *torrent.PeerConn, m *pp.Message, now func() time.Time) {
	switch m.Type {
	case pp.Bitfield, pp.HaveAll, pp.HaveNone, pp.Have:
	case pp.Choke, pp.Unchoke, pp.Interested, pp.NotInterested, pp.Piece, pp.Extended:
	default:
		return
	}
	if m.Keepalive {
		return
	}
	c := r.find(&pc.Peer)
	if c == nil {
		return
	}
	switch m.Type {
	case pp.HaveNone:
		if c.declared.Load() {
			m.Type = refused
		}
	case pp.Bitfield, pp.HaveAll, pp.Have:
		c.declared.Store(true)
	case pp.Extended:
		// At each handshake the library begins anew with peer exchange, and leaves a
		// goroutine of the last time behind: those after the first are not for it.
		m.Keepalive = m.ExtendedID == pp.HandshakeExtendedID && c.extended.Swap(true)
	case pp.Choke, pp.Unchoke:
		c.theyChoke.Store(m.Type == pp.Choke)
	case pp.Interested, pp.NotInterested:
		c.theyWant.Store(m.Type == pp.Interested)
	case pp.Piece:
		c.received(torrent.Request{Index: m.Index, ChunkSpec: torrent.ChunkSpec{Begin: m.Begin, Length: pp.Integer(len(m.Piece))}}, now)
	}
}

// longestAnswer is the time beyond which an answer tells of a clock that was set or a
// machine that slept, and not of the way to the peer.
const longestAnswer = 2 * time.Minute

// sent begins to time a request if none is being timed.
func (c *conn) sent(r torrent.Request, now func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.probeAt.IsZero() {
		c.probe, c.probeAt = r, now()
	}
}

func (c *conn) forgot(r torrent.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.probe == r {
		c.probeAt = time.Time{}
	}
}

func (c *conn) received(r torrent.Request, now func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.probe != r || c.probeAt.IsZero() {
		return
	}
	took := now().Sub(c.probeAt)
	c.probeAt = time.Time{}
	if took < 0 || took > longestAnswer {
		return
	}
	const weight = 4 // of the past against the new one
	if old := c.latency.Load(); old > 0 {
		took = (time.Duration(old)*weight + took) / (weight + 1)
	}
	c.latency.Store(max(int64(took), 1))
}
