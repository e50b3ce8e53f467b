package session_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

// wireSeeder is a peer that has every piece and answers every request (BEP 3), on an
// address of its own.
type wireSeeder struct {
	at     netip.AddrPort
	meta   admit.Torrent
	data   []byte
	hash   swarm.InfoHash // that it answers a handshake with
	shakes atomic.Int64   // handshakes that it answered

	// block may change a block before it is sent, or end the giving: then it chokes.
	block func(b []byte) (give bool)
}

// seedAt listens on a loopback host until the test ends.
func seedAt(t *testing.T, host string, meta admit.Torrent, data []byte, block func([]byte) bool) *wireSeeder {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wireSeeder{at: netip.MustParseAddrPort(l.Addr().String()), meta: meta, data: data, hash: meta.InfoHash, block: block}
	var served sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			served.Go(func() { _ = w.serve(conn) }) // it ends with the connection
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range open {
			c.Close()
		}
		mu.Unlock()
		served.Wait()
	})
	return w
}

func (w *wireSeeder) serve(conn net.Conn) error {
	defer conn.Close()
	r := bufio.NewReader(conn)
	greeting := make([]byte, 68)
	if _, err := io.ReadFull(r, greeting); err != nil || greeting[0] != 19 {
		return err // an encrypted one, which is tried first
	}
	w.shakes.Add(1)
	hello := append([]byte("\x13BitTorrent protocol\x00\x00\x00\x00\x00\x00\x00\x00"), w.hash[:]...)
	hello = append(hello, fmt.Sprintf("-XX1230-%-12.12s", strings.ReplaceAll(w.at.String(), ".", ""))...)
	bits := make([]byte, (w.meta.Pieces+7)/8)
	for i := range w.meta.Pieces {
		bits[i/8] |= 0x80 >> (i % 8)
	}
	hello = append(binary.BigEndian.AppendUint32(hello, uint32(1+len(bits))), 5) // bitfield
	hello = append(hello, bits...)
	hello = append(hello, 0, 0, 0, 1, 1) // unchoke
	if _, err := conn.Write(hello); err != nil {
		return err
	}
	for choking := false; ; {
		var n uint32
		if err := binary.Read(r, binary.BigEndian, &n); err != nil {
			return err
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return err
		}
		if n != 13 || b[0] != 6 || choking { // a request, or one that crossed our choke
			continue
		}
		u32 := binary.BigEndian.Uint32
		at := int64(u32(b[1:]))*w.meta.PieceLength + int64(u32(b[5:]))
		block := bytes.Clone(w.data[at : at+int64(u32(b[9:]))])
		reply := []byte{0, 0, 0, 1, 0} // choke
		if choking = !w.block(block); !choking {
			reply = append(binary.BigEndian.AppendUint32(nil, uint32(9+len(block))), 7)
			reply = append(append(reply, b[1:9]...), block...)
		}
		if _, err := conn.Write(reply); err != nil {
			return err
		}
	}
}

// journal keeps what a session logs.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) keep(c *session.Config) {
	c.Log = func(_ swarm.Level, s string) {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.lines = append(j.lines, s)
	}
}

func (j *journal) has(text string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.ContainsFunc(j.lines, func(l string) bool { return strings.Contains(l, text) })
}

// failed returns the row of an address among the failed peers.
func (f *fixture) failed(address string, kind swarm.Failure) (swarm.FailedPeer, bool) {
	for _, r := range f.FailedPeers() {
		if r.Address == address && r.Kind == kind {
			return r, true
		}
	}
	return swarm.FailedPeer{}, false
}

