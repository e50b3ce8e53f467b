package session_test

import (
	"bytes"
	"net/netip"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

func TestFetchAgainTakesTheBytesFromPeers(t *testing.T) {
	f := start(t, t.TempDir(), nil)
	path, data, meta := asset(t, "button.html", 80_000, 16<<10)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path, Alias: "/button.html"}); err != nil {
		t.Fatal(err)
	}
	f.sampled(t, meta.InfoHash, "published", complete)
	if err := f.FetchAgain(swarm.InfoHash{1}); err == nil {
		t.Error("a swarm that is not here is fetched again")
	}
	if err := f.FetchAgain(meta.InfoHash); err != nil {
		t.Fatal(err)
	}
	if got := f.sampled(t, meta.InfoHash, "without its bytes", func(s *swarm.Swarm) bool { return s.Done == 0 }); got.State == swarm.Complete {
		t.Errorf("it is %v", got.State)
	}
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{seeder(t, path, meta)}, swarm.Opt[int]{})
	got := f.sampled(t, meta.InfoHash, "complete again", complete)
	if got.Downloaded < int64(len(data)) || f.Published(meta.InfoHash) {
		t.Errorf("downloaded %d bytes, published here: %v", got.Downloaded, f.Published(meta.InfoHash))
	}
	if a, ok := f.AssetAt("/button.html"); !ok || !a.Complete {
		t.Errorf("its alias serves %+v, %v", a, ok)
	}
	if !bytes.Equal(read(t, f, meta.InfoHash, "button.html"), data) {
		t.Error("the bytes differ")
	}
}
