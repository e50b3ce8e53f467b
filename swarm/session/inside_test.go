package session_test

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

// publish has a session give an asset.
func (f *fixture) publish(t *testing.T, name string) (h swarm.InfoHash, info []byte) {
	t.Helper()
	path, _, meta := asset(t, name, 40<<10+len(name), 16<<10)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
		t.Fatal(err)
	}
	f.sampled(t, meta.InfoHash, "published", complete)
	return meta.InfoHash, meta.InfoBytes
}

// until looks every few milliseconds whether cond holds.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !cond() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

// TestPeersFindASwarmThatTheClientDoesNotHold holds for plain and encrypted handshakes.
func TestPeersFindASwarmThatTheClientDoesNotHold(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		t.Run(fmt.Sprintf("encrypted=%v", encrypted), func(t *testing.T) {
			f := start(t, t.TempDir(), nil)
			h, info := f.publish(t, "page.html")
			f.Sample(time.Now(), swarm.InfoHash{}, true) // nobody looks at it
			if f.Inside(h) {
				t.Fatal("the client holds a swarm with which nobody has anything to do")
			}
			peer := client(t, func(c *torrent.ClientConfig) {
				c.HeaderObfuscationPolicy = torrent.HeaderObfuscationPolicy{Preferred: encrypted, RequirePreferred: true}
			})
			tor, _ := peer.AddTorrentOpt(torrent.AddTorrentOpts{InfoHash: [20]byte(h), InfoBytes: info})
			tor.DownloadAll()
			tor.AddPeers([]torrent.PeerInfo{{Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(f.Port())}}})
			<-tor.Complete().On()

			f.LetGo(time.Now().Add(time.Hour))
			if !f.Inside(h) {
				t.Error("the swarm was let go while a peer is connected")
			}
			tor.Drop()
			now := time.Now()
			until(t, "alone again", func() bool { now = now.Add(time.Minute); f.LetGo(now); return !f.Inside(h) })
			up, down, left, _ := f.Progress(h)
			if size := int64(40<<10 + len("page.html")); up != size || down != 0 || left != 0 {
				t.Errorf("sent %d, received %d, %d left; want %d, 0, 0", up, down, left, size)
			}
			s := f.sampled(t, h, "nobody there", func(s *swarm.Swarm) bool { return s.Connected == 0 })
			if s.State != swarm.Complete || s.Uploaded < up || s.Pieces.Have != s.Pieces.Count {
				t.Errorf("out of the client it is %+v", s)
			}
		})
	}
}

func TestSwarmIsHeldOnceSomebodyIsKnownAndWaitsItsTurn(t *testing.T) {
	f := start(t, t.TempDir(), nil)
	f.Crowd(1000, 1)
	path, _, meta := asset(t, "wanted.js", 40<<10, 16<<10)
	_, _, dead := asset(t, "dead.js", 41<<10, 16<<10)
	for _, m := range []session.Spec{{Torrent: &dead, InfoHash: dead.InfoHash}, {Torrent: &meta, InfoHash: meta.InfoHash}} {
		if _, err := f.Add(m); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range []swarm.InfoHash{dead.InfoHash, meta.InfoHash} {
		f.sampled(t, h, "checked", func(s *swarm.Swarm) bool { return s.State == swarm.Downloading && s.Reason == "" })
		if f.Inside(h) {
			t.Errorf("%s is held, and nobody is known to have it", h.Short())
		}
	}
	// The only turn is taken by a swarm whose one peer is dead: it is given on after a while.
	f.FoundPeers(dead.InfoHash, []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1")}, swarm.Opt[int]{})
	until(t, "the first turn", func() bool { return f.Inside(dead.InfoHash) })
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{seeder(t, path, meta)}, swarm.Opt[int]{})
	f.sampled(t, meta.InfoHash, "complete", complete)
	if !f.Inside(dead.InfoHash) {
		t.Error("a swarm that lacks pieces was let go")
	}
}

// TestOtherSeedersAreNoCompanyInACrowd holds that what is complete goes, however many
// other seeders are connected, when the client holds many; and that it stays among few.
func TestOtherSeedersAreNoCompanyInACrowd(t *testing.T) {
	for _, crowd := range []bool{false, true} {
		t.Run(fmt.Sprintf("crowd=%v", crowd), func(t *testing.T) {
			f := start(t, t.TempDir(), nil)
			if crowd {
				f.Crowd(0, 10)
			}
			path, _, meta := asset(t, "a.js", 40<<10, 16<<10)
			if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
				t.Fatal(err)
			}
			from := seeder(t, path, meta)
			f.FoundPeers(meta.InfoHash, []netip.AddrPort{from}, swarm.Opt[int]{})
			until(t, "complete", func() bool { return f.AllEnded() })
			if crowd {
				until(t, "let go", func() bool { return !f.Inside(meta.InfoHash) })
			} else {
				until(t, "connected", func() bool {
					return f.Sample(time.Now(), swarm.InfoHash{}, true)[0].Connected == 1
				})
				f.LetGo(time.Now().Add(time.Hour))
			}
			if f.Inside(meta.InfoHash) == crowd {
				t.Errorf("held: %v", !crowd)
			}
			_, down, _, _ := f.Progress(meta.InfoHash)
			s := f.Sample(time.Now(), swarm.InfoHash{}, true)[0]
			if down != meta.Length || s.Downloaded < meta.Length || s.State != swarm.Complete {
				t.Errorf("of %d bytes %d were received, and %d are shown", meta.Length, down, s.Downloaded)
			}
			if !crowd {
				return
			}
			f.FoundPeers(meta.InfoHash, []netip.AddrPort{from}, swarm.Known(0))
			if f.Inside(meta.InfoHash) {
				t.Error("it is held for other seeders alone")
			}
			f.sampled(t, meta.InfoHash, "looked at", func(s *swarm.Swarm) bool { return s.Connected == 1 })
			f.LetGo(time.Now().Add(time.Hour))
			if !f.Inside(meta.InfoHash) {
				t.Error("it was let go while it is looked at")
			}
		})
	}
}

// TestASeederThatWantsEncryptionIsNoFailedPeer holds though the plain handshake comes first.
func TestASeederThatWantsEncryptionIsNoFailedPeer(t *testing.T) {
	path, _, meta := asset(t, "secret.js", 40<<10, 16<<10)
	at := seeder(t, path, meta, func(c *torrent.ClientConfig) {
		c.HeaderObfuscationPolicy = torrent.HeaderObfuscationPolicy{Preferred: true, RequirePreferred: true}
	})
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{at}, swarm.Opt[int]{})
	f.sampled(t, meta.InfoHash, "complete", complete)
	if rows := f.FailedPeers(); len(rows) > 0 {
		t.Errorf("a peer that gave everything is among the failed: %+v", rows)
	}
}
