package session_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"sync"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

// scriptedPeer speaks the wire protocol (BEP 3) as it is told, and counts its own bytes.
type scriptedPeer struct {
	conn     net.Conn
	data     []byte
	length   int64       // of a piece
	requests chan [3]int // piece, begin, length
	errs     chan error

	mu       sync.Mutex
	received int // bytes of pieces from the other side
}

func dialScripted(t *testing.T, f *fixture, meta admit.Torrent, data []byte, has func(piece int) bool) *scriptedPeer {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", f.Port()))
	if err != nil {
		t.Fatal(err)
	}
	p := &scriptedPeer{conn: conn, data: data, length: meta.PieceLength,
		requests: make(chan [3]int, 4096), errs: make(chan error, 1)}
	t.Cleanup(func() { conn.Close() })
	hello := append([]byte("\x13BitTorrent protocol\x00\x00\x00\x00\x00\x00\x00\x00"), meta.InfoHash[:]...)
	if _, err := conn.Write(append(hello, "-XX1230-scriptedpeer"...)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	if _, err := io.CopyN(io.Discard, r, 68); err != nil {
		t.Fatal(err)
	}
	bits := make([]byte, (meta.Pieces+7)/8)
	for i := range meta.Pieces {
		if has(i) {
			bits[i/8] |= 0x80 >> (i % 8)
		}
	}
	p.write(t, 5, bits) // bitfield
	p.write(t, 1, nil)  // unchoke
	go func() { p.errs <- p.read(r) }()
	return p
}

func (p *scriptedPeer) write(t *testing.T, id byte, body []byte) {
	t.Helper()
	b := binary.BigEndian.AppendUint32(nil, uint32(1+len(body)))
	if _, err := p.conn.Write(append(append(b, id), body...)); err != nil {
		t.Fatal(err)
	}
}

func (p *scriptedPeer) read(r io.Reader) error {
	for {
		var n uint32
		if err := binary.Read(r, binary.BigEndian, &n); err != nil {
			return err
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		switch u32 := binary.BigEndian.Uint32; b[0] {
		case 6:
			p.requests <- [3]int{int(u32(b[1:])), int(u32(b[5:])), int(u32(b[9:]))}
		case 7:
			p.mu.Lock()
			p.received += len(b) - 9
			p.mu.Unlock()
		}
	}
}

// answer sends the block of the next request and returns its length.
func (p *scriptedPeer) answer(t *testing.T) int {
	t.Helper()
	select {
	case r := <-p.requests:
		body := binary.BigEndian.AppendUint32(nil, uint32(r[0]))
		body = binary.BigEndian.AppendUint32(body, uint32(r[1]))
		at := r[0]*int(p.length) + r[1]
		p.write(t, 7, append(body, p.data[at:at+r[2]]...))
		return r[2]
	case err := <-p.errs:
		t.Fatalf("the connection ended: %v", err)
	case <-time.After(20 * time.Second):
		t.Fatal("no request within 20 s")
	}
	return 0
}

// TestWhatIsShownIsWhatThePeerCounted moves bytes at a known pace of virtual
// time and compares every figure with the peer's own.
func TestWhatIsShownIsWhatThePeerCounted(t *testing.T) {
	const block, step, blocksAStep, seconds = 16 << 10, 250 * time.Millisecond, 2, 10
	steps := int(seconds * time.Second / step)
	path, data, meta := asset(t, "asset.bin", (steps*blocksAStep+20)*2*block, block)
	_ = path
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	even := func(i int) bool { return i%2 == 0 }
	p := dialScripted(t, f, meta, data, even)
	first := f.sampled(t, meta.InfoHash, "peer is there with its pieces", func(s *swarm.Swarm) bool {
		return s.Connected == 1 && s.Peers[0].Have > 0
	})
	peer := first.Peers[0]
	for i := range meta.Pieces {
		if peer.Pieces.Has(i) != even(i) {
			t.Fatalf("piece %d: shown %v, the peer has %v", i, peer.Pieces.Has(i), even(i))
		}
		if want := uint16(b2i(even(i))); first.Pieces.Availability[i] != want {
			t.Fatalf("piece %d: availability %d, want %d", i, first.Pieces.Availability[i], want)
		}
	}
	if peer.Client.Or("") != "XX 1.2.3" || peer.Source != swarm.Incoming || peer.Outgoing {
		t.Errorf("peer %+v: want XX 1.2.3, incoming", peer)
	}

	now := time.Now().Add(time.Hour)
	sample := func() swarm.Swarm { return f.Sample(now, meta.InfoHash, true)[0] }
	sample()
	sent, shown := int64(0), 0.0
	for range steps {
		for range blocksAStep {
			sent += int64(p.answer(t))
		}
		f.sampledProgress(t, meta.InfoHash, sent)
		now = now.Add(step)
		s := sample()
		addsUp(t, &s)
		if s.Downloaded != sent || s.Peers[0].Downloaded != sent {
			t.Fatalf("downloaded %d, peer row %d, the peer sent %d", s.Downloaded, s.Peers[0].Downloaded, sent)
		}
		shown += float64(s.DownRate) * step.Seconds()
	}
	if off := math.Abs(shown-float64(sent)) / float64(sent); off > 0.02 {
		t.Errorf("rates over %d s sum up to %.0f bytes, the peer sent %d: %.1f %% off", seconds, shown, sent, 100*off)
	}

	p.conn.Close()
	gone := f.sampled(t, meta.InfoHash, "peer gone", func(s *swarm.Swarm) bool { addsUp(t, s); return s.Connected == 0 })
	if gone.Downloaded != sent || gone.Gone.Downloaded != sent {
		t.Errorf("after it left: downloaded %d, of peers gone %d, want %d", gone.Downloaded, gone.Gone.Downloaded, sent)
	}
}

// sampledProgress waits until the session has taken in that many bytes.
func (f *fixture) sampledProgress(t *testing.T, h swarm.InfoHash, want int64) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for limit := time.After(20 * time.Second); ; {
		if _, down, _, _ := f.Progress(h); down == want {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%d bytes did not arrive within 20 s", want)
		}
	}
}

// addsUp checks that a swarm is the sum of its parts.
func addsUp(t *testing.T, s *swarm.Swarm) {
	t.Helper()
	sum := s.Gone
	for _, p := range s.Peers {
		sum = sum.Plus(swarm.Transfer{DownRate: p.DownRate, UpRate: p.UpRate, Downloaded: p.Downloaded, Uploaded: p.Uploaded})
	}
	for _, w := range s.WebSeeds {
		sum = sum.Plus(swarm.Transfer{DownRate: w.DownRate, Downloaded: w.Downloaded})
	}
	if sum != s.Transfer {
		t.Fatalf("swarm %+v is not the sum of its parts %+v", s.Transfer, sum)
	}
	if total := swarm.Sum([]swarm.Swarm{*s, *s}); total.Downloaded != 2*s.Downloaded || total.DownRate != 2*s.DownRate || total.Peers != 2*s.Connected {
		t.Fatalf("totals %+v are not the sum of the swarms", total)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
