package session_test

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

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
