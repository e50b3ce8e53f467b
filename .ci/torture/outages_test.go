package torture

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmtop/swarm/admit"
)

// TestLinksThatFailAndReturn fetches several assets, half of them from peers and half
// from web seeds, over slow links with delay that are cut again and again.
func TestLinksThatFailAndReturn(t *testing.T) {
	const kilobytes = 10 // a second over each connection
	span, swarms := scaled(4*time.Minute, 8*time.Second), scaled(8, 2)
	files := t.TempDir()
	want := map[string][]byte{}
	for i := range swarms {
		name := fmt.Sprintf("%d.bin", i)
		want[name] = noise(uint64(300+i), int(span/time.Second)*kilobytes*1000/2)
		if err := os.WriteFile(filepath.Join(files, name), want[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	publisher := startInside(t, filepath.Join(t.TempDir(), "state"))
	if _, err := publisher.Add(context.Background(), files); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all is published", patience, func() bool { return publisher.now().Totals.Complete == swarms })
	p := startToxic(t)
	torrents := behind(t, p, publisher, kilobytes)
	listen, record := freeAddress(t).String(), filepath.Join(t.TempDir(), "record")
	screen := open(t, append(torrents, "--listen="+listen, "--record="+record)...)
	over := time.Now().Add(span)
	cuts, slowest := 0, time.Duration(0)
	var cutting sync.WaitGroup
	cutting.Go(func() { cuts = cutUntil(t, p, over) })
	for time.Now().Before(over) {
		slowest = max(slowest, screen.judge(scaled(10, 5)))
		<-time.After(time.Second)
	}
	cutting.Wait()
	began := time.Now()
	for _, w := range publisher.now().Swarms {
		eventually(t, w.Name+" is served, now that the links stay", 5*patience, func() bool {
			status, got, err := get("http://" + listen + "/w/" + w.InfoHash.String() + "/" + w.Name)
			if err == nil && status == http.StatusOK && !bytes.Equal(got, want[w.Name]) {
				t.Errorf("%s is answered with %d bytes that are not its own", w.Name, len(got))
			}
			return err == nil && status == http.StatusOK
		})
	}
	took := time.Since(began)
	lines := len(events(t, record))
	if lines >= 100 {
		t.Errorf("%d lines in the event log, want fewer than 100", lines)
	}
	measured("toxiproxy before tracker, peers and web seeds of several assets: 200 ms and 10 kB/s, cut again and again",
		"all complete and exact, fewer than 100 log lines, the screen never waits over 100 ms",
		"%v, %d cuts, %d assets: all complete and exact %.0f s later; %d lines; a key's effect within %v",
		span, cuts, swarms, took.Seconds(), lines, slowest.Round(time.Millisecond))
}

// behind writes torrent files of all that is published, which lead through slow links
// with delay: every other one to a tracker that names the publisher, the others to its
// gateway as a web seed.
func behind(t *testing.T, p *toxic, publisher *inside, kilobytes int) (torrents []string) {
	t.Helper()
	gateway, err := url.Parse(publisher.now().Gateway)
	if err != nil {
		t.Fatal(err)
	}
	tracker, err := url.Parse(naming(t, p.before(t, "peer", publisher.peers.String())))
	if err != nil {
		t.Fatal(err)
	}
	seedAt, trackerAt := p.before(t, "seed", gateway.Host), p.before(t, "tracker", tracker.Host)
	for _, name := range links {
		p.add(t, name, "latency", map[string]any{"latency": 200, "jitter": 50})
		p.add(t, name, "bandwidth", map[string]any{"rate": kilobytes})
	}
	for i, w := range publisher.now().Swarms {
		_, b, err := get(publisher.now().Gateway + "/t/" + w.InfoHash.String() + ".torrent")
		if err != nil {
			t.Fatal(err)
		}
		meta, err := admit.Metainfo(b, admit.Given, admit.Policy{})
		if err != nil {
			t.Fatal(err)
		}
		b = admit.EncodeMetainfo(&meta, [][]string{{"http://" + trackerAt + "/announce"}}, nil)
		if i%2 == 1 {
			b = admit.EncodeMetainfo(&meta, nil, []string{"http://" + seedAt + "/w/" + w.InfoHash.String() + "/" + w.Name})
		}
		torrent := filepath.Join(t.TempDir(), strings.TrimSuffix(w.Name, ".bin")+".torrent")
		if err := os.WriteFile(torrent, b, 0o600); err != nil {
			t.Fatal(err)
		}
		torrents = append(torrents, torrent)
	}
	return torrents
}

// links are the proxies before one publisher.
var links = []string{"tracker", "seed", "peer"}

// cutUntil cuts one link after another, each for some seconds, and returns how often.
// At the end all of them lead through.
func cutUntil(t *testing.T, p *toxic, over time.Time) (cuts int) {
	r := random(t)
	enable := func(name string, on bool) {
		if err := p.post("/proxies/"+name, map[string]any{"enabled": on}); err != nil {
			t.Error(err)
		}
	}
	for time.Now().Before(over) {
		<-time.After(time.Duration(1000+r.IntN(5000)) * time.Millisecond)
		name := links[r.IntN(len(links))]
		enable(name, false)
		<-time.After(time.Duration(r.IntN(3000)) * time.Millisecond)
		enable(name, true)
		cuts++
	}
	return cuts
}
