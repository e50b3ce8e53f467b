package interop

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// startForgetfulCache puts an nginx in front of a gateway whose cache key lacks the
// query.
func startForgetfulCache(t *testing.T, gateway, mode string) string {
	t.Helper()
	return startNginxWith(t, fmt.Sprintf("location / { proxy_pass %s; proxy_set_header Host $http_host; %s }", gateway, forgetful(mode)))
}

// large is a header field that nginx takes; of several the gateway has enough.
var large = strings.Repeat("x", 7000)

// poisons are requests that poison other origins behind such a cache: curl's options
// and what is added to the path.
var poisons = []struct {
	name    string
	query   string
	options []string
}{
	{"GET", "?torrent", nil},
	{"HEAD", "?torrent", []string{"--head"}},
	{"range", "?torrent", []string{"--range", "0-10"}},
	{"range out of reach", "?torrent", []string{"--range", "99999999-"}},
	{"several ranges", "?torrent", []string{"--range", "0-1,5-6"}},
	{"Accept", "?torrent", []string{"--header", "Accept: application/x-bittorrent"}},
	{"Accept-Encoding", "", []string{"--header", "Accept-Encoding: gzip, br, zstd"}},
	{"no identity", "", []string{"--header", "Accept-Encoding: identity;q=0, *;q=0"}},
	{"cookie", "?torrent", []string{"--cookie", "torrent=1; download=1"}},
	{"foreign host", "?torrent", []string{"--header", "Host: evil.example"}},
	{"address as host", "?torrent", []string{"--header", "Host: 192.0.2.1"}},
	{"forwarded host", "?torrent", []string{"--header", "X-Forwarded-Host: evil.example", "--header", "X-Original-URL: /t/x.torrent"}},
	{"fetch metadata", "?download=1&format=torrent", []string{"--header", "Sec-Fetch-Dest: document"}},
	{"method override", "?torrent", []string{"--header", "X-HTTP-Method-Override: DELETE"}},
	{"POST", "?torrent", []string{"--data", "x"}},
	{"conditions", "?torrent", []string{"--header", "If-None-Match: *", "--header", "If-Modified-Since: Sun, 22 Sep 2030 12:00:00 GMT"}},
	{"If-Match", "?torrent", []string{"--header", `If-Match: "x"`}},
	{"header that is too large", "", []string{"--header", "A: " + large, "--header", "B: " + large, "--header", "C: " + large}},
	{"unknown expectation", "", []string{"--header", "Expect: magic"}},
	{"Connection", "?torrent", []string{"--header", "Connection: close, Range, Accept"}},
}

