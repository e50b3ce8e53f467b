package session_test

import (
	"net"
	"testing"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

// TestSwarmsAtRestAreNotSampledAgain holds that what does not change costs nothing, and
// that whatever does change is seen at the next look.
func TestSwarmsAtRestAreNotSampledAgain(t *testing.T) {
	path, _, meta := asset(t, "page.html", 100<<10, 16<<10)
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path, Widget: "w"}); err != nil {
		t.Fatal(err)
	}
	f.sampled(t, meta.InfoHash, "published", complete)
	now := time.Now()
	look := func() *swarm.Swarm {
		now = now.Add(swarm.RecentStep)
		return &f.Sample(now, swarm.InfoHash{}, false)[0]
	}
	for range 2 * swarm.RecentPoints { // until its recent past is known to be quiet
		look()
	}
	rest := look()
	if look() != rest {
		t.Fatal("a swarm at rest is sampled again")
	}
	if n := testing.AllocsPerRun(100, func() { look() }); n > 0 {
		t.Errorf("a look at a swarm at rest allocates %.0f times", n)
	}

	if err := f.SetSeeding([]swarm.InfoHash{meta.InfoHash}, false); err != nil {
		t.Fatal(err)
	}
	if s := look(); s == rest || s.Seeding || s.Copies.Or(-1) != 0 {
		t.Errorf("seeding was switched off: %+v", s)
	}
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Widget: "other"}); err != nil {
		t.Fatal(err)
	}
	if s := look(); s.Widget != "other" {
		t.Errorf("it was given to another widget, and stays in %q", s.Widget)
	}
	_, _, second := asset(t, "second.html", 10, 16<<10)
	if _, err := f.Add(session.Spec{Torrent: &second, InfoHash: second.InfoHash}); err != nil {
		t.Fatal(err)
	}
	if n := len(f.Sample(now, swarm.InfoHash{}, false)); n != 2 {
		t.Errorf("%d swarms, want 2", n)
	}

	tor, _ := client(t, nil).AddTorrentOpt(torrent.AddTorrentOpts{InfoHash: [20]byte(meta.InfoHash)})
	f.quietly(t, meta.InfoHash, func(s *swarm.Swarm) bool {
		tor.AddPeers([]torrent.PeerInfo{{Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(f.Port())}}})
		return s.Connected == 1
	})
}

// quietly looks as the monitor does when nobody asks for all, until cond holds.
func (f *fixture) quietly(t *testing.T, h swarm.InfoHash, cond func(*swarm.Swarm) bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(20 * time.Second); ; {
		all := f.Sample(time.Now(), swarm.InfoHash{}, false)
		for i := range all {
			if all[i].InfoHash == h && cond(&all[i]) {
				return
			}
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("not within 20 s: %+v", all)
		}
	}
}
