package gateway_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/gateway"
)

const page = "<!doctype html><title>Share</title>" // 35 bytes

// pageSwarm is a gateway with one foreign page that has an alias, and a script.
func pageSwarm(t testing.TB) (*gateway.Gateway, *fakeAssets, swarm.Asset) {
	f := newFake()
	a := f.add('a', "share.html", page, func(a *swarm.Asset) { a.Alias = "/widgets/share.html" })
	f.add('b', "share.js", "(()=>{})()", nil)
	return newGateway(t, f, nil), f, a
}

func want(t *testing.T, r *http.Response, status int, header map[string]string) {
	t.Helper()
	if r.StatusCode != status {
		t.Errorf("status %d, want %d", r.StatusCode, status)
	}
	for name, value := range header {
		if got := strings.Join(r.Header[http.CanonicalHeaderKey(name)], " | "); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

func TestAssetAtItsHashPathIsImmutable(t *testing.T) {
	g, _, a := pageSwarm(t)
	sum := sha256.Sum256([]byte(page))
	for _, method := range []string{"GET", "HEAD"} {
		r := ask(g, method, gateway.AssetURL(a))
		want(t, r, 200, map[string]string{
			"Content-Type":                 "text/html; charset=utf-8",
			"Content-Length":               "35",
			"Cache-Control":                "public, max-age=29030400, immutable",
			"Accept-Ranges":                "bytes",
			"Last-Modified":                "",
			"Vary":                         "",
			"Content-Encoding":             "",
			"Content-Disposition":          "",
			"X-Content-Type-Options":       "nosniff",
			"Cross-Origin-Resource-Policy": "cross-origin",
			"Access-Control-Allow-Origin":  "*",
			"Content-Security-Policy":      "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox",
			"Repr-Digest":                  "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":",
		})
		if tag := r.Header.Get("ETag"); !strings.HasPrefix(tag, `"`+a.InfoHash.String()+`-0-`) || !strings.HasSuffix(tag, `"`) {
			t.Errorf("ETag %s is not strong, or not of the info hash and index", tag)
		}
		if got := body(t, r); got != page && method == "GET" || got != "" && method == "HEAD" {
			t.Errorf("%s: body %q", method, got)
		}
	}
}

func TestHeadAnswersWhatGetAnswers(t *testing.T) {
	g, f, a := pageSwarm(t)
	f.add('c', "wrong.html", "d8:announce", nil)
	f.add('d', "late.html", page, func(a *swarm.Asset) { a.Complete = false })
	f.add('e', "big.js", pattern(300_000), nil)
	paths := []string{"/", "/nothing", gateway.AssetURL(a), a.Alias, gateway.MetainfoURL(a.InfoHash), "/w/" + strings.Repeat("e", 40) + "/big.js"}
	for _, path := range append(paths, "/w/"+strings.Repeat("c", 40)+"/wrong.html", "/w/"+strings.Repeat("d", 40)+"/late.html") {
		for _, headers := range [][]string{nil, {"If-None-Match", "*"}, {"If-Match", `"x"`}, {"Host", "evil.example"}} {
			get, head := ask(g, "GET", path, headers...), ask(g, "HEAD", path, headers...)
			if get.StatusCode != head.StatusCode || body(t, head) != "" {
				t.Errorf("%s: GET %d, HEAD %d", path, get.StatusCode, head.StatusCode)
			}
			// The digest of what is not kept in memory is learnt by reading it all.
			get.Header.Del("Repr-Digest")
			head.Header.Del("Repr-Digest")
			if fmt.Sprint(get.Header) != fmt.Sprint(head.Header) {
				t.Errorf("%s: headers differ:\nGET  %v\nHEAD %v", path, get.Header, head.Header)
			}
		}
	}
}

func TestAliasIsRevalidatedAndHasTheDeclaredType(t *testing.T) {
	f := newFake()
	a := f.add('a', "button.txt", page, func(a *swarm.Asset) { a.Alias, a.ContentType = "/button", "text/html" })
	g := newGateway(t, f, nil)
	alias, hash := ask(g, "GET", "/button"), ask(g, "GET", gateway.AssetURL(a))
	want(t, alias, 200, map[string]string{
		"Content-Type": "text/html", "Cache-Control": "public, max-age=60, must-revalidate",
	})
	want(t, hash, 200, map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "public, max-age=29030400, immutable",
	})
	if alias.Header.Get("ETag") == hash.Header.Get("ETag") {
		t.Error("two types share an ETag")
	}
	f.mu.Lock()
	f.assets[0].ContentType = "nonsense"
	f.mu.Unlock()
	want(t, ask(g, "GET", "/button"), 200, map[string]string{"Content-Type": "text/plain; charset=utf-8"})
}

func TestNothingInARequestChangesBytesOrType(t *testing.T) {
	g, _, a := pageSwarm(t)
	for _, path := range []string{gateway.AssetURL(a), a.Alias} {
		plain := ask(g, "GET", path)
		wantHeader, wantBody := fmt.Sprint(plain.Header), body(t, plain)
		for _, query := range []string{"?torrent", "?download=1", "?format=json", "?filename=x.exe", "?", "?%00", "?a=b;c"} {
			r := ask(g, "GET", path+query)
			if r.StatusCode != 200 || fmt.Sprint(r.Header) != wantHeader || body(t, r) != wantBody {
				t.Errorf("%s%s: %d %v", path, query, r.StatusCode, r.Header)
			}
		}
		for _, h := range []string{
			"Accept: application/x-bittorrent", "Accept-Encoding: gzip, br, zstd", "Accept-Encoding: identity;q=0", "Accept-Language: tlh",
			"Cookie: torrent=1", "Sec-Fetch-Dest: script", "Sec-Fetch-Mode: navigate", "User-Agent: aria2/1.36", "Host: 127.0.0.1",
			"Host: [::1]:80", "X-Forwarded-Host: evil.example", "X-Http-Method-Override: DELETE", "Origin: https://evil.example",
			"Referer: https://evil.example", "If-Modified-Since: Sun, 22 Sep 2013 12:00:00 GMT", "Save-Data: on", "TE: trailers",
		} {
			name, value, _ := strings.Cut(h, ": ")
			r := ask(g, "GET", path, name, value)
			if r.StatusCode != 200 || fmt.Sprint(r.Header) != wantHeader || body(t, r) != wantBody {
				t.Errorf("%s with %s: %d %v", path, h, r.StatusCode, r.Header)
			}
		}
	}
}

func TestRanges(t *testing.T) {
	g, f, a := pageSwarm(t)
	big := f.add('c', "big.js", pattern(300_000), nil) // beyond an eighth of the cache
	tag := ask(g, "GET", gateway.AssetURL(a)).Header.Get("ETag")
	bigBody := pattern(300_000)
	for _, c := range []struct {
		a       swarm.Asset
		headers string
		status  int
		content string // Content-Range
		body    string
	}{
		{a, "Range: bytes=0-4", 206, "bytes 0-4/35", page[:5]},
		{a, "Range: bytes=0-10", 206, "bytes 0-10/35", page[:11]},
		{a, "Range: BYTES=1-", 206, "bytes 1-34/35", page[1:]},
		{a, "Range: bytes=-3", 206, "bytes 32-34/35", page[32:]},
		{a, "Range: bytes=-99", 206, "bytes 0-34/35", page},
		{a, "Range: bytes=30-99", 206, "bytes 30-34/35", page[30:]},
		{a, "Range: bytes=35-", 416, "bytes */35", ""},
		{a, "Range: bytes=-0", 416, "bytes */35", ""},
		{a, "Range: bytes=-0,1-2", 206, "bytes 1-2/35", page[1:3]},
		{a, "Range: bytes=-99999999999999999999", 206, "bytes 0-34/35", page},
		{a, "Range: bytes=30-99999999999999999999", 206, "bytes 30-34/35", page[30:]},
		{a, "Range: bytes=99999999999999999999-", 416, "bytes */35", ""},
		{a, "Range: bytes=4-2", 200, "", page},
		{a, "Range: bytes=x", 200, "", page},
		{a, "Range: bytes=", 200, "", page},
		{a, "Range: lines=0-1", 200, "", page},
		{a, "Range: bytes=+1-2", 200, "", page},
		{a, "Range: bytes=0-4|Range: bytes=5-6", 200, "", page},
		{a, "Range: bytes=0-34,0-34", 200, "", page}, // more than the whole
		{a, "Range: bytes=0-4|If-Range: " + tag, 206, "bytes 0-4/35", page[:5]},
		{a, "Range: bytes=0-4|If-Range: W/" + tag, 200, "", page},
		{a, `Range: bytes=0-4|If-Range: "old"`, 200, "", page},
		{a, "Range: bytes=0-4|If-Range: Sun, 22 Sep 2013 12:00:00 GMT", 200, "", page},
		{a, "Range: bytes=0-4|If-None-Match: " + tag, 304, "", ""},
		{big, "Range: bytes=299990-", 206, "bytes 299990-299999/300000", bigBody[299_990:]},
		{big, "Range: bytes=1000-200000", 206, "bytes 1000-200000/300000", bigBody[1000:200_001]},
	} {
		var headers []string
		for h := range strings.SplitSeq(c.headers, "|") {
			name, value, _ := strings.Cut(h, ": ")
			headers = append(headers, name, value)
		}
		r := ask(g, "GET", gateway.AssetURL(c.a), headers...)
		want(t, r, c.status, map[string]string{"Content-Range": c.content})
		got := body(t, r)
		if c.status == 416 {
			want(t, r, 416, map[string]string{"Cache-Control": "no-store", "ETag": "", "Repr-Digest": ""})
		} else if got != c.body {
			t.Errorf("%s: body of %d bytes is not the range", c.headers, len(got))
		}
		if t.Failed() {
			t.Fatalf("with %s", c.headers)
		}
	}
}

func TestSeveralRangesComeAsParts(t *testing.T) {
	g, _, a := pageSwarm(t)
	r := ask(g, "GET", gateway.AssetURL(a), "Range", "bytes=0-1, 5-6 ,,-1")
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.StatusCode != 206 || err != nil || kind != "multipart/byteranges" {
		t.Fatalf("%d %s", r.StatusCode, r.Header.Get("Content-Type"))
	}
	parts := multipart.NewReader(r.Body, params["boundary"])
	for _, want := range []string{page[0:2], page[5:7], page[34:]} {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(p)
		if string(b) != want || p.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("part %q of type %s, want %q", b, p.Header.Get("Content-Type"), want)
		}
	}
}