// TestGatewayStaysCleanBehindACacheThatForgetsTheQuery poisons cold assets, an own one
// for each attack, in both modes, and asks as a victim would, with two HTTP clients.
func TestGatewayStaysCleanBehindACacheThatForgetsTheQuery(t *testing.T) {
	folder := t.TempDir()
	body := func(i int) []byte {
		return []byte(fmt.Sprintf("<!doctype html><title>Share %d</title>\n", i) + strings.Repeat("<p>share</p>\n", 200))
	}
	for i := range poisons {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("button-%d.html", i)), body(i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := publishOverHTTP(t, folder)
	hash := map[string]string{}
	for _, w := range p.now.Swarms {
		hash[w.Name] = w.InfoHash
	}
	for _, mode := range []string{"A", "B"} {
		edge := startForgetfulCache(t, p.gateway, mode)
		for i, attack := range poisons {
			name := fmt.Sprintf("button-%d.html", i)
			url := edge + "/w/" + hash[name] + "/" + name
			t.Run("mode "+mode+", "+attack.name, func(t *testing.T) {
				for range 2 {
					curl(t, url+attack.query, attack.options...)
				}
				for _, victim := range []struct {
					client string
					ask    func() answer
				}{
					{"curl", func() answer { return curl(t, url) }},
					{"net/http", func() answer { return get(t, url) }},
					{"curl --compressed", func() answer { return curl(t, url, "--compressed") }},
				} {
					got := victim.ask()
					h := got.header
					if got.status != http.StatusOK || !bytes.Equal(got.body, body(i)) || h.Get("Content-Type") != "text/html; charset=utf-8" ||
						h.Get("Content-Disposition") != "" || h.Get("Content-Encoding") != "" || h.Get("X-Content-Type-Options") != "nosniff" {
						t.Fatalf("%s got %d, %d bytes, %v", victim.client, got.status, len(got.body), h)
					}
					sum := sha256.Sum256(body(i))
					if h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("Access-Control-Allow-Origin") != "*" ||
						h.Get("Repr-Digest") != "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":" || !strings.HasPrefix(h.Get("ETag"), `"`) {
						t.Errorf("%s got the header %v", victim.client, h)
					}
				}
				if got := curl(t, url).header.Get("X-Cache-Status"); got != "HIT" {
					t.Errorf("the cache is none: %s", got)
				}
				if head := curl(t, url, "--head"); head.status != http.StatusOK || head.header.Get("Content-Type") != "text/html; charset=utf-8" ||
					head.header.Get("Content-Length") != fmt.Sprint(len(body(i))) {
					t.Errorf("HEAD gets %d, %v", head.status, head.header)
				}
				metainfo := curl(t, edge+"/t/"+hash[name]+".torrent")
				if got := metainfo.header.Get("Content-Type"); got != "application/x-bittorrent" || metainfo.body[0] != 'd' {
					t.Errorf("the metainfo is %s", got)
				}
			})
		}
	}
}

// get asks as a Go program does, which takes compressed answers apart by itself.
func get(t *testing.T, url string) answer {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{r.StatusCode, r.Header, b}
}

// TestForeignHTTPClientsAgreeWithTheGateway has curl and aria2 do what they can do
// with HTTP: ranges, resumption, revalidation, several connections.
func TestForeignHTTPClientsAgreeWithTheGateway(t *testing.T) {
	folder := t.TempDir()
	want := bytes.Repeat([]byte("0123456789abcdefghijklmnopqrstuvwxyz\n"), 150_000)
	if err := os.WriteFile(filepath.Join(folder, "big #1 100%.txt"), want, 0o644); err != nil {
		t.Fatal(err)
	}
	p := publishOverHTTP(t, folder)
	url := p.gateway + "/w/" + p.now.Swarms[0].InfoHash + "/big%20%231%20100%25.txt"
	whole := curl(t, url)
	if whole.status != 200 || !bytes.Equal(whole.body, want) {
		t.Fatalf("status %d, %d bytes", whole.status, len(whole.body))
	}
	tag := whole.header.Get("ETag")
	for _, c := range []struct {
		options []string
		status  int
		body    []byte
	}{
		{[]string{"--range", "5-9"}, 206, want[5:10]},
		{[]string{"--range", "-7"}, 206, want[len(want)-7:]},
		{[]string{"--range", "5400000-"}, 206, want[5400000:]},
		{[]string{"--range", fmt.Sprint(len(want)) + "-"}, 416, nil},
		{[]string{"--header", "If-None-Match: " + tag}, 304, []byte{}},
		{[]string{"--range", "5-9", "--header", "If-Range: " + tag}, 206, want[5:10]},
		{[]string{"--range", "5-9", "--header", `If-Range: "other"`}, 200, want},
		{[]string{"--compressed"}, 200, want},
		{[]string{"--http1.0"}, 200, want},
		{[]string{"--http1.0", "--header", "Host:"}, 400, nil},
		{[]string{"--header", "Host: rebound.example"}, 421, nil},
		{[]string{"--request", "DELETE"}, 405, nil},
		{[]string{"--data", "x=y"}, 405, nil},
		{[]string{"--header", "X: " + strings.Repeat("x", 20_000)}, 431, nil},
	} {
		got := curl(t, url, c.options...)
		if got.status != c.status || c.body != nil && !bytes.Equal(got.body, c.body) {
			t.Errorf("curl %.60q: status %d, %d bytes", c.options, got.status, len(got.body))
		}
		if c.status == 416 && got.header.Get("Content-Range") != fmt.Sprintf("bytes */%d", len(want)) {
			t.Errorf("416 with %v", got.header)
		}
	}
	into := t.TempDir()
	sum := whole.header.Get("Repr-Digest")
	if !strings.HasPrefix(sum, "sha-256=:") {
		t.Errorf("Repr-Digest %q", sum)
	}
	out, err := exec.Command("aria2c", "--no-conf", "--dir="+into, "--out=big", "--split=4", "--max-connection-per-server=4",
		"--min-split-size=1M", "--allow-overwrite=true", url).CombinedOutput()
	if err != nil {
		t.Fatalf("aria2c: %v\n%s", err, out)
	}
	sameFile(t, filepath.Join(into, "big"), want)
}
