package interop

import (
	"bytes"
	"mime"
	"net/http"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// TestJoinsSwarmsOfOthers joins one swarm by metainfo file, one by magnet and one
// by a URL of metainfo, all seeded by transmission and tracked by opentracker.
func TestJoinsSwarmsOfOthers(t *testing.T) {
	tracker := startOpentracker(t)
	announce := tracker.announceURL()
	page := makeTorrent(t, assets, "page", announce)
	script := makeTorrent(t, assets, "htmx.min.js", announce)
	font := makeTorrent(t, assets, "bootstrap-icons.woff2", announce)
	all := []torrent{page, script, font}

	tracker.allow(t, page.infoHash, script.infoHash, font.infoHash)
	seeder := startTransmission(t, 30)
	for _, m := range all {
		seeder.seed(t, assets, m)
	}
	for _, m := range all {
		eventually(t, "the tracker counts the seeder of "+m.name, patience, func() bool {
			n, _ := tracker.scrape(t, m.infoHash)
			return n == 1
		})
	}
	web := startNginx(t, filepath.Dir(font.file))

	save := t.TempDir()
	h := startHeadless(t, "--save", save, page.file, script.magnet(announce), web+"/"+filepath.Base(font.file))
	seen := map[string]string{} // info hash → client, while it sends
	now := h.until(t, "every swarm is complete and the tracker counts two seeders of each", func(s snapshot) bool {
		done := 0
		for _, w := range s.Swarms {
			for _, p := range w.Peers {
				if p.Client != nil {
					seen[w.InfoHash] = *p.Client
				}
			}
			if w.State == "complete" && countsSeeders(w, announce, 2) {
				done++
			}
		}
		return done == len(all)
	})
	for _, m := range all {
		if !strings.HasPrefix(seen[m.infoHash], "Transmission") {
			t.Errorf("the peer of %s was called %q, want Transmission", m.name, seen[m.infoHash])
		}
		if n, _ := tracker.scrape(t, m.infoHash); n != 2 {
			t.Errorf("the tracker counts %d seeders of %s, want 2", n, m.name)
		}
	}

	types := map[string]string{
		"page/index.html":       "text/html",
		"page/css/style.css":    "text/css",
		"page/icon.svg":         "image/svg+xml",
		"page/icon.png":         "image/png",
		"htmx.min.js":           "text/javascript",
		"bootstrap-icons.woff2": "font/woff2",
	}
	served := 0
	for _, m := range all {
		for _, f := range now.swarm(m.infoHash).Files {
			want := assets.bytes(t, f.Path)
			sameFile(t, filepath.Join(save, filepath.FromSlash(f.Path)), want)
			serves(t, now.Gateway+path.Join("/w", m.infoHash, f.Path), types[f.Path], want)
			served++
		}
	}
	if served != len(types) {
		t.Errorf("the swarms list %d files, want %d", served, len(types))
	}

	h.quit(t)
	for _, m := range all {
		if n, _ := tracker.scrape(t, m.infoHash); n != 1 {
			t.Errorf("after quitting the tracker counts %d seeders of %s, want transmission alone", n, m.name)
		}
	}
}

// countsSeeders tells whether the swarm's tracker says that so many seed.
func countsSeeders(w status, announce string, seeders int) bool {
	for _, tr := range w.Trackers {
		if tr.URL == announce && tr.Seeders != nil && tr.Leechers != nil && *tr.Seeders == seeders {
			return true
		}
	}
	return false
}

// serves checks that the gateway answers url with exactly want, whole and in
// parts, and calls it contentType whatever the query says.
func serves(t *testing.T, url, contentType string, want []byte) {
	t.Helper()
	whole := curl(t, url)
	if whole.status != http.StatusOK || !bytes.Equal(whole.body, want) {
		t.Errorf("GET %s: status %d with %d bytes, want 200 with %d", url, whole.status, len(whole.body), len(want))
	}
	if got, _, _ := mime.ParseMediaType(whole.header.Get("Content-Type")); got != contentType {
		t.Errorf("GET %s: Content-Type %q, want %q", url, whole.header.Get("Content-Type"), contentType)
	}
	asked := curl(t, url+"?torrent")
	if asked.status != http.StatusOK || !bytes.Equal(asked.body, want) || asked.header.Get("Content-Type") != whole.header.Get("Content-Type") {
		t.Errorf("GET %s?torrent: status %d, %q: differs from the answer without a query", url, asked.status, asked.header.Get("Content-Type"))
	}
	part := curl(t, url, "--range", "10-109")
	if part.status != http.StatusPartialContent || !bytes.Equal(part.body, want[10:110]) {
		t.Errorf("GET %s, bytes 10 to 109: status %d with %d bytes", url, part.status, len(part.body))
	}
	tail := curl(t, url, "--range", "-7")
	if tail.status != http.StatusPartialContent || !bytes.Equal(tail.body, want[len(want)-7:]) {
		t.Errorf("GET %s, the last 7 bytes: status %d with %d bytes", url, tail.status, len(tail.body))
	}
}
