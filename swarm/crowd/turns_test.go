package crowd_test

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	pp "github.com/anacrolix/torrent/peer_protocol"

	"swarmtop/swarm/crowd"
)

const (
	grace = 10 * time.Millisecond
	block = 16 << 10
)

// remote is another client, at the far end of a connection.
type remote struct {
	t     *testing.T
	turns crowd.Turns
	at    *net.TCPAddr
	link  net.Conn // our end
	heard chan pp.Message
}

// pipe is our end of a connection to an address.
type pipe struct {
	net.Conn
	at net.Addr
}

func (p pipe) RemoteAddr() net.Addr { return p.at }

// connect connects a remote client, with which hands are shaken.
func connect(t *testing.T, turns crowd.Turns, port int) *remote {
	near, far := net.Pipe()
	r := &remote{t, turns, &net.TCPAddr{Port: port}, nil, make(chan pp.Message, 100)}
	r.link = turns.Link(pipe{near, r.at})
	go func() {
		defer far.Close()
		in := bufio.NewReader(far)
		if _, err := in.Discard(68); err != nil {
			return
		}
		d := pp.Decoder{R: in, MaxLength: 1 << 20}
		for {
			var m pp.Message
			if d.Decode(&m) != nil {
				return
			}
			r.heard <- m
		}
	}()
	r.link.Write(make([]byte, 68))
	return r
}

// says has the other send messages, and tells whether the library sees the last.
func (r *remote) says(all ...pp.Message) (seen bool) {
	for _, m := range all {
		seen = r.turns.Hear(r.at.String(), m)
	}
	return seen
}

// gets has the library send a message to the other.
func (r *remote) gets(m pp.Message) {
	if _, err := r.link.Write(m.MustMarshalBinary()); err != nil {
		r.t.Error(err)
	}
}

// expect tells what the other must have heard since the last time.
func (r *remote) expect(what string, want ...pp.Message) {
	r.t.Helper()
	synctest.Wait()
	var got, wanted []string
	for len(r.heard) > 0 {
		m := <-r.heard
		got = append(got, fmt.Sprint(m.Type, m.Index))
	}
	for _, m := range want {
		wanted = append(wanted, fmt.Sprint(m.Type, m.Index))
	}
	if !slices.Equal(got, wanted) {
		r.t.Errorf("%s: heard %v, want %v", what, got, wanted)
	}
}

var (
	choke         = pp.Message{Type: pp.Choke}
	unchoke       = pp.Message{Type: pp.Unchoke}
	interested    = pp.Message{Type: pp.Interested}
	notInterested = pp.Message{Type: pp.NotInterested}
)

func about(kind pp.MessageType, piece int) pp.Message {
	m := pp.Message{Type: kind, Index: pp.Integer(piece)}
	if kind == pp.Piece {
		m.Piece = make([]byte, block)
	} else if kind == pp.Request {
		m.Length = block
	}
	return m
}

func inTurns(t *testing.T, turns func() crowd.Turns, test func(*testing.T, crowd.Turns, func(port int) *remote)) {
	synctest.Test(t, func(t *testing.T) {
		all := turns()
		var remotes []*remote
		test(t, all, func(port int) *remote {
			remotes = append(remotes, connect(t, all, port))
			return remotes[len(remotes)-1]
		})
		all.Close()
		for _, r := range remotes {
			r.link.Close()
		}
	})
}

func peer() crowd.Turns   { return crowd.NewTurns(grace) }
func seeder() crowd.Turns { return crowd.NewSeederTurns(grace, 2*block) }

func TestUplinkServesOneAtATimeTheNeediestNext(t *testing.T) {
	inTurns(t, peer, func(t *testing.T, _ crowd.Turns, connect func(int) *remote) {
		a, rich, poor := connect(1), connect(2), connect(3)
		a.gets(unchoke)
		a.expect("the library opens to it")
		a.says(interested)
		a.expect("it lacks something", unchoke)
		if !a.says(about(pp.Request, 0)) {
			t.Error("the first request is not served")
		}
		rich.says(about(pp.Have, 0), about(pp.Have, 1), interested)
		poor.says(interested)
		if a.says(about(pp.Request, 1)) || rich.says(about(pp.Request, 2)) {
			t.Error("a request of one that has not the turn is served")
		}
		rich.expect("another has the turn")
		a.gets(about(pp.Piece, 0))
		a.expect("the block has left", about(pp.Piece, 0), choke)
		poor.expect("it has the fewest pieces", unchoke)
		rich.expect("it has more")
	})
}

