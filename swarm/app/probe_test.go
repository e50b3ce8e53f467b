package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/app"
	"swarmtop/swarm/config"
	"swarmtop/swarm/demo/edge"
)

const button = "<!doctype html>\n<title>Share</title>\n"

// cached is storage with a button behind a cache that forgets the query, the URL
// of the button, and its metainfo in a file.
func cached(t *testing.T) (cache *edge.Cache, url, torrent string) {
	t.Helper()
	cache = edge.NewCache(edge.CacheConfig{
		Upstream: &edge.Origin{Bucket: "platform", Objects: map[string]edge.Object{
			"/button.html": {Type: "text/html", Data: []byte(button)},
			"/folder/":     {Type: "text/plain", Data: []byte("a list")},
		}},
		Now: time.Now, ForgetQuery: true,
	})
	server := httptest.NewServer(cache)
	t.Cleanup(server.Close)
	torrent = filepath.Join(t.TempDir(), "button.torrent")
	if err := os.WriteFile(torrent, edge.Torrent("platform", "button.html", []byte(button)), 0o600); err != nil {
		t.Fatal(err)
	}
	return cache, server.URL + "/button.html", torrent
}

func TestProbeOnceEndsAsTheVerdictsAre(t *testing.T) {
	cache, url, torrent := cached(t)
	other := filepath.Join(t.TempDir(), "other.torrent")
	if err := os.WriteFile(other, edge.Torrent("platform", "button.html", []byte(strings.Replace(button, "Share", "Shore", 1))), 0o600); err != nil {
		t.Fatal(err)
	}
	var wrong app.VerdictError
	for _, c := range []struct {
		name, url, torrent, kind string
		poison                   bool
		line                     string
		wrong, fails             bool
	}{
		{name: "right bytes", url: url, torrent: torrent, line: "at risk "},
		{name: "a right type", url: url, kind: "text/html", line: "at risk "},
		{name: "the URL's ending", url: url, line: "at risk "},
		{name: "a folder may be anything", url: strings.TrimSuffix(url, "button.html") + "folder/", line: "at risk "},
		{name: "another type", url: url, kind: "image/png", line: "wrong type ", wrong: true},
		{name: "other bytes", url: url, torrent: other, line: "wrong bytes ", wrong: true},
		{name: "poisoned", url: url, torrent: torrent, poison: true, line: "wrong type ", wrong: true},
		{name: "poisoned, by ending", url: url, poison: true, line: "wrong type ", wrong: true},
		{name: "nothing there", url: url + "x", line: "unreachable ", fails: true},
		{name: "a torrent's query", url: url + "?torrent", fails: true},
		{name: "no URL", url: "button.html", fails: true},
		{name: "no torrent", url: url, torrent: torrent + "x", fails: true},
	} {
		cache.Purge()
		if c.poison {
			if err := cache.Poison(t.Context(), url); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		err := app.ProbeOnce(t.Context(), config.Config{}, []string{c.url}, c.torrent, c.kind, &out)
		if !strings.HasPrefix(out.String(), c.line) || strings.Count(out.String(), "\n") != min(len(c.line), 1) {
			t.Errorf("%s: printed %q", c.name, out.String())
		}
		if errors.As(err, &wrong) != c.wrong || (err != nil) != (c.wrong || c.fails) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestProbeOnceWritesJSON(t *testing.T) {
	_, url, torrent := cached(t)
	var out bytes.Buffer
	if err := app.ProbeOnce(t.Context(), config.Config{JSON: true}, []string{url, url}, torrent, "", &out); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(&out)
	for range 2 {
		var p swarm.Probe
		if err := d.Decode(&p); err != nil || p.URL != url || p.Verdict != swarm.ProbeAtRisk {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if d.More() {
		t.Error("there is more")
	}
}

func TestDrillCatchesWhatIsPoisonedAndNothingElse(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out bytes.Buffer
	cfg := config.Config{ProbeEvery: 100 * time.Millisecond, CacheBytes: 1 << 20}
	if err := app.Drill(t.Context(), cfg, &out); err != nil {
		t.Errorf("%v:\n%s", err, &out)
	}
	for name, verdicts := range map[string]string{
		"storage, mode A": "at risk wrong type wrong type fine",
		"storage, mode B": "at risk wrong type wrong type fine",
		"gateway, mode A": "at risk at risk at risk fine nothing to see",
		"gateway, mode B": "at risk at risk at risk fine nothing to see",
	} {
		found := false
		for line := range strings.Lines(out.String()) {
			words := strings.Join(strings.Fields(line), " ")
			found = found || strings.HasPrefix(words, name+" "+verdicts)
		}
		if !found {
			t.Errorf("no line of the table says %s: %s:\n%s", name, verdicts, &out)
		}
	}
}