func TestVeryManyRangesAreIgnored(t *testing.T) {
	g, _, a := pageSwarm(t)
	for n, status := range map[int]int{8: 206, 65: 200, 1000: 200} {
		r := ask(g, "GET", gateway.AssetURL(a), "Range", "bytes="+strings.Repeat("0-0,", n-1)+"1-1")
		if b := body(t, r); r.StatusCode != status || status == 200 && b != page {
			t.Errorf("%d ranges: %d with %d bytes, want %d", n, r.StatusCode, len(b), status)
		}
	}
}

func TestHeadIgnoresRange(t *testing.T) {
	g, _, a := pageSwarm(t)
	want(t, ask(g, "HEAD", gateway.AssetURL(a), "Range", "bytes=0-4"), 200, map[string]string{"Content-Length": "35", "Content-Range": ""})
}

func TestRevalidation(t *testing.T) {
	g, _, a := pageSwarm(t)
	for _, path := range []string{gateway.AssetURL(a), a.Alias, gateway.MetainfoURL(a.InfoHash)} {
		tag := ask(g, "GET", path).Header.Get("ETag")
		for value, status := range map[string]int{
			tag: 304, "W/" + tag: 304, `"x", ` + tag + `, "y"`: 304, "*": 304, `"x"`: 200, "": 200, "garbage": 200,
		} {
			r := ask(g, "GET", path, "If-None-Match", value)
			want(t, r, status, map[string]string{"ETag": tag})
			if status == 304 && (body(t, r) != "" || r.Header.Get("Cache-Control") == "") {
				t.Errorf("304 with a body or without Cache-Control: %v", r.Header)
			}
		}
		want(t, ask(g, "GET", path, "If-Match", `"x"`), 412, map[string]string{"Cache-Control": "no-store", "ETag": ""})
		want(t, ask(g, "GET", path, "If-Match", tag), 200, nil)
	}
}