func TestIdleUplinkOpensToOneMoreUntilOneAsks(t *testing.T) {
	inTurns(t, peer, func(t *testing.T, _ crowd.Turns, connect func(int) *remote) {
		a, b := connect(1), connect(2)
		a.says(interested)
		b.says(interested)
		b.expect("the other may ask")
		<-time.After(grace)
		b.expect("the other did not ask", unchoke)
		if !b.says(about(pp.Request, 0)) {
			t.Error("the request is not served")
		}
		a.expect("another was faster", unchoke, choke)
		b.link.Close()
		a.expect("whose turn it was is gone", unchoke)
		a.says(notInterested)
		a.expect("it wants nothing", choke)
	})
}

func TestNewcomerIsServedByOneAtATime(t *testing.T) {
	inTurns(t, peer, func(t *testing.T, _ crowd.Turns, connect func(int) *remote) {
		a, b := connect(1), connect(2)
		if !a.says(unchoke) {
			t.Error("the library does not see that the first opens")
		}
		if b.says(unchoke) {
			t.Error("the library sees that another opens")
		}
		b.expect("a piece comes from elsewhere", notInterested)
		a.says(choke)
		b.expect("it comes no more", interested)
		b.says(unchoke)
		a.says(unchoke)
		a.expect("a piece comes from elsewhere", notInterested)
		b.gets(about(pp.Have, 0))
		a.expect("the piece is here", interested)
		if !a.says(unchoke) {
			t.Error("who has a piece is served by one only")
		}
	})
}

func TestSeederSendsEachPieceOnceAndToAnother(t *testing.T) {
	inTurns(t, seeder, func(t *testing.T, _ crowd.Turns, connect func(int) *remote) {
		a, b := connect(1), connect(2)
		a.gets(pp.Message{Type: pp.Bitfield, Bitfield: []bool{true, true}})
		a.expect("the seeder hides what it has")
		a.says(about(pp.Have, 9))
		a.expect("it may have the first piece", about(pp.Have, 0))
		a.says(interested)
		a.expect("it wants that", unchoke)
		if !a.says(about(pp.Request, 0)) {
			t.Error("the request is not served")
		}
		b.says(notInterested)
		a.gets(about(pp.Piece, 0))
		a.expect("it has the piece", about(pp.Piece, 0), choke)
		b.expect("it has less than the other", about(pp.Have, 1))
		b.says(interested)
		b.expect("it wants that", unchoke)
		if b.says(about(pp.Request, 0)) {
			t.Error("a piece is sent twice")
		}
		b.expect("it asked in vain", choke)
		<-time.After(grace)
		a.expect("the second piece must leave", about(pp.Have, 1))
		a.link.Close()
		b.says(about(pp.Have, 9))
		<-time.After(grace)
		b.expect("who had the first piece is gone", about(pp.Have, 0))
	})
}

func TestMetainfoIsOfferedToThoseWhoCameBeforeIt(t *testing.T) {
	inTurns(t, peer, func(t *testing.T, turns crowd.Turns, connect func(int) *remote) {
		early, silent := connect(1), connect(2)
		handshake := func(what string, tells bool) {
			t.Helper()
			synctest.Wait()
			if m := <-early.heard; m.Type != pp.Extended || strings.Contains(string(m.ExtendedPayload), "13:metadata_sizei99e") != tells {
				t.Errorf("%s: heard %v %s", what, m, m.ExtendedPayload)
			}
		}
		early.gets(pp.Message{Type: pp.Extended, ExtendedPayload: []byte("d13:metadata_sizei99ee")})
		handshake("the metainfo is not here", false)
		early.says(about(pp.Have, 0))
		early.expect("the metainfo is not here")
		turns.Inform(99)
		handshake("the metainfo is here", true)
		silent.expect("hands are not shaken yet")
		silent.says(about(pp.Have, 0))
		silent.expect("it is ready", pp.Message{Type: pp.Extended})
		late := connect(3)
		late.says(about(pp.Have, 0))
		late.expect("the library tells those who come later")
	})
}
