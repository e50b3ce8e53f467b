package crowd

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/anacrolix/torrent/bencode"
	pp "github.com/anacrolix/torrent/peer_protocol"
)

// turns decides whom a client chokes (BEP 3). Its uplink serves one peer at a time, a
// piece long, so that soon as many as can be have something to give on. While it is
// idle it opens to those that lack something, the one with the fewest pieces first, and
// to one more whenever none has asked for a while. The first to ask has the turn, and
// all others are choked, which leaves them free to ask elsewhere: no request waits.
// A client that has no piece yet lets itself be served by one only, so that the uplinks
// of others go to those whom nobody serves.
//
// The library chokes nobody, so that this stands between it and its connections.
type turns struct {
	blocks int           // that a turn is long
	grace  time.Duration // for which one is waited for
	once   *once         // of a seeder that sends each piece once, or nil

	mu      sync.Mutex // guards what follows, and what links say it does
	links   map[string]*link
	turn    *link         // whose turn it is, or nil
	piece   int           // that it asked for first
	left    int           // blocks that it may still ask for
	owed    map[spot]bool // blocks that it has asked for and not got
	waiting bool          // for one that was opened to
	timer   *time.Timer
	first   *link // from which our first piece comes, or nil
	started bool  // we have a piece
	info    int   // bytes of the metainfo, once it is here
	closed  bool
}

// spot is where a block begins.
type spot struct{ piece, begin pp.Integer }

func newTurns(blocks int, grace time.Duration, once *once) *turns {
	t := &turns{blocks: blocks, grace: grace, once: once, links: make(map[string]*link), owed: make(map[spot]bool)}
	t.timer = time.AfterFunc(grace, t.tick)
	return t
}

// hear is called with each message that comes from an address, before the library looks
// at it. A request of one that has not the turn is taken out; a choke is on its way to it.
func (t *turns) hear(from string, m *pp.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.links[from]
	if l == nil || m.Keepalive {
		return
	}
	if !l.ready {
		l.ready = true
		t.tellInfo(l)
	}
	switch m.Type {
	case pp.Interested:
		l.interested = true
		t.waiting = t.waiting && t.once == nil // a seeder waits for this
	case pp.NotInterested:
		l.interested = false
		if l.open && l != t.turn {
			t.choke(l)
			t.waiting = false
		}
	case pp.Unchoke:
		m.Keepalive = !t.accept(l)
	case pp.Choke:
		t.release(l)
	case pp.Have:
		l.has[int(m.Index)] = true
	case pp.Bitfield:
		for i, has := range m.Bitfield {
			if has {
				l.has[i] = true
			}
		}
	case pp.Request:
		m.Keepalive = !t.admit(l, spot{m.Index, m.Begin})
	}
	t.next()
}

// admit tells whether a request is served.
func (t *turns) admit(l *link, b spot) bool {
	if t.turn == nil && l.open && !t.begin(l, int(b.piece)) {
		l.vain = int(b.piece)
		t.choke(l)
	}
	if t.turn != l || t.left == 0 || t.owed[b] {
		return false
	}
	t.left--
	t.owed[b] = true
	return true
}

// accept tells whether we ask one that opened to us; if not now, it hears when.
func (t *turns) accept(l *link) bool {
	switch {
	case t.started || t.first == l:
		return true
	case t.first == nil:
		t.first = l
		return true
	}
	l.putOff = true
	l.tell(pp.Message{Type: pp.NotInterested})
	return false
}

// release ends that our first piece comes from one.
func (t *turns) release(l *link) {
	if l != t.first || l == nil {
		return
	}
	t.first = nil
	for _, other := range t.links {
		if other.putOff {
			other.putOff = false
			other.tell(pp.Message{Type: pp.Interested})
		}
	}
}

// got notes that we have a piece.
func (t *turns) got() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.started = true
	t.release(t.first)
}

