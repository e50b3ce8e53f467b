package interop

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
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
<pre id="seen"></pre>
<script>
"use strict";
const seen = [];
function note(words) { seen.push(words); document.getElementById("seen").textContent = seen.join("\n"); }
addEventListener("message", e => { if (e.data && e.data.shared) note("the page is told of a share"); });
function look(name, inside) {
	const button = inside.getElementById("share"), link = inside.getElementById("link");
	if (!button || !link.textContent) { note(name + ": no button"); return; }
	note(name + ": button for " + link.textContent);
	button.click();
	setTimeout(() => {
		const code = inside.querySelector("#code svg path");
		if (inside.getElementById("status").textContent || code) note(name + ": clicked, and there is a link to take along");
	}, 1000);
}
addEventListener("load", () => setTimeout(() => {
	let inside;
	try { inside = document.getElementById("frame").contentDocument; } catch (refused) { note("frame: " + refused); }
	look("frame", inside || new Document());
	look("script", document);
}, 500));
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
			_, err = http.Get(front.URL + u + "?torrent")
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
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(page))
	}))
	defer site.Close()
	cmd := exec.CommandContext(t.Context(), "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--user-data-dir="+t.TempDir(),
		"--disable-web-security", "--disable-site-isolation-trials", // the page looks into the frame
		"--virtual-time-budget=6000", "--timeout=20000", "--dump-dom", site.URL)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("chromium: %v\n%s", err, out)
	}
	_, seen, ok := strings.Cut(string(out), `<pre id="seen">`)
	if !ok {
		t.Fatalf("chromium shows something else:\n%s", out)
	}
	seen, _, _ = strings.Cut(seen, "</pre>")
	return seen
}
