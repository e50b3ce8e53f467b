package session_test

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

// refuser listens before a seeder and hangs up on the first connections, as a
// client does that takes but one handshake at a time from one host.
func refuser(t *testing.T, to netip.AddrPort, hangUps int) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ; n++ {
			in, err := l.Accept()
			if err != nil {
				return
			}
			if n < hangUps {
				in.Close()
				continue
			}
			out, err := net.Dial("tcp", to.String())
			if err != nil {
				in.Close()
				continue
			}
			pipe := func(dst, src net.Conn) {
				_, _ = io.Copy(dst, src)
				dst.Close()
				src.Close()
			}
			wg.Go(func() { pipe(in, out) })
			wg.Go(func() { pipe(out, in) })
		}
	})
	t.Cleanup(func() { l.Close() })
	return netip.MustParseAddrPort(l.Addr().String())
}

func TestPeerThatHangsUpIsDialledAgain(t *testing.T) {
	path, _, meta := asset(t, "again.js", 40<<10, 16<<10)
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	// The client tries an address with and without encryption, so that two tries take up to four connections.
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{refuser(t, seeder(t, path, meta), 4)}, swarm.Opt[int]{})
	f.sampled(t, meta.InfoHash, "complete", complete)
}

func TestDeadPeerOfTheSameHostDoesNotKeepALivingOneFromBeingDialledAgain(t *testing.T) {
	path, _, meta := asset(t, "neighbour.js", 40<<10, 16<<10)
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := netip.MustParseAddrPort(l.Addr().String())
	l.Close()
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{dead, refuser(t, seeder(t, path, meta), 2)}, swarm.Opt[int]{})
	f.sampled(t, meta.InfoHash, "complete", complete)
}

func TestPeerWithNothingToGiveDoesNotKeepASeederFromBeingDialledAgain(t *testing.T) {
	path, _, meta := asset(t, "company.js", 40<<10, 16<<10)
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	leecher := client(t, nil)
	tor, _ := leecher.AddTorrentOpt(torrent.AddTorrentOpts{InfoHash: [20]byte(meta.InfoHash), InfoBytes: meta.InfoBytes})
	tor.DownloadAll() // else it takes no peers
	at := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(leecher.LocalPort()))
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{at}, swarm.Opt[int]{})
	f.sampled(t, meta.InfoHash, "connected", func(s *swarm.Swarm) bool { return s.Connected == 1 })
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{refuser(t, seeder(t, path, meta), 4)}, swarm.Opt[int]{})
	f.sampled(t, meta.InfoHash, "complete", complete)
}

func TestManifestDoesNotUndoASwitchThatWasSetByHand(t *testing.T) {
	path, _, meta := asset(t, "switch.js", 1000, 16<<10)
	f := start(t, t.TempDir(), nil)
	spec := session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path, Seed: swarm.Known(true)}
	if _, err := f.Add(spec); err != nil {
		t.Fatal(err)
	}
	if err := f.SetSeeding([]swarm.InfoHash{meta.InfoHash}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Add(spec); err != nil { // as a manifest is read again
		t.Fatal(err)
	}
	if s := f.sampled(t, meta.InfoHash, "published", complete); s.Seeding {
		t.Error("seeding is on again")
	}
}

func TestNoSeedTurnsOffWhatIsResumed(t *testing.T) {
	dir := t.TempDir()
	path, _, meta := asset(t, "off.js", 1000, 16<<10)
	t.Run("first", func(t *testing.T) {
		f := start(t, dir, nil)
		if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
			t.Fatal(err)
		}
	})
	f := start(t, dir, func(c *session.Config) { c.Seed = false })
	if s := f.sampled(t, meta.InfoHash, "resumed", complete); s.Seeding {
		t.Error("seeding is on")
	}
}