// begin gives one the turn, unless it asks a seeder for what that sends to nobody else.
func (t *turns) begin(l *link, piece int) bool {
	blocks := t.blocks
	if t.once != nil {
		if !t.once.wanted(t.links, piece) {
			return false
		}
		blocks = t.once.give(l, piece)
	}
	t.turn, t.piece, t.left, t.waiting = l, piece, blocks, false
	for _, other := range t.links {
		if other != l {
			t.choke(other)
		}
	}
	return true
}

// sent notes that blocks have left.
func (t *turns) sent(l *link, blocks []spot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.turn != l {
		return
	}
	for _, b := range blocks {
		delete(t.owed, b)
	}
	switch {
	case len(t.owed) > 0:
	case t.left > 0:
		t.timer.Reset(t.grace)
	default:
		t.end()
	}
}

// end is the end of a turn.
func (t *turns) end() {
	t.choke(t.turn)
	if t.left == 0 {
		t.turn.has[t.piece] = true // it will say so
	} else if t.once != nil {
		t.once.takeBack(t.turn)
	}
	t.turn, t.left = nil, 0
	clear(t.owed)
	t.next()
}

// tick is called when nobody has asked for a while.
func (t *turns) tick() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting = false
	if t.turn != nil && len(t.owed) == 0 {
		t.end()
	}
	t.next()
}

// next opens to one more, if there is need to.
func (t *turns) next() {
	if t.turn != nil || t.waiting || t.closed {
		return
	}
	l := t.neediest(func(l *link) bool {
		return l.interested && !l.open && (t.once == nil || (l.vain < 0 || l.has[l.vain]) && t.once.wanted(t.links, l.shown))
	})
	switch {
	case l != nil:
		l.open = true
		l.tell(pp.Message{Type: pp.Unchoke})
	case t.once == nil || !t.show():
		return
	}
	t.waiting = true
	t.timer.Reset(t.grace)
}

// show has a seeder show the piece that must leave next to one more, if there are both.
func (t *turns) show() bool {
	piece := t.once.next(t.links)
	l := t.neediest(func(l *link) bool { return piece >= 0 && l.ready && !l.has[piece] && l.shown != piece })
	if l == nil {
		return false
	}
	l.shown = piece
	l.tell(pp.Message{Type: pp.Have, Index: pp.Integer(piece)})
	return true
}

// neediest returns the one with the fewest pieces of those that may be, or nil.
func (t *turns) neediest(may func(*link) bool) *link {
	var best *link
	ties := 0
	for _, l := range t.links {
		if !may(l) || best != nil && len(l.has) > len(best.has) {
			continue
		}
		if best == nil || len(l.has) < len(best.has) {
			ties = 0
		}
		if ties++; rand.IntN(ties) == 0 {
			best = l
		}
	}
	return best
}

func (t *turns) choke(l *link) {
	if l.open {
		l.open = false
		l.tell(pp.Message{Type: pp.Choke})
	}
}

// inform notes that the metainfo, of so many bytes, is here, and tells those who shook
// hands before (BEP 9, BEP 10), which the library does not.
func (t *turns) inform(size int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.info = size
	for _, l := range t.links {
		t.tellInfo(l)
	}
}

func (t *turns) informed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.info > 0
}

func (t *turns) tellInfo(l *link) {
	if !l.ready || !l.early || t.info == 0 {
		return
	}
	l.early = false
	l.tell(pp.Message{
		Type: pp.Extended, ExtendedID: pp.HandshakeExtendedID,
		ExtendedPayload: bencode.MustMarshal(pp.ExtendedHandshakeMessage{MetadataSize: t.info}),
	})
}

func (t *turns) join(l *link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l.early = t.info == 0
	t.links[l.RemoteAddr().String()] = l
}

func (t *turns) leave(l *link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if at := l.RemoteAddr().String(); t.links[at] == l {
		delete(t.links, at)
	}
	t.release(l)
	if t.turn == l {
		t.end()
	}
	t.next()
}

// close ends all turns.
func (t *turns) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.timer.Stop()
}