func TestEmptyFile(t *testing.T) {
	f := newFake()
	a := f.add('a', "empty.js", "", nil)
	g := newGateway(t, f, nil)
	for _, headers := range [][]string{nil, {"Range", "bytes=0-"}} {
		r := ask(g, "GET", gateway.AssetURL(a), headers...)
		want(t, r, 200, map[string]string{"Content-Length": "0", "Content-Type": "text/javascript; charset=utf-8"})
	}
}

func TestErrorsAreNeverCached(t *testing.T) {
	g, f, a := pageSwarm(t)
	f.add('c', "late.html", page, func(a *swarm.Asset) { a.Complete = false })
	f.add('d', "gone.html", page, nil)
	f.set("gone.html", nil)
	f.add('e', "short.html", page, func(a *swarm.Asset) { a.Size = 99 })
	f.pending = map[string]swarm.InfoHash{"/to-come.html": {0xbb}}
	pending := swarm.InfoHash{0xbb}.String()
	hash := func(digit string) string { return "/w/" + strings.Repeat(digit, 40) }
	for _, c := range []struct {
		method, target, header string
		status                 int
	}{
		{"GET", "/nothing", "", 404},
		{"GET", "/w", "", 404},
		{"GET", "/w/", "", 404},
		{"GET", "/t/", "", 404},
		{"GET", hash("a"), "", 404},
		{"GET", hash("a") + "/", "", 404},
		{"GET", hash("a") + "/other.html", "", 404},
		{"GET", hash("A") + "/share.html", "", 404},
		{"GET", hash("0") + "/share.html", "", 404},
		{"GET", hash("a") + "/share.html/", "", 404},
		{"GET", hash("a") + "//share.html", "", 404},
		{"GET", hash("a") + "/x/../share.html", "", 404},
		{"GET", hash("a") + "/%2e%2e/%2e%2e/etc/passwd", "", 404},
		{"GET", "/t/" + a.InfoHash.String(), "", 404},
		{"GET", "/t/" + strings.Repeat("A", 40) + ".torrent", "", 404},
		{"GET", "/t/" + strings.Repeat("f", 40) + ".torrent", "", 404},
		{"GET", "/widgets/share.html.torrent", "", 404},
		{"POST", a.Alias, "", 405},
		{"DELETE", "/", "", 405},
		{"OPTIONS", a.Alias, "", 405},
		{"TRACE", a.Alias, "", 405},
		{"GET", a.Alias, "Host: ", 400},
		{"GET", a.Alias, "Host: evil.example", 421},
		{"GET", "/nothing", "Host: localhost.evil.example", 421},
		{"GET", hash("c") + "/late.html", "", 504},
		{"GET", hash("d") + "/gone.html", "", 504},
		{"GET", hash("e") + "/short.html", "", 504},
		{"GET", "/to-come.html", "", 504},
		{"HEAD", "/to-come.html", "", 504},
		{"GET", "/w/" + pending + "/to-come.html", "", 504},
		{"GET", "/w/" + pending + "/", "", 504},
		{"GET", "/t/" + pending + ".torrent", "", 504},
	} {
		var headers []string
		if name, value, ok := strings.Cut(c.header, ": "); ok {
			headers = []string{name, value}
		}
		r := ask(g, c.method, c.target, headers...)
		want(t, r, c.status, map[string]string{
			"Cache-Control": "no-store", "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff",
			"ETag": "", "Content-Disposition": "", "Repr-Digest": "", "Location": "",
		})
		switch c.status {
		case 405:
			want(t, r, 405, map[string]string{"Allow": "GET, HEAD"})
		case 504:
			want(t, r, 504, map[string]string{"Retry-After": "5"})
		}
		if t.Failed() {
			t.Fatalf("%s %s %s", c.method, c.target, c.header)
		}
	}
}

