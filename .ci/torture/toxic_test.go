package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

// toxic is a proxy that slows and cuts what goes through it.
type toxic struct{ api string }

// startToxic runs toxiproxy.
func startToxic(t *testing.T) *toxic {
	t.Helper()
	at := freeAddress(t)
	cmd := exec.Command(built(t, proxy), "-host", at.Addr().String(), "-port", strconv.Itoa(int(at.Port())))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	p := &toxic{"http://" + at.String()}
	eventually(t, "toxiproxy answers", patience, func() bool { _, _, err := get(p.api + "/version"); return err == nil })
	return p
}

// post asks the proxy for something.
func (p *toxic) post(path string, v map[string]any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	resp, err := http.Post(p.api+path, "application/json", bytes.NewReader(b))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("toxiproxy %s: %s %s", path, resp.Status, text)
	}
	return nil
}

// before stands before an address and returns its own.
func (p *toxic) before(t *testing.T, name, upstream string) string {
	t.Helper()
	at := freeAddress(t).String()
	if err := p.post("/proxies", map[string]any{"name": name, "listen": at, "upstream": upstream, "enabled": true}); err != nil {
		t.Fatal(err)
	}
	return at
}

// add makes a proxy toxic, in the direction of whoever asks.
func (p *toxic) add(t *testing.T, name, kind string, attributes map[string]any) {
	t.Helper()
	if err := p.post("/proxies/"+name+"/toxics", map[string]any{"type": kind, "stream": "downstream", "attributes": attributes}); err != nil {
		t.Fatal(err)
	}
}

// badLinks are what a link can be like.
var badLinks = map[string]func(t *testing.T, p *toxic, name string){
	"200 ms": func(t *testing.T, p *toxic, name string) {
		p.add(t, name, "latency", map[string]any{"latency": 200, "jitter": 50})
	},
	"cuts": func(t *testing.T, p *toxic, name string) {
		p.add(t, name, "limit_data", map[string]any{"bytes": 30_000})
	},
	"10 kB/s": func(t *testing.T, p *toxic, name string) { p.add(t, name, "bandwidth", map[string]any{"rate": 10}) },
}

// TestBadLinks puts a bad link between swarmtop and its tracker, its one peer and its
// one web seed, and sees that the asset comes exact and that the screen never waits.
func TestBadLinks(t *testing.T) {
	size := scaled(100_000, 60_000)
	slowest := time.Duration(0)
	for kind, spoil := range badLinks {
		t.Run(kind, func(t *testing.T) {
			slowest = max(slowest, overBadLink(t, size, spoil))
		})
	}
	if !t.Failed() {
		measured("toxiproxy before tracker, peers and web seed: 200 ms, cuts, 10 kB/s", "the asset complete and exact, the screen never waits over 100 ms",
			"exact over each, alone from peers and from the web seed; a key's effect within %v", slowest.Round(time.Millisecond))
	}
}

// overBadLink fetches an asset over a bad link and returns how long a key took at most.
func overBadLink(t *testing.T, size int, spoil func(*testing.T, *toxic, string)) time.Duration {
	data := noise(21, size)
	path := filepath.Join(t.TempDir(), "asset.bin")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	meta := torrentOf(t, path, 16<<10)
	p := startToxic(t)
	seeder := startInside(t, filepath.Join(t.TempDir(), "state"))
	if _, err := seeder.Add(context.Background(), path); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is published", patience, func() bool { return seeder.now().Totals.Complete == 1 && seeder.now().Tracker != "" })
	tracker, err := url.Parse(seeder.now().Tracker)
	if err != nil {
		t.Fatal(err)
	}
	o := newOrigin(t, data)
	trackerAt, seedAt, peerAt := p.before(t, "tracker", tracker.Host), p.before(t, "seed", strings.TrimPrefix(o.URL, "http://")), p.before(t, "peer", seeder.peers.String())
	for _, name := range links {
		spoil(t, p, name)
	}
	for _, from := range []string{"peer", "seed"} {
		leech := startLive(t, t.TempDir(), "127.0.0.2")
		h := meta.InfoHash
		spec := session.Spec{Torrent: &meta, InfoHash: h}
		if from == "seed" {
			spec.WebSeeds, spec.Typed = []string{"http://" + seedAt + "/asset.bin"}, []string{"http://" + seedAt + "/asset.bin"}
		}
		if _, err := leech.Add(spec); err != nil {
			t.Fatal(err)
		}
		if from == "peer" {
			leech.FoundPeers(h, []netip.AddrPort{netip.MustParseAddrPort(peerAt)}, swarm.Opt[int]{})
		}
		eventually(t, "the session has the metainfo", patience, func() bool { _, ok := leech.Asset(h, "asset.bin"); return ok })
		a, _ := leech.Asset(h, "asset.bin")
		content, err := leech.Fetch(t.Context(), a) // as the gateway does for one that asks
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(io.NewSectionReader(content, 0, a.Size)); err != nil || !bytes.Equal(got, data) {
			t.Errorf("from the %s came %d bytes that are not the asset's (%v)", from, len(got), err)
		}
		leech.completes(t, h, patience)
	}
	torrent := filepath.Join(t.TempDir(), "asset.torrent")
	if err := os.WriteFile(torrent, admit.EncodeMetainfo(&meta, [][]string{{"http://" + trackerAt + "/announce"}}, []string{"http://" + seedAt + "/asset.bin"}), 0o600); err != nil {
		t.Fatal(err)
	}
	screen := open(t, torrent)
	return screen.judge(scaled(60, 15))
}
