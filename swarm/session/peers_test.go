package session_test

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

// connected is a session with one swarm, which one seeder has filled.
func connected(t *testing.T) (f *fixture, h swarm.InfoHash, from netip.AddrPort, data []byte) {
	t.Helper()
	path, data, meta := asset(t, "widget.js", 100<<10, 16<<10)
	f = start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	from = seeder(t, path, meta)
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{from}, swarm.Opt[int]{})
	f.sampled(t, meta.InfoHash, "complete", complete)
	return f, meta.InfoHash, from, data
}

func TestDisconnectedPeerGoes(t *testing.T) {
	f, h, _, _ := connected(t)
	s := f.sampled(t, h, "connected", func(s *swarm.Swarm) bool { return s.Connected == 1 })
	key := s.Peers[0].Key
	if err := f.Disconnect(h, key); err != nil {
		t.Fatal(err)
	}
	without := func(s *swarm.Swarm) bool { return s.Connected == 0 || s.Peers[0].Key != key }
	f.sampled(t, h, "disconnected", without)
	if err := f.Disconnect(h, key); err == nil {
		t.Error("a connection that is gone was ended")
	}
}

func TestBannedPeerStaysAway(t *testing.T) {
	f, h, from, _ := connected(t)
	f.sampled(t, h, "connected", func(s *swarm.Swarm) bool { return s.Connected == 1 })
	if err := f.Ban(from.String()); err != nil {
		t.Fatal(err)
	}
	f.sampled(t, h, "gone", func(s *swarm.Swarm) bool { return s.Connected == 0 })
	if n := f.FoundPeers(h, []netip.AddrPort{from}, swarm.Opt[int]{}); n != 0 {
		t.Errorf("%d banned addresses were taken", n)
	}
	if err := f.Ban("peer.example.org:6881"); err == nil {
		t.Error("a name was banned")
	}
}

func TestRemovalCanBeUndone(t *testing.T) {
	f, h, _, data := connected(t)
	if err := f.SetSeeding([]swarm.InfoHash{h}, false); err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(h, true); err != nil {
		t.Fatal(err)
	}
	if f.Has(h) {
		t.Error("a removed swarm is still here")
	}
	if err := f.Restore(h); err != nil {
		t.Fatal(err)
	}
	s := f.sampled(t, h, "whole again", complete)
	if s.Seeding {
		t.Error("the seeding switch was forgotten")
	}
	if got := read(t, f, h, "widget.js"); !bytes.Equal(got, data) {
		t.Error("the bytes differ")
	}
	if err := f.Restore(h); err == nil {
		t.Error("a removal was undone twice")
	}
}

// TestBytesOfARemovedSwarmGoAfterACrash holds that a removal that was not made
// final when the process ended is made so at the next start.
func TestBytesOfARemovedSwarmGoAfterACrash(t *testing.T) {
	path, _, meta := asset(t, "gone.js", 1000, 16<<10)
	live, after := t.TempDir(), t.TempDir()
	f := start(t, live, nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
		t.Fatal(err)
	}
	f.sampled(t, meta.InfoHash, "published", complete)
	if err := f.Remove(meta.InfoHash, true); err != nil {
		t.Fatal(err)
	}
	stored(t, live, `"removed":true`)
	if err := os.CopyFS(after, os.DirFS(live)); err != nil { // what a crash now would leave
		t.Fatal(err)
	}
	if g := start(t, after, nil); g.Len() != 0 {
		t.Errorf("%d swarms after a crash, want none", g.Len())
	}
	if left, _ := os.ReadDir(filepath.Join(after, "assets")); len(left) != 0 {
		t.Errorf("bytes left behind: %v", left)
	}
}

// stored waits until the list of swarms on disk holds text.
func stored(t *testing.T, dir, text string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for {
		if b, _ := os.ReadFile(filepath.Join(dir, "swarms.json")); bytes.Contains(b, []byte(text)) {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("the list of swarms does not hold %s within 20 s", text)
		}
	}
}

func TestUploadLimitIsBounded(t *testing.T) {
	f := start(t, t.TempDir(), nil)
	if err := f.SetUploadLimit(swarm.Known(int64(1))); err == nil {
		t.Error("a limit that stops everything was taken")
	}
	if err := f.SetUploadLimit(swarm.Known(int64(64 << 10))); err != nil || f.UploadLimit().Or(0) != 64<<10 {
		t.Errorf("limit %v, error %v", f.UploadLimit(), err)
	}
	if err := f.SetUploadLimit(swarm.Opt[int64]{}); err != nil || f.UploadLimit().IsKnown() {
		t.Errorf("limit %v, error %v", f.UploadLimit(), err)
	}
}