// TestPoisonerIsBannedAndTheGoodPeersStay downloads from three peers on addresses of
// their own (bans are by address), of which one sends wrong blocks: all of them, so
// that some pieces are its alone, or a single one amid a piece that is else right.
func TestPoisonerIsBannedAndTheGoodPeersStay(t *testing.T) {
	struck := make(chan struct{})
	sent := 0
	for name, c := range map[string]struct{ poison, good func(b []byte) bool }{
		"every block": {
			poison: func(b []byte) bool { b[len(b)/2]++; return true },
			good:   func([]byte) bool { return true },
		},
		"one block of a piece": {
			poison: func(b []byte) bool { // of one goroutine: it has one connection
				if sent++; sent == 1 {
					b[0]++
					close(struck)
				}
				return sent == 1
			},
			good: func([]byte) bool { <-struck; return true },
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, data, meta := asset(t, "asset.bin", 4<<20, 256<<10)
			var log journal
			f := start(t, t.TempDir(), log.keep)
			good := []*wireSeeder{seedAt(t, "127.0.0.2", meta, data, c.good), seedAt(t, "127.0.0.3", meta, data, c.good)}
			bad := seedAt(t, "127.0.0.4", meta, data, c.poison)
			if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
				t.Fatal(err)
			}
			f.FoundPeers(meta.InfoHash, []netip.AddrPort{good[0].at, bad.at, good[1].at}, swarm.Opt[int]{})
			f.sampled(t, meta.InfoHash, "complete", complete)
			if got := read(t, f, meta.InfoHash, "asset.bin"); !bytes.Equal(got, data) {
				t.Error("the bytes differ")
			}
			s := f.sampled(t, meta.InfoHash, "the poisoner is told of", func(*swarm.Swarm) bool {
				r, told := f.failed(bad.at.String(), swarm.SentBadPieces)
				return told && r.InfoHash == swarm.Known(meta.InfoHash) && log.has("asset.bin: banned the peer 127.0.0.4 ")
			})
			connected := map[string]bool{}
			for _, p := range s.Peers {
				connected[p.Address] = true
			}
			if len(connected) != 2 || !connected[good[0].at.String()] || !connected[good[1].at.String()] {
				t.Errorf("connected to %v, want the two good peers", connected)
			}
			for _, g := range good {
				if n := g.shakes.Load(); n != 1 {
					t.Errorf("%s: %d handshakes, want one that lasts", g.at, n)
				}
			}
			if n := f.FoundPeers(meta.InfoHash, []netip.AddrPort{bad.at}, swarm.Opt[int]{}); n != 0 {
				t.Error("the banned address was taken again")
			}
		})
	}
}

// TestFailedPeersAreToldWithTheirReason gives a swarm addresses that fail in all ways.
func TestFailedPeersAreToldWithTheirReason(t *testing.T) {
	_, data, meta := asset(t, "asset.bin", 64<<10, 16<<10)
	f := start(t, t.TempDir(), func(c *session.Config) {
		c.Policy.Deny = []netip.Prefix{netip.MustParsePrefix("127.9.0.0/16")}
	})
	give := func([]byte) bool { return true }
	closed := seedAt(t, "127.0.0.2", meta, data, give)
	l, err := net.Listen("tcp", "127.0.0.3:0") // to learn a port on which nobody listens
	if err != nil {
		t.Fatal(err)
	}
	refused := netip.MustParseAddrPort(l.Addr().String())
	l.Close()
	other := seedAt(t, "127.0.0.4", meta, data, give)
	other.hash = swarm.InfoHash{1, 2, 3}
	hangsUp := hangUpAt(t, "127.0.0.5")
	blocked := netip.MustParseAddrPort("127.9.0.1:6881")
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{refused, other.at, hangsUp, blocked}, swarm.Opt[int]{})
	for _, want := range []struct {
		at   netip.AddrPort
		kind swarm.Failure
		text string
	}{
		{refused, swarm.DialRefused, "connection refused"},
		{other.at, swarm.WrongSwarm, "info hash 010203"},
		{hangsUp, swarm.HandshakeFailed, "closed the connection"},
		{blocked, swarm.Blocked, "127.9.0.0/16"},
	} {
		var r swarm.FailedPeer
		f.sampled(t, meta.InfoHash, want.at.String()+" "+want.kind.String(), func(*swarm.Swarm) (ok bool) {
			r, ok = f.failed(want.at.String(), want.kind)
			return ok
		})
		if r.InfoHash != swarm.Known(meta.InfoHash) || r.Source != swarm.FromTracker || !strings.Contains(r.Error, want.text) || r.Count < 1 || r.Last.IsZero() {
			t.Errorf("%s: %+v, want %q in its error", want.at, r, want.text)
		}
	}

	f.FoundPeers(meta.InfoHash, []netip.AddrPort{closed.at}, swarm.Opt[int]{})
	s := f.sampled(t, meta.InfoHash, "connected", func(s *swarm.Swarm) bool { return s.Connected == 1 && s.State == swarm.Complete })
	if err := f.Disconnect(meta.InfoHash, s.Peers[0].Key); err != nil {
		t.Fatal(err)
	}
	f.sampled(t, meta.InfoHash, "disconnected by the user", func(*swarm.Swarm) bool {
		r, ok := f.failed(closed.at.String(), swarm.Disconnected)
		return ok && r.Client.Or("") == "XX 1.2.3"
	})
	if err := f.Remove(meta.InfoHash, true); err != nil {
		t.Fatal(err)
	}
	for _, r := range f.FailedPeers() {
		if r.InfoHash.IsKnown() {
			t.Errorf("after the swarm's removal: %+v", r)
		}
	}
}

// hangUpAt listens on a loopback host and ends each connection at its first bytes.
func hangUpAt(t *testing.T, host string) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, err = c.Read(make([]byte, 1))
			_ = errors.Join(err, c.Close())
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return netip.MustParseAddrPort(l.Addr().String())
}
