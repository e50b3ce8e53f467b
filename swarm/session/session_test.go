package session_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

// trackers stands in for the announcer and notes what it is told.
type trackers struct {
	mu        sync.Mutex
	active    map[swarm.InfoHash]bool
	completed map[swarm.InfoHash]int
	own       map[swarm.InfoHash][]string
	told      chan struct{} // capacity one: something was told
}

func newTrackers() *trackers {
	return &trackers{active: map[swarm.InfoHash]bool{}, completed: map[swarm.InfoHash]int{},
		own: map[swarm.InfoHash][]string{}, told: make(chan struct{}, 1)}
}

func (a *trackers) do(f func()) {
	a.mu.Lock()
	f()
	a.mu.Unlock()
	select {
	case a.told <- struct{}{}:
	default:
	}
}

func (a *trackers) Add(h swarm.InfoHash, own []string, _ [][]string, active bool) {
	a.do(func() { a.active[h], a.own[h] = active, own })
}
func (a *trackers) Remove(h swarm.InfoHash) { a.do(func() { delete(a.active, h) }) }
func (a *trackers) SetActive(h swarm.InfoHash, active bool) {
	a.do(func() { a.active[h] = active })
}
func (a *trackers) Completed(h swarm.InfoHash) { a.do(func() { a.completed[h]++ }) }

func (a *trackers) is(h swarm.InfoHash) (active bool, completed int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.active[h], a.completed[h]
}

// fixture is a session with its parts at hand.
type fixture struct {
	*session.Session
	trackers *trackers
	dir      string
}

func start(t *testing.T, dir string, change func(*session.Config)) *fixture {
	t.Helper()
	c := session.Config{
		Dir:         dir,
		PeerListen:  "127.0.0.1:0",
		CacheBytes:  1 << 20,
		Seed:        true,
		OwnTrackers: func(bool) []string { return []string{"http://127.0.0.1:1/announce"} },
		WebSeedFor:  func(swarm.Asset) string { return "" },
		Describe:    func(swarm.Asset) (string, string) { return "text/plain", "/" },
		Now:         time.Now,
		Log:         func(l swarm.Level, s string) { t.Logf("%v: %s", l, s) },
	}
	if change != nil {
		change(&c)
	}
	s, err := session.New(c)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{Session: s, trackers: newTrackers(), dir: dir}
	f.Resume(f.trackers)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return f
}

// sampled collects as the monitor does until cond holds of the swarm.
func (f *fixture) sampled(t *testing.T, h swarm.InfoHash, what string, cond func(*swarm.Swarm) bool) swarm.Swarm {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for {
		for _, s := range f.Sample(time.Now(), h, true) {
			if s.InfoHash == h && cond(&s) {
				return s
			}
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s: not within 20 s; last %+v", what, f.Sample(time.Now(), h, true))
		}
	}
}

func complete(s *swarm.Swarm) bool { return s.State == swarm.Complete }

// asset makes random bytes, a file with them and their torrent.
func asset(t *testing.T, name string, size int, pieceLength int64) (path string, data []byte, meta admit.Torrent) {
	t.Helper()
	data = make([]byte, size)
	r := rand.NewChaCha8([32]byte{byte(size), byte(size >> 8), byte(len(name))})
	_, _ = r.Read(data)
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	info := metainfo.Info{PieceLength: pieceLength}
	if err := info.BuildFromFilePath(path); err != nil {
		t.Fatal(err)
	}
	b, err := bencode.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	meta, err = admit.Info(b)
	if err != nil {
		t.Fatal(err)
	}
	return path, data, meta
}

// client is a BitTorrent client that is not ours.
func client(t *testing.T, change func(*torrent.ClientConfig)) *torrent.Client {
	t.Helper()
	c := torrent.NewDefaultClientConfig()
	c.DataDir = t.TempDir()
	c.SetListenAddr("127.0.0.1:0")
	c.NoDHT, c.DisableUTP, c.DisableIPv6, c.DisableTrackers, c.NoDefaultPortForwarding = true, true, true, true, true
	c.Seed = true
	c.DropMutuallyCompletePeers = false
	if change != nil {
		change(c)
	}
	cl, err := torrent.NewClient(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cl.Close() })
	return cl
}

// seeder returns a client that holds the file, and where it listens.
func seeder(t *testing.T, path string, meta admit.Torrent) netip.AddrPort {
	t.Helper()
	cl := client(t, func(c *torrent.ClientConfig) { c.DataDir = filepath.Dir(path) })
	tor, _ := cl.AddTorrentOpt(torrent.AddTorrentOpts{InfoHash: [20]byte(meta.InfoHash), InfoBytes: meta.InfoBytes})
	<-tor.Complete().On()
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(cl.LocalPort()))
}

