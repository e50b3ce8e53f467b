package probe_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/demo/edge"
)

// set returns what changes the header of a torrent's answer.
func set(pairs ...string) func(http.Header) {
	return func(h http.Header) {
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
	}
}

// compressing is an upstream that compresses for whoever accepts it, and forgets Vary.
func compressing(up http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			up.ServeHTTP(w, r)
			return
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, html)
		z.Close()
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(b.Bytes())
	})
}

// only passes a poisoned answer on to one kind of request: caches keep variants.
func only(method, byteRange string, poisoned, clean http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == method && r.Header.Get("Range") == byteRange {
			poisoned.ServeHTTP(w, r)
			return
		}
		clean.ServeHTTP(w, r)
	})
}

func bodyOf(contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(body))
	})
}

func TestEveryPoisoningIsCaught(t *testing.T) {
	torrent := string(edge.Torrent("platform", path[1:], []byte(html)))
	const forced = 10 * time.Minute // mode B
	type poisoning struct {
		name     string
		torrent  func(http.Header) // what storage adds to the torrent's answer
		upstream func(http.Handler) http.Handler
		lifetime time.Duration
		method   string // of the attack; GET when empty
		header   http.Header
		query    string // of the attack; "torrent" when empty
		later    time.Duration
		front    http.Handler // in place of storage and cache
		verdict  swarm.ProbeVerdict
	}
	cases := []poisoning{
		{name: "the torrent without cache headers, A", verdict: swarm.ProbeWrongType},
		{name: "the torrent without cache headers, B", lifetime: forced, verdict: swarm.ProbeWrongType},
		{name: "no-store under a forced lifetime", torrent: set("Cache-Control", "no-store"), lifetime: forced, verdict: swarm.ProbeWrongType},
		{name: "the HTML's own ETag and date, renewed by 304", torrent: func(h http.Header) {
			set("Cache-Control", "max-age=0", "Last-Modified", "x")(h)
			h.Del("ETag")
		}, later: time.Minute, verdict: swarm.ProbeWrongType},
		{name: "nosniff, Vary, CDN-Cache-Control, no disposition", torrent: func(h http.Header) {
			set("Vary", "Accept", "CDN-Cache-Control", "no-store", "X-Content-Type-Options", "nosniff")(h)
			h.Del("Content-Disposition")
		}, verdict: swarm.ProbeWrongType},
		{name: "the torrent typed as the page", torrent: func(h http.Header) {
			set("Content-Type", "text/html")(h)
			h.Del("Content-Disposition")
		}, verdict: swarm.ProbeWrongType},
		{name: "a HEAD that fills the cache", method: http.MethodHead, verdict: swarm.ProbeWrongType},
		{name: "compressed bytes for everybody", upstream: compressing, header: http.Header{"Accept-Encoding": {"gzip"}}, query: "x=1", verdict: swarm.ProbeWrongBytes},
		{name: "HEAD alone", front: only("HEAD", "", bodyOf("application/x-bittorrent", torrent), bodyOf("text/html", html)), verdict: swarm.ProbeWrongType},
		{name: "ranges alone", front: only("GET", "bytes=0-10", bodyOf("text/html", torrent), bodyOf("text/html", html)), verdict: swarm.ProbeWrongType},
		{name: "another page of the same type", front: bodyOf("text/html", strings.Replace(html, "Share", "Shore", 1)), verdict: swarm.ProbeWrongBytes},
		{name: "a page cut short", front: bodyOf("text/html", html[:20]), verdict: swarm.ProbeWrongBytes},
		{name: "the torrent under an error status", front: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, torrent)
		}), verdict: swarm.ProbeWrongType},
		{name: "bytes of nothing known", front: bodyOf("application/octet-stream", html), verdict: swarm.ProbeWrongType},
		{name: "a redirect of the victims", front: http.RedirectHandler("/elsewhere?torrent", http.StatusFound), verdict: swarm.ProbeWrongType},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			now := clock{epoch()}
			front := c.front
			if front == nil {
				s := storage()
				s.Torrent = c.torrent
				var up http.Handler = s
				if c.upstream != nil {
					up = c.upstream(s)
				}
				front = edge.NewCache(edge.CacheConfig{Upstream: up, Now: now.now, ForgetQuery: true, Lifetime: c.lifetime})
			}
			base := serve(t, front)
			if c.front == nil {
				method, query := c.method, c.query
				if method == "" {
					method = http.MethodGet
				}
				if query == "" {
					query = "torrent"
				}
				attack(t, method, base+path+"?"+query, c.header)
			}
			now.at = now.at.Add(c.later)
			got := once(t, asker(now.now), base+path, wantHTML(t))
			if got.Verdict != c.verdict || got.Reason == "" || got.Curl == "" {
				t.Errorf("verdict %v, want %v: %+v", got.Verdict, c.verdict, got)
			}
		})
	}
}

