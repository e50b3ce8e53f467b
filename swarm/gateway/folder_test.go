package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/gateway"
)

// several is a fake with one torrent of several files.
func several(paths ...string) (*fakeAssets, swarm.InfoHash) {
	f := newFake()
	var h swarm.InfoHash
	for i, p := range paths {
		h = f.add('a', p, "body", func(a *swarm.Asset) { a.Index, a.Size = i, 4 }).InfoHash
	}
	return f, h
}

func TestFolderOfATorrentIsAPlainPageThatEscapes(t *testing.T) {
	hostile := `<script>alert(1)< "&'?#%41.js`
	f, h := several("site/index.html", "site/"+hostile, "site/css/b.css", "site/css/a.css", "site/\u202egpj.exe")
	g := newGateway(t, f, nil)
	base := "/w/" + h.String() + "/site/"
	r := ask(g, "GET", base)
	want(t, r, 200, map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, no-cache", "X-Content-Type-Options": "nosniff", "Vary": "",
	})
	if csp := r.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("CSP %q", csp)
	}
	html := body(t, r)
	for _, part := range []string{
		`href="` + base + `css/">css/</a>`, `8 B`, `href="` + base + `index.html">index.html</a>`, "text/javascript; charset=utf-8",
		`href="` + base + `%3Cscript%3Ealert`, `&lt;script&gt;alert(1)&lt; &#34;&amp;&#39;?#%41.js</a>`, "folder",
	} {
		if !strings.Contains(html, part) {
			t.Errorf("the page lacks %s\n%s", part, html)
		}
	}
	for _, part := range []string{"<script>", "\u202e", "a.css", "ZgotmplZ"} {
		if strings.Contains(html, part) {
			t.Errorf("the page has %q", part)
		}
	}
	if i, j := strings.Index(html, ">css/<"), strings.Index(html, ">index.html<"); i < 0 || i > j {
		t.Error("folders do not come first")
	}
	if rec := last(t, g); rec.Origin != swarm.FromPage || rec.Verdict != swarm.Fine || rec.InfoHash != h {
		t.Errorf("recorded %+v", rec)
	}
}

func TestFolderPageIsOneByteSequence(t *testing.T) {
	f, h := several("site/index.html", "site/a.js")
	g := newGateway(t, f, nil)
	path := "/w/" + h.String() + "/site/"
	plain := ask(g, "GET", path)
	header, text, tag := fmt.Sprint(plain.Header), body(t, plain), plain.Header.Get("ETag")
	for _, headers := range [][]string{{"Accept", "application/json"}, {"Accept-Language", "tlh"}, {"Host", "127.0.0.1"}, {"Accept-Encoding", "gzip"}} {
		r := ask(g, "GET", path+"?torrent", headers...)
		if r.StatusCode != 200 || fmt.Sprint(r.Header) != header || body(t, r) != text {
			t.Errorf("%v: %d %v", headers, r.StatusCode, r.Header)
		}
	}
	want(t, ask(g, "GET", path, "If-None-Match", tag), 304, map[string]string{"ETag": tag})
	want(t, ask(g, "GET", path, "Range", "bytes=0-8"), 206, nil)
	want(t, ask(g, "HEAD", path), 200, map[string]string{"Content-Length": fmt.Sprint(len(text))})
}

func TestOnlyFoldersHaveAPage(t *testing.T) {
	f, h := several("site/css/a.css", "site/index.html")
	g := newGateway(t, f, nil)
	for path, status := range map[string]int{
		"site/": 200, "site/css/": 200, "": 404, "/": 404, "site": 404, "site/css": 404, "site//": 404, "sit/": 404, "site/index.html/": 404,
		"site/../": 404, "%73ite/": 200,
	} {
		r := ask(g, "GET", "/w/"+h.String()+"/"+path)
		want(t, r, status, map[string]string{"Location": ""})
		if t.Failed() {
			t.Fatalf("%q", path)
		}
	}
}

func TestFolderPageIsBounded(t *testing.T) {
	paths := make([]string, 1200)
	for i := range paths {
		paths[i] = fmt.Sprintf("site/%04d.js", i)
	}
	f, h := several(paths...)
	html := body(t, ask(newGateway(t, f, nil), "GET", "/w/"+h.String()+"/site/"))
	if n := strings.Count(html, "<tr><th><a"); n != 1000 || !strings.Contains(html, "… and 200 more.") {
		t.Errorf("%d rows", n)
	}
}

func TestOddAndLongNamesAreServed(t *testing.T) {
	names := []string{"%", "%2e", "?", "#", "a b", "ü☃日本", "~", "+", ":", "&=", strings.Repeat("n", 255), strings.Repeat("d/", 900) + "x", "\x01\x7f", "\xff"}
	var paths []string
	for _, n := range names {
		paths = append(paths, "t/"+n)
	}
	f, _ := several(paths...)
	g := newGateway(t, f, nil)
	for _, a := range f.Assets() {
		if r := ask(g, "GET", gateway.AssetURL(a)); r.StatusCode != 200 || body(t, r) != "body" {
			t.Errorf("%.40q: %d", a.Path, r.StatusCode)
		}
	}
}

func TestPrecompressedFormsHaveOnlyTheirOwnPaths(t *testing.T) {
	f := newFake()
	plain := f.add('a', "w.js", "share();", nil)
	packed := f.add('b', "w.js.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03packed", nil)
	g := newGateway(t, f, nil)
	for _, encodings := range []string{"", "gzip", "identity;q=0, gzip", "br, zstd"} {
		for a, wanted := range map[swarm.Asset][2]string{
			plain: {"text/javascript; charset=utf-8", "share();"}, packed: {"application/gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03packed"},
		} {
			r := ask(g, "GET", gateway.AssetURL(a), "Accept-Encoding", encodings)
			want(t, r, 200, map[string]string{"Content-Type": wanted[0], "Content-Encoding": "", "Vary": ""})
			if got := body(t, r); got != wanted[1] {
				t.Errorf("%s with %q: %q", a.Path, encodings, got)
			}
		}
	}
}

func TestReleaseIsFollowedWithoutAFalseAlarm(t *testing.T) {
	f := newFake()
	first := f.add('a', "button.html", page, func(a *swarm.Asset) { a.Alias = "/button" })
	g := newGateway(t, f, nil)
	before := ask(g, "GET", "/button")
	second := f.add('b', "button.html", "<!doctype html><title>Share 2</title>", nil)
	f.mu.Lock()
	f.assets[0].Alias, f.assets[1].Alias = "", "/button"
	f.bytes["button.html"] = strings.NewReader("<!doctype html><title>Share 2</title>")
	f.mu.Unlock()
	after := ask(g, "GET", "/button", "If-None-Match", before.Header.Get("ETag"))
	if after.StatusCode != 200 || !strings.Contains(body(t, after), "Share 2") || last(t, g).InfoHash != second.InfoHash {
		t.Errorf("the alias answers %d", after.StatusCode)
	}
	want(t, after, 200, map[string]string{"Cache-Control": "public, max-age=60, must-revalidate"})
	old := ask(g, "GET", gateway.AssetURL(first))
	if body(t, old) != page {
		t.Error("the hash path of the first release has other bytes")
	}
	if r := g.Responses(); r.Wrong != 0 || r.Errors != 0 || r.Verdict != swarm.Fine {
		t.Errorf("%d wrong, %d errors, verdict %v", r.Wrong, r.Errors, r.Verdict)
	}
}