func read(t *testing.T, f *fixture, h swarm.InfoHash, path string) []byte {
	t.Helper()
	a, ok := f.Asset(h, path)
	if !ok {
		t.Fatalf("no asset %s", path)
	}
	r, err := f.Open(a)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(io.NewSectionReader(r, 0, a.Size))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestJoinedSwarmCompletesByteExactAndTellsTrackersOnce(t *testing.T) {
	path, data, meta := asset(t, "widget.js", 200<<10, 16<<10)
	save := t.TempDir()
	f := start(t, t.TempDir(), func(c *session.Config) { c.SaveDir = save })
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	if added, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); added || err != nil {
		t.Errorf("second Add = %v, %v; want not new", added, err)
	}
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{seeder(t, path, meta)}, swarm.Opt[int]{})
	s := f.sampled(t, meta.InfoHash, "complete", complete)
	if got := read(t, f, meta.InfoHash, "widget.js"); !bytes.Equal(got, data) {
		t.Error("the bytes differ")
	}
	if s.Done != int64(len(data)) || s.Size.Or(-1) != int64(len(data)) {
		t.Errorf("done %d of %d, want %d", s.Done, s.Size.Or(-1), len(data))
	}
	s = f.sampled(t, meta.InfoHash, "peer has a name", func(s *swarm.Swarm) bool {
		return s.Connected == 1 && s.Peers[0].Client.IsKnown()
	})
	if s.Downloaded < int64(len(data)) {
		t.Errorf("downloaded %d, want at least %d", s.Downloaded, len(data))
	}
	if p := s.Peers[0]; p.Have != meta.Pieces || p.Source != swarm.FromTracker || !p.Outgoing || !p.Latency.IsKnown() {
		t.Errorf("peer %+v: want all pieces, from the tracker, dialled, with a latency", p)
	}
	<-f.trackers.told
	f.sampled(t, meta.InfoHash, "trackers told", func(*swarm.Swarm) bool {
		_, n := f.trackers.is(meta.InfoHash)
		return n == 1
	})
	saved := filepath.Join(save, "widget.js")
	f.sampled(t, meta.InfoHash, "saved", func(*swarm.Swarm) bool { _, err := os.Stat(saved); return err == nil })
	if b, _ := os.ReadFile(saved); !bytes.Equal(b, data) {
		t.Error("the saved file differs")
	}
}

func TestMetadataFromPeersPassesTheGate(t *testing.T) {
	path, data, meta := asset(t, "icon.svg", 40<<10, 16<<10)
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{InfoHash: meta.InfoHash, Name: "an icon"}); err != nil {
		t.Fatal(err)
	}
	f.sampled(t, meta.InfoHash, "waits for metadata", func(s *swarm.Swarm) bool {
		return s.State == swarm.Metadata && s.Name == "an icon" && !s.Size.IsKnown()
	})
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{seeder(t, path, meta)}, swarm.Opt[int]{})
	f.sampled(t, meta.InfoHash, "complete", complete)
	if got := read(t, f, meta.InfoHash, "icon.svg"); !bytes.Equal(got, data) {
		t.Error("the bytes differ")
	}
}

func TestRefusedMetadataFailsTheSwarmWithItsReason(t *testing.T) {
	// A piece length that is no power of two: the client would take it, the gate does not.
	info := metainfo.Info{Name: "odd", PieceLength: 15000, Length: 10, Pieces: make([]byte, 20)}
	b, err := bencode.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	h := metainfo.HashBytes(b)
	cl := client(t, nil)
	tor, _ := cl.AddTorrentOpt(torrent.AddTorrentOpts{InfoHash: h, InfoBytes: b})
	tor.DownloadAll() // so that it wants connections
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{InfoHash: swarm.InfoHash(h)}); err != nil {
		t.Fatal(err)
	}
	f.FoundPeers(swarm.InfoHash(h), []netip.AddrPort{netip.MustParseAddrPort(cl.ListenAddrs()[0].String())}, swarm.Opt[int]{})
	s := f.sampled(t, swarm.InfoHash(h), "failed", func(s *swarm.Swarm) bool { return s.State == swarm.Failed })
	if s.Reason == "" {
		t.Error("no reason")
	}
	if active, _ := f.trackers.is(swarm.InfoHash(h)); active {
		t.Error("trackers still count us")
	}
}

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