func TestMetainfoIsRevalidatedAndNamed(t *testing.T) {
	f := newFake()
	a := f.add('a', "héllo \"w%r\nld\".html", page, nil)
	g := newGateway(t, f, nil)
	path := gateway.MetainfoURL(a.InfoHash)
	first := ask(g, "GET", path)
	want(t, first, 200, map[string]string{
		"Content-Type":  "application/x-bittorrent",
		"Cache-Control": "public, no-cache",
		"Content-Disposition": `attachment; filename="h_llo _w_r_ld_.html.torrent"; ` +
			`filename*=UTF-8''h%C3%A9llo%20%22w%25r%0Ald%22.html.torrent`,
	})
	if name := last(t, g); name.Origin != swarm.FromMetainfo || name.Verdict != swarm.Fine || name.Expected != "application/x-bittorrent" {
		t.Errorf("recorded as %+v", name)
	}
	f.mu.Lock()
	f.metainfo[a.InfoHash] = []byte("d8:announce21:http://t2:6969/announ4:infod6:lengthi5eee")
	f.mu.Unlock()
	tag := first.Header.Get("ETag")
	r := ask(g, "GET", path, "If-None-Match", tag)
	if r.StatusCode != 200 || r.Header.Get("ETag") == tag {
		t.Errorf("new trackers under the old ETag: %d %s", r.StatusCode, r.Header.Get("ETag"))
	}
	f.mu.Lock()
	f.metainfo[a.InfoHash] = []byte(page)
	f.mu.Unlock()
	want(t, ask(g, "GET", path), 502, map[string]string{"Cache-Control": "no-store"})
}

