package interop

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm/demo/edge"
)

// startForgetfulNginx is a cache whose key lacks the query. Under /c<n>/ each n has
// a key of its own, so that every attack meets a cold cache.
func startForgetfulNginx(t *testing.T, upstream, mode string) string {
	t.Helper()
	return startNginxWith(t, fmt.Sprintf(`
		location / { return 204; }
		location ~ ^/c[0-9]+(/.*)$ {
			proxy_pass %s$1$is_args$args;
			proxy_set_header Accept $http_accept;
			proxy_set_header Accept-Encoding $http_accept_encoding;
			%s
		}`, upstream, forgetful(mode)))
}

// attack is a request that may poison a cache.
type attack struct {
	name    string
	options []string // of curl
	query   string
	poisons bool // a cache in front of storage
}

func attacks() []attack {
	return []attack{
		{"GET", nil, "?torrent", true},
		{"HEAD", []string{"--head"}, "?torrent", true},
		{"Range", []string{"--range", "0-10"}, "?torrent", true},
		{"Accept", []string{"--header", "Accept: application/x-bittorrent"}, "", false},
		{"Host", []string{"--header", "Host: localhost"}, "", false},
		{"gzip", []string{"--header", "Accept-Encoding: gzip, br"}, "", false},
		{"cookie", []string{"--header", "Cookie: format=torrent"}, "?format=torrent", false},
	}
}

// TestForgetfulNginxIsCaughtAndOursCannotBePoisoned has nginx forget the query in
// front of storage as of 2013 and of our gateway, and tries every attack on both.
func TestForgetfulNginxIsCaughtAndOursCannotBePoisoned(t *testing.T) {
	const name = "share-fill.svg"
	data := assets.bytes(t, "button/"+name)
	metainfo := filepath.Join(t.TempDir(), name+".torrent")
	if err := os.WriteFile(metainfo, edge.Torrent("platform", name, data), 0o644); err != nil {
		t.Fatal(err)
	}
	storage := httptest.NewServer(&edge.Origin{
		Bucket:   "platform",
		Objects:  map[string]edge.Object{"/" + name: {Type: "image/svg+xml", Data: data}},
		Modified: time.Now().Add(-time.Hour),
	})
	t.Cleanup(storage.Close)
	h := startHeadless(t, assets.path("button/"+name))
	now := h.until(t, "the icon is published", func(s snapshot) bool { return len(s.Swarms) == 1 && s.Swarms[0].State == "complete" })
	ours := "/w/" + now.Swarms[0].InfoHash + "/" + name

	for _, mode := range []string{"A", "B"} {
		poisoned := startForgetfulNginx(t, storage.URL, mode)
		safe := startForgetfulNginx(t, now.Gateway, mode)
		for i, a := range attacks() {
			t.Run("mode "+mode+", "+a.name, func(t *testing.T) {
				for _, c := range []struct {
					behind, url string
					poisoned    bool
				}{
					{"storage", fmt.Sprintf("%s/c%d/%s", poisoned, i, name), a.poisons},
					{"our gateway", fmt.Sprintf("%s/c%d%s", safe, i, ours), false},
				} {
					attacked := curl(t, c.url+a.query, a.options...)
					if attacked.status/100 != 2 {
						t.Errorf("%s answers the attack with %d", c.behind, attacked.status)
					}
					got := curl(t, c.url)
					if right := string(got.body) == string(data) && got.header.Get("Content-Type") == "image/svg+xml"; right == c.poisoned {
						t.Errorf("behind %s a visitor gets %s, poisoned must be %v", c.behind, got.header.Get("Content-Type"), c.poisoned)
					}
					line, code := probed(t, c.url, "--torrent", metainfo)
					if want := map[bool]int{false: 0, true: 3}[c.poisoned]; code != want {
						t.Errorf("behind %s the probe ends with %d, want %d: %s", c.behind, code, want, line)
					}
					if c.poisoned != strings.Contains(line, "d8:announce") {
						t.Errorf("behind %s the probe says %s", c.behind, line)
					}
				}
			})
		}
		// What no request has spoiled is no alarm.
		for _, url := range []string{poisoned + "/c90/" + name, safe + "/c90" + ours} {
			for range 2 {
				if line, code := probed(t, url, "--torrent", metainfo); code != 0 || !strings.HasPrefix(line, "at risk") {
					t.Errorf("clean, the probe ends with %d: %s", code, line)
				}
			}
		}
	}
	for _, url := range []string{storage.URL + "/" + name, now.Gateway + ours} {
		if line, code := probed(t, url, "--torrent", metainfo); code != 0 || !strings.HasPrefix(line, "fine") {
			t.Errorf("without a cache the probe ends with %d: %s", code, line)
		}
	}
	h.quit(t)
}

// probed runs `swarmtop probe` and returns what it printed and its exit code.
func probed(t *testing.T, args ...string) (printed string, code int) {
	t.Helper()
	cmd := exec.Command(swarmtop, append([]string{"probe"}, args...)...)
	cmd.Env = environment(t)
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

// TestDrillCatchesEveryPoisonedCache runs the drill as a user does.
func TestDrillCatchesEveryPoisonedCache(t *testing.T) {
	cmd := exec.Command(swarmtop, "drill")
	cmd.Env = environment(t)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	for _, words := range []string{"came    d8:announce", "wanted  <!doctype html", "nothing to see", "4 of 4 as it must be"} {
		if !strings.Contains(string(out), words) {
			t.Errorf("the drill does not say %q:\n%s", words, out)
		}
	}
}
