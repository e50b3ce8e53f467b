package probe_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm/probe"
)

func TestHitsAreReadFromHeaders(t *testing.T) {
	for line, want := range map[string]bool{
		"Age: 1":                                   true,
		"Age: 0":                                   false,
		"Age: -1":                                  false,
		"Age: 12, 0":                               true,
		"Cache-Status: edge; hit":                  true,
		"Cache-Status: edge;hit;ttl=3":             true,
		"Cache-Status: edge; fwd=miss; stored":     false,
		"Cache-Status: hit; fwd=miss":              false,
		"Cache-Status: \"a; hit\"; fwd=miss":       false,
		"Cache-Status: origin; hit, edge; fwd=uri": true,
		"Cache-Status: edge; hit=?0":               false,
		"Cache-Status: edge; detail=\"\\\"; hit":   false,
		"X-Cache: HIT":                             true,
		"X-Cache: Hit from cloudfront":             true,
		"X-Cache: MISS, HIT":                       true,
		"X-Cache: MISS from white.example":         false,
		"X-Cache: TCP_HIT from edge":               true,
		"Cf-Cache-Status: DYNAMIC":                 false,
		"X-Cache-Status: HIT":                      true,
	} {
		name, value, _ := strings.Cut(line, ": ")
		if got := probe.IsHit(http.Header{name: {value}}); got != want {
			t.Errorf("%s: hit %v, want %v", line, got, want)
		}
	}
}

// FuzzCacheHeaders: whatever a cache says, reading it ends, and a hit is nothing
// that only stands in quotes.
func FuzzCacheHeaders(f *testing.F) {
	f.Add("edge; hit, \"x; hit\"; fwd=miss", "public, max-age=60, s-maxage=\"99\"")
	f.Add("a;b=\"\\", "max-age=99999999999999999999")
	f.Fuzz(func(t *testing.T, status, control string) {
		if probe.HitInStatus(status) && !strings.Contains(status, "hit") {
			t.Errorf("%q is a hit", status)
		}
		if quoted := `"` + strings.NewReplacer(`"`, "", `\`, "").Replace(status) + `"`; probe.HitInStatus(quoted) {
			t.Errorf("%q is a hit", quoted)
		}
		d, told := probe.Lifetime(control)
		if d < 0 || d > 10*366*24*time.Hour || !told && d != 0 {
			t.Errorf("%q lives %v, %v", control, d, told)
		}
	})
}

// FuzzAsksForTorrent: no spelling of the query that a server may read gets through.
func FuzzAsksForTorrent(f *testing.F) {
	f.Add("a=b&torrent")
	f.Add("%74orrent=1")
	f.Add("torrents=1")
	f.Fuzz(func(t *testing.T, query string) {
		values, _ := url.ParseQuery(query)
		if values.Has("torrent") && !probe.AsksForTorrent(&url.URL{RawQuery: query}) {
			t.Errorf("%q asks for a torrent", query)
		}
	})
}