func TestOnlyForeignDocumentsAreSandboxed(t *testing.T) {
	f := newFake()
	svg := `<svg xmlns="http://www.w3.org/2000/svg"/>`
	for i, c := range []struct {
		path, body string
		ours       bool // published, or in the last case trusted
		sandboxed  bool
	}{
		{"a.html", page, false, true},
		{"b.html", page, true, false},
		{"c.svg", svg, false, true},
		{"d.svg", svg, true, false},
		{"e.js", "1", false, false},
		{"f.xml", "<a/>", false, true},
		{"g.xhtml", "<html/>", false, true},
		{"trusted.html", page, true, false},
	} {
		a := f.add("123456789"[i], c.path, c.body, func(a *swarm.Asset) {
			a.Published, a.Trusted = c.ours && c.path != "trusted.html", c.path == "trusted.html"
		})
		r := ask(newGateway(t, f, nil), "GET", gateway.AssetURL(a))
		if got := r.Header.Get("Content-Security-Policy"); (got != "") != c.sandboxed {
			t.Errorf("%s: CSP %q", c.path, got)
		}
	}
}

func TestHostsThatAreAnswered(t *testing.T) {
	f := newFake()
	g := newGateway(t, f, func(c *gateway.Config) { c.Hosts = []string{"Widgets.Example.org", "cdn.example:443"} })
	for host, status := range map[string]int{
		"localhost": 200, "LOCALHOST:1": 200, "127.0.0.1:7": 200, "[::1]": 200, "[fe80::1]:80": 200, "::1": 200, "192.0.2.7": 200,
		"widgets.example.org": 200, "widgets.example.org.:80": 200, "cdn.example": 200,
		"evil.example": 421, "localhost.evil": 421, "127.0.0.1.evil.example": 421, "0x7f.1": 421, "": 400, ":80": 421,
	} {
		if r := ask(g, "GET", "/", "Host", host); r.StatusCode != status {
			t.Errorf("Host %q: %d, want %d", host, r.StatusCode, status)
		}
	}
}