func TestNoAlarmWhereNothingIsPoisoned(t *testing.T) {
	const forced = 10 * time.Minute
	cases := []struct {
		name     string
		torrent  func(http.Header)
		ignores  bool // the query
		lifetime time.Duration
		keyed    bool // the query is in the key
		front    http.Handler
		verdict  swarm.ProbeVerdict
	}{
		{name: "a key with the query", keyed: true, verdict: swarm.ProbeFine},
		{name: "a key with the query, forced lifetime", keyed: true, lifetime: forced, verdict: swarm.ProbeFine},
		{name: "the torrent says no-store", torrent: set("Cache-Control", "no-store"), verdict: swarm.ProbeAtRisk},
		{name: "the torrent says private", torrent: set("Cache-Control", "private"), verdict: swarm.ProbeAtRisk},
		{name: "the query is ignored", ignores: true, verdict: swarm.ProbeAtRisk},
		{name: "the query is ignored, forced lifetime", ignores: true, lifetime: forced, verdict: swarm.ProbeAtRisk},
		{name: "no cache", front: storage(), verdict: swarm.ProbeFine},
		{name: "ranges are refused", front: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Range")
			storage().ServeHTTP(w, r)
		}), verdict: swarm.ProbeFine},
		{name: "HEAD and unknown queries are refused", front: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead || r.URL.RawQuery != "" {
				http.Error(w, "no", http.StatusForbidden)
				return
			}
			storage().ServeHTTP(w, r)
		}), verdict: swarm.ProbeFine},
		{name: "no length, no type", front: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = nil
			w.(http.Flusher).Flush()
			io.WriteString(w, html)
		}), verdict: swarm.ProbeFine},
		{name: "a redirect to the page", front: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				http.Redirect(w, r, "/moved"+path, http.StatusMovedPermanently)
				return
			}
			http.StripPrefix("/moved", storage()).ServeHTTP(w, r)
		}), verdict: swarm.ProbeFine},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			now := clock{epoch()}
			front := c.front
			if front == nil {
				s := storage()
				s.Torrent = c.torrent
				var up http.Handler = s
				if c.ignores {
					up = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						r.URL.RawQuery = ""
						s.ServeHTTP(w, r)
					})
				}
				front = edge.NewCache(edge.CacheConfig{Upstream: up, Now: now.now, ForgetQuery: !c.keyed, Lifetime: c.lifetime})
			}
			base := serve(t, front)
			if c.front == nil {
				attack(t, http.MethodGet, base+path+"?torrent", nil)
			}
			for range 3 {
				if got := once(t, asker(now.now), base+path, wantHTML(t)); got.Verdict != c.verdict {
					t.Errorf("verdict %v, want %v: %+v", got.Verdict, c.verdict, got)
				}
				now.at = now.at.Add(20 * time.Second)
			}
		})
	}
}

func TestEvidenceStandsBesideEachOther(t *testing.T) {
	now := clock{epoch()}
	cache := edge.NewCache(edge.CacheConfig{Upstream: storage(), Now: now.now, ForgetQuery: true})
	base := serve(t, cache)
	attack(t, http.MethodGet, base+path+"?torrent", nil)
	now.at = now.at.Add(12 * time.Second)
	got := once(t, asker(now.now), base+path, wantHTML(t))
	if !strings.HasPrefix(got.Evidence, "d8:announce") || !strings.HasPrefix(got.Wanted, "<!doctype html") {
		t.Errorf("evidence %q, wanted %q", got.Evidence, got.Wanted)
	}
	if got.Type != "application/x-bittorrent" || got.Expected != "text/html" || got.Status != 200 {
		t.Errorf("type %q, expected %q, status %d", got.Type, got.Expected, got.Status)
	}
	if got.Age.Or(0) != 12*time.Second || got.CacheStatus != "drill; hit" || got.Server != "drill-storage" {
		t.Errorf("age %v, cache %q, server %q", got.Age, got.CacheStatus, got.Server)
	}
	if want := "curl -sS -i '" + base + path + "'"; got.Curl != want {
		t.Errorf("curl line %q, want %q", got.Curl, want)
	}
}
