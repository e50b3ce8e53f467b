package interop

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm/demo"
	"swarmtop/swarm/demo/edge"
)

// embedding is a page of another site with the button in a frame and by its
// script. It clicks both and writes down what it sees. The browser lets it look
// into the frame, as the tests ask it to.
const embedding = `<!doctype html>
<title>A site that embeds the button</title>
<iframe id="frame" src="%[1]s/widgets/share-button.html"></iframe>
%[2]s
<script src="%[1]s/widgets/share-button.js"></script>
<script>
"use strict";
const seen = [];
const pause = () => new Promise(done => setTimeout(done, 100));
// until asks again and again, for ten seconds at most.
async function until(found) {
	for (let i = 0; i < 100 && !found(); i++) await pause();
	return found();
}
async function look(name, inside) {
	const link = () => { const l = inside() && inside().getElementById("link"); return l && l.textContent; };
	if (!await until(link)) { seen.push(name + ": no button"); return; }
	seen.push(name + ": button for " + link());
	inside().getElementById("share").click();
	if (await until(() => inside().getElementById("status").textContent || inside().querySelector("#code svg path")))
		seen.push(name + ": clicked, and there is a link to take along");
}
function framed() { try { return document.getElementById("frame").contentDocument; } catch (refused) { return null; } }
Promise.all([look("frame", framed), look("script", () => document)])
	.then(() => fetch("/seen", { method: "POST", body: seen.join("\n") }));
</script>
`

// TestButtonWorksInABrowserAndNotBehindAPoisonedCache embeds the demo's button in
// headless Chromium: from our gateway, and from storage behind a poisoned cache.
func TestButtonWorksInABrowserAndNotBehindAPoisonedCache(t *testing.T) {
	dir := t.TempDir()
	manifest, err := demo.Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	h := startHeadless(t, manifest)
	now := h.until(t, "the assets are published", func(s snapshot) bool {
		done := 0
		for _, w := range s.Swarms {
			if w.State == "complete" {
				done++
			}
		}
		return done == 9
	})
	seen := browse(t, dir, now.Gateway)
	for _, want := range []string{
		"frame: button for", "script: button for",
		"frame: clicked, and there is a link to take along", "script: clicked, and there is a link to take along",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("from our gateway the browser does not see %q:\n%s", want, seen)
		}
	}

	storage := &edge.Origin{Bucket: "platform", Objects: map[string]edge.Object{}, Modified: time.Now().Add(-time.Hour)}
	urls := []string{"/widgets/share-button.html", "/widgets/share-button.js"}
	for i, kind := range []string{"text/html", "text/javascript"} {
		name := filepath.Base(urls[i])
		storage.Objects[urls[i]] = edge.Object{Type: kind, Data: readFile(t, filepath.Join(dir, "share-button", name))}
	}
	cache := edge.NewCache(edge.CacheConfig{Upstream: storage, Now: time.Now, ForgetQuery: true})
	front := httptest.NewServer(cache)
	t.Cleanup(front.Close)
	for i, u := range urls {
		// An attack empties the cache first: both are asked for on a cold one.
		if i == 0 {
			err = cache.Poison(t.Context(), front.URL+u)
		} else {
			curl(t, front.URL+u+"?torrent")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	seen = browse(t, dir, front.URL)
	for _, want := range []string{"frame: no button", "script: no button"} {
		if !strings.Contains(seen, want) {
			t.Errorf("behind the poisoned cache the browser does not see %q:\n%s", want, seen)
		}
	}
	if strings.Contains(seen, "clicked") {
		t.Errorf("behind the poisoned cache the browser clicks:\n%s", seen)
	}
	printed, code := probed(t, front.URL+urls[0], front.URL+urls[1])
	if code != 3 || strings.Count(printed, "wrong type") != 2 {
		t.Errorf("the probe ends with %d:\n%s", code, printed)
	}
	h.quit(t)
}

// browse opens a page that embeds the button from a base URL, and returns what the
// page has seen.
func browse(t *testing.T, dir, base string) string {
	t.Helper()
	// By its script, the button needs the elements of its page.
	_, markup, _ := strings.Cut(string(readFile(t, filepath.Join(dir, "share-button", "share-button.html"))), "<body>")
	markup, _, _ = strings.Cut(markup, "</body>")
	page := fmt.Sprintf(embedding, base, markup)
	told := make(chan string, 1)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			seen, _ := io.ReadAll(r.Body)
			told <- string(seen)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(page))
	}))
	defer site.Close()
	browser := start(t, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--user-data-dir="+t.TempDir(),
		"--disable-web-security", "--disable-site-isolation-trials", // the page looks into the frame
		"--remote-debugging-port=0", site.URL) // without the port it ends at once
	defer browser.stop()
	select {
	case seen := <-told:
		return seen
	case <-browser.done:
		t.Fatal("chromium ended before the page had seen anything")
	case <-time.After(2 * patience):
		t.Fatalf("the page has seen nothing for %v", 2*patience)
	}
	return ""
}
