package session_test

import (
	"bytes"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/anacrolix/torrent"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

// TestSeedingSwitchStopsAndResumesBytes watches the wire from a real client's side.
func TestSeedingSwitchStopsAndResumesBytes(t *testing.T) {
	path, data, meta := asset(t, "page.html", 2<<20, 16<<10)
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
		t.Fatal(err)
	}
	f.sampled(t, meta.InfoHash, "published", complete)

	type seen struct {
		kind pp.MessageType
		at   int // bytes of pieces before it
	}
	var mu sync.Mutex
	var bytesIn, conns int
	messages := make(chan seen, 4096)
	leecher := client(t, func(c *torrent.ClientConfig) {
		c.Callbacks.PeerConnAdded = append(c.Callbacks.PeerConnAdded, func(*torrent.PeerConn) {
			mu.Lock()
			defer mu.Unlock()
			conns++
		})
		c.Callbacks.ReadMessage = func(_ *torrent.PeerConn, m *pp.Message) {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case m.Keepalive:
			case m.Type == pp.Piece:
				bytesIn += len(m.Piece)
			case m.Type == pp.Choke || m.Type == pp.Unchoke:
				messages <- seen{m.Type, bytesIn}
			}
		}
	})
	await := func(kind pp.MessageType) int {
		t.Helper()
		for limit := time.After(20 * time.Second); ; {
			select {
			case m := <-messages:
				if m.kind == kind {
					return m.at
				}
			case <-limit:
				t.Fatalf("no %v within 20 s", kind)
			}
		}
	}
	tor, _ := leecher.AddTorrentOpt(torrent.AddTorrentOpts{InfoHash: [20]byte(meta.InfoHash), InfoBytes: meta.InfoBytes})
	tor.AddPeers([]torrent.PeerInfo{{Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(f.Port())}}})
	changes := tor.SubscribePieceStateChanges()
	defer changes.Close()
	half := meta.Pieces / 2
	tor.DownloadPieces(0, half)
	for have := map[int]bool{}; len(have) < half; {
		if c := <-changes.Values; c.Complete {
			have[c.Index] = true
		}
	}
	await(pp.Unchoke)

	if err := f.SetSeeding([]swarm.InfoHash{meta.InfoHash}, false); err != nil {
		t.Fatal(err)
	}
	if active, _ := f.trackers.is(meta.InfoHash); active {
		t.Error("trackers still count a seeder that gives nothing")
	}
	stopped := await(pp.Choke)
	tor.DownloadAll() // it wants more now, and must not get it
	off := f.sampled(t, meta.InfoHash, "shown as off", func(s *swarm.Swarm) bool {
		return !s.Seeding && s.Connected == 1 && s.Peers[0].TheyWant == swarm.Yes
	})
	if off.Peers[0].WeChoke != swarm.Yes {
		t.Errorf("peer row says we choke %v, want yes", off.Peers[0].WeChoke)
	}
	if c := off.Copies.Or(-1); c >= 1 {
		t.Errorf("copies %v with seeding off and no other seeder, want under 1", c)
	}

	if err := f.SetSeeding([]swarm.InfoHash{meta.InfoHash}, true); err != nil {
		t.Fatal(err)
	}
	if resumed := await(pp.Unchoke); resumed != stopped {
		t.Errorf("%d bytes came while seeding was off", resumed-stopped)
	}
	// The library, as a leecher, forgets to ask again when a request was rejected just
	// before it is unchoked; a word to it makes it look. See session.nudge for ours.
	for tick := time.NewTicker(200 * time.Millisecond); !tor.Complete().Bool(); {
		select {
		case <-tor.Complete().On():
			tick.Stop()
		case <-tick.C:
			tor.DisallowDataUpload()
			tor.AllowDataUpload()
		}
	}
	if active, _ := f.trackers.is(meta.InfoHash); !active {
		t.Error("trackers do not count the seeder again")
	}
	mu.Lock()
	defer mu.Unlock()
	if bytesIn < len(data) {
		t.Errorf("%d bytes came in all, want %d", bytesIn, len(data))
	}
	if conns != 1 {
		t.Errorf("%d connections, want the first one kept", conns)
	}
}

// TestDownloadGoesOnHoweverOftenTheSeederChanges turns a seeder's switch while
// requests are on their way.
func TestDownloadGoesOnHoweverOftenTheSeederChanges(t *testing.T) {
	path, data, meta := asset(t, "flicker.bin", 8<<20, 16<<10)
	s, l := start(t, t.TempDir(), nil), start(t, t.TempDir(), nil)
	if _, err := s.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
		t.Fatal(err)
	}
	s.sampled(t, meta.InfoHash, "published", complete)
	if _, err := l.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	l.FoundPeers(meta.InfoHash, []netip.AddrPort{netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), s.Port())}, swarm.Opt[int]{})
	for round := range 6 {
		want := int64(round) * int64(len(data)) / 8
		l.sampled(t, meta.InfoHash, "more came", func(w *swarm.Swarm) bool { return w.Done > want })
		for _, on := range []bool{false, true, false, true} {
			if err := s.SetSeeding([]swarm.InfoHash{meta.InfoHash}, on); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.sampled(t, meta.InfoHash, "complete", complete)
	if got := read(t, l, meta.InfoHash, "flicker.bin"); !bytes.Equal(got, data) {
		t.Error("the bytes differ")
	}
}