func TestRestartResumesEverySwarmWithItsSwitch(t *testing.T) {
	dir := t.TempDir()
	on, onData, onMeta := asset(t, "on.css", 50<<10, 16<<10)
	off, _, offMeta := asset(t, "off.css", 60<<10, 16<<10)
	t.Run("first", func(t *testing.T) {
		f := start(t, dir, nil)
		for _, s := range []session.Spec{
			{Torrent: &onMeta, InfoHash: onMeta.InfoHash, Publish: on, Widget: "w", Alias: "/on.css", ContentType: "text/css"},
			{Torrent: &offMeta, InfoHash: offMeta.InfoHash, Publish: off},
		} {
			if _, err := f.Add(s); err != nil {
				t.Fatal(err)
			}
			f.sampled(t, s.InfoHash, "published", complete)
		}
		if err := f.SetSeeding([]swarm.InfoHash{offMeta.InfoHash}, false); err != nil {
			t.Fatal(err)
		}
	})
	f := start(t, dir, nil)
	if s := f.sampled(t, onMeta.InfoHash, "resumed", complete); !s.Seeding || s.Widget != "w" {
		t.Errorf("resumed as %+v, want seeding, widget w", s)
	}
	if s := f.sampled(t, offMeta.InfoHash, "resumed", complete); s.Seeding {
		t.Error("the switch that was off is on")
	}
	if a, ok := f.AssetAt("/on.css"); !ok || a.ContentType != "text/css" || !a.Published {
		t.Errorf("alias leads to %+v, %v", a, ok)
	}
	if got := read(t, f, onMeta.InfoHash, "on.css"); !bytes.Equal(got, onData) {
		t.Error("the bytes differ")
	}
	if _, n := f.trackers.is(onMeta.InfoHash); n != 0 {
		t.Error("trackers were told completed for what was complete before")
	}
}

func TestSecondInstanceIsRefused(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, nil)
	_, err := session.New(session.Config{Dir: dir, PeerListen: "127.0.0.1:0", Now: time.Now})
	if !errors.Is(err, session.ErrInUse) {
		t.Fatalf("error %v, want ErrInUse", err)
	}
}

func TestFailedStartKeepsWhatTheStateFolderHolds(t *testing.T) {
	dir := t.TempDir()
	path, _, meta := asset(t, "kept.js", 1000, 16<<10)
	t.Run("first", func(t *testing.T) {
		f := start(t, dir, nil)
		if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
			t.Fatal(err)
		}
	})
	s, err := session.New(session.Config{Dir: dir, PeerListen: "127.0.0.1:0", Now: time.Now, Log: func(swarm.Level, string) {}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil { // closed without Resume, as when another part fails to start
		t.Fatal(err)
	}
	f := start(t, dir, nil)
	f.sampled(t, meta.InfoHash, "still there", complete)
}

func TestRemovedSwarmIsGoneAfterRestart(t *testing.T) {
	dir := t.TempDir()
	path, _, meta := asset(t, "gone.js", 1000, 16<<10)
	t.Run("first", func(t *testing.T) {
		f := start(t, dir, nil)
		if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
			t.Fatal(err)
		}
		f.sampled(t, meta.InfoHash, "published", complete)
		if err := f.Remove(meta.InfoHash, true); err != nil {
			t.Fatal(err)
		}
	})
	if left, _ := os.ReadDir(filepath.Join(dir, "assets")); len(left) != 0 {
		t.Errorf("bytes left behind: %v", left)
	}
	if f := start(t, dir, nil); f.Len() != 0 {
		t.Errorf("%d swarms after restart, want none", f.Len())
	}
}

func TestLatestReleaseTakesOverTheAlias(t *testing.T) {
	f := start(t, t.TempDir(), nil)
	oldPath, _, oldMeta := asset(t, "app.js", 1000, 16<<10)
	newPath, newData, newMeta := asset(t, "app.js", 2000, 16<<10)
	for _, s := range []session.Spec{
		{Torrent: &oldMeta, InfoHash: oldMeta.InfoHash, Publish: oldPath, Alias: "/app.js"},
		{Torrent: &newMeta, InfoHash: newMeta.InfoHash, Publish: newPath, Alias: "/app.js"},
	} {
		if _, err := f.Add(s); err != nil {
			t.Fatal(err)
		}
		f.sampled(t, s.InfoHash, "published", complete)
	}
	a, ok := f.AssetAt("/app.js")
	if !ok || a.InfoHash != newMeta.InfoHash || a.Size != int64(len(newData)) {
		t.Errorf("alias leads to %+v, want the new release", a)
	}
}
