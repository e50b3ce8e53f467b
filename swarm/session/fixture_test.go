package session_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

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
func seeder(t *testing.T, path string, meta admit.Torrent, change ...func(*torrent.ClientConfig)) netip.AddrPort {
	t.Helper()
	cl := client(t, func(c *torrent.ClientConfig) {
		c.DataDir = filepath.Dir(path)
		for _, f := range change {
			f(c)
		}
	})
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
