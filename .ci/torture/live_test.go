package torture

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

// patience is how long anything may take that ought to take a moment.
const patience = 60 * time.Second

// nobody is an announcer that tells no tracker anything.
type nobody struct{}

func (nobody) Add(swarm.InfoHash, []string, [][]string, bool) {}
func (nobody) Remove(swarm.InfoHash)                          {}
func (nobody) SetActive(swarm.InfoHash, bool)                 {}
func (nobody) Completed(swarm.InfoHash)                       {}

// live is a running session.
type live struct {
	*session.Session
	addr netip.AddrPort // where it listens for peers
	end  func() error
}

// startLive runs a session over dir that listens on host, a loopback address.
func startLive(t testing.TB, dir, host string) *live {
	t.Helper()
	s, err := session.New(session.Config{
		Dir: dir, PeerListen: host + ":0", CacheBytes: 1 << 20, Seed: true,
		OwnTrackers: func(bool) []string { return nil },
		WebSeedFor:  func(swarm.Asset) string { return "" },
		Describe:    func(swarm.Asset) (string, string) { return "text/plain", "/" },
		Now:         time.Now,
		Log:         func(swarm.Level, string) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Resume(nobody{})
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	l := &live{Session: s, addr: netip.AddrPortFrom(netip.MustParseAddr(host), s.Port())}
	ended := false
	l.end = func() error {
		if ended {
			return nil
		}
		ended = true
		cancel()
		return errors.Join(<-ran, s.Close())
	}
	t.Cleanup(func() {
		if err := l.end(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

// sample is what the monitor does.
func (l *live) sample(focus swarm.InfoHash) []swarm.Swarm {
	return l.Sample(time.Now(), focus, true)
}

// completes waits until a swarm is complete.
func (l *live) completes(t testing.TB, h swarm.InfoHash, within time.Duration) {
	t.Helper()
	eventually(t, "the swarm is complete", within, func() bool {
		for _, s := range l.sample(h) {
			if s.InfoHash == h && s.State == swarm.Complete {
				return true
			}
		}
		return false
	})
}

// eventually asks until the answer is yes, and fails the test when it stays no.
func eventually(t testing.TB, what string, within time.Duration, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(within); !holds(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s: not within %v", what, within)
		}
	}
}

// noise returns random bytes that are the same for the same seed.
func noise(seed uint64, size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), 1}).Read(b)
	return b
}

// torrentOf returns admitted metainfo of a file.
func torrentOf(t testing.TB, path string, pieceLength int64) admit.Torrent {
	t.Helper()
	info := metainfo.Info{PieceLength: pieceLength, Name: filepath.Base(path)}
	if err := info.BuildFromFilePath(path); err != nil {
		t.Fatal(err)
	}
	b, err := bencode.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := admit.Info(b)
	if err != nil {
		t.Fatal(err)
	}
	return meta
}
