package edge_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm/demo/edge"
)

const page = "/widgets/button.html"

func origin() *edge.Origin {
	return &edge.Origin{
		Bucket:   "platform",
		Objects:  map[string]edge.Object{page: {Type: "text/html", Data: []byte("<!doctype html>")}},
		Modified: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
	}
}

func ask(h http.Handler, method, target string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(b.String(), "\r\n\r\n")
	return text
}

func TestStorageAnswersTorrentsAsS3Did(t *testing.T) {
	r := ask(origin(), "GET", page+"?torrent")
	if got := r.Header.Get("Content-Type"); got != "application/x-bittorrent" {
		t.Errorf("type %q", got)
	}
	if got := r.Header.Get("Content-Disposition"); got != "attachment; filename=widgets-button.html.torrent" {
		t.Errorf("disposition %q", got)
	}
	if got := r.Header.Get("Cache-Control"); got != "" {
		t.Errorf("Cache-Control %q", got)
	}
	b := body(t, r)
	for _, part := range []string{"d8:announce", "6:lengthi15e", "4:name11:button.html", "12:x-amz-bucket8:platform", "9:x-amz-key19:widgets/button.html", "12:piece lengthi262144e"} {
		if !strings.Contains(b, part) {
			t.Errorf("the torrent lacks %q: %q", part, b)
		}
	}
}

func TestStoppedStorageAnswersNothing(t *testing.T) {
	o := origin()
	o.SetDown(true)
	if r := ask(o, "GET", page); r.StatusCode != 503 || !o.Down() {
		t.Errorf("stopped, it answers %d", r.StatusCode)
	}
	o.SetDown(false)
	if r := ask(o, "GET", page); r.StatusCode != 200 {
		t.Errorf("started again, it answers %d", r.StatusCode)
	}
}

func TestForgottenQueryGivesEverybodyTheTorrent(t *testing.T) {
	now := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	c := edge.NewCache(edge.CacheConfig{Upstream: origin(), Now: func() time.Time { return now }, ForgetQuery: true})
	ask(c, "HEAD", page+"?torrent")
	r := ask(c, "GET", page)
	if got := r.Header.Get("Content-Type"); got != "application/x-bittorrent" || r.Header.Get("Cache-Status") != "drill; hit" {
		t.Errorf("after the attack: %q, %q", got, r.Header.Get("Cache-Status"))
	}
	c.SetForgetQuery(false)
	if got := ask(c, "GET", page).Header.Get("Content-Type"); got != "text/html" || c.Forgets() {
		t.Errorf("after the mending: %q", got)
	}
	ask(c, "GET", page+"?torrent")
	if got := ask(c, "GET", page).Header.Get("Content-Type"); got != "text/html" {
		t.Errorf("after an attack on a mended cache: %q", got)
	}
}

func TestCacheKeepsAnswersAsLongAsTheySay(t *testing.T) {
	now := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	for control, want := range map[string][3]string{ // at once, after 50 s, after 70 s
		"":                   {"hit", "hit", "fwd=stale; fwd-status=304"},
		"max-age=60":         {"hit", "hit", "fwd=stale; fwd-status=304"},
		"public, max-age=10": {"hit", "fwd=stale; fwd-status=304", "fwd=stale; fwd-status=304"},
		"no-cache":           {"fwd=stale; fwd-status=304", "fwd=stale; fwd-status=304", "fwd=stale; fwd-status=304"},
		"no-store":           {"fwd=miss", "fwd=miss", "fwd=miss"},
		"private":            {"fwd=miss", "fwd=miss", "fwd=miss"},
	} {
		at := now
		up := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if control != "" {
				w.Header().Set("Cache-Control", control)
			}
			origin().ServeHTTP(w, r)
		})
		c := edge.NewCache(edge.CacheConfig{Upstream: up, Now: func() time.Time { return at }})
		ask(c, "GET", page)
		for i, after := range []time.Duration{0, 50 * time.Second, 70 * time.Second} {
			at = now.Add(after)
			if got := ask(c, "GET", page).Header.Get("Cache-Status"); got != "drill; "+want[i] {
				t.Errorf("%q after %v: %q, want %q", control, after, got, want[i])
			}
		}
	}
}

func TestCacheCutsRangesAndKeepsErrorsOut(t *testing.T) {
	now := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	c := edge.NewCache(edge.CacheConfig{Upstream: origin(), Now: func() time.Time { return now }, Lifetime: time.Hour})
	for range 2 {
		r := ask(c, "GET", page, "Range", "bytes=2-8")
		if got := body(t, r); r.StatusCode != 206 || got != "doctype" {
			t.Errorf("a range: %d %q", r.StatusCode, got)
		}
		if r := ask(c, "GET", "/nothing"); r.StatusCode != 404 || r.Header.Get("Cache-Status") != "drill; fwd=miss" {
			t.Errorf("a 404: %d %q", r.StatusCode, r.Header.Get("Cache-Status"))
		}
	}
}
