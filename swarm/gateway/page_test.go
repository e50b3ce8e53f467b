package gateway_test

import (
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/gateway"
)

func TestIndexPageListsAndEscapes(t *testing.T) {
	f := newFake()
	button := f.add('a', "share-button.html", page, func(a *swarm.Asset) {
		a.Widget, a.Alias, a.Published = "share", "/widgets/share-button.html", true
	})
	hostile := f.add('b', `"><script>alert(1)</script>.js`, "1", func(a *swarm.Asset) {
		a.Widget, a.Complete = "<img src=x onerror=alert(2)>", false
	})
	f.add('c', "alone.bin", strings.Repeat("x", 1536), func(a *swarm.Asset) { a.Alias = "//evil.example/x" })
	g := newGateway(t, f, func(c *gateway.Config) { c.Demo = button.Alias })
	r := ask(g, "GET", "/")
	want(t, r, 200, map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
		"Access-Control-Allow-Origin": "", "Cross-Origin-Resource-Policy": "same-origin",
	})
	if csp := r.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "style-src 'sha256-") {
		t.Errorf("CSP %q", csp)
	}
	html := body(t, r)
	for _, part := range []string{
		`<iframe src="/widgets/share-button.html" title=`,
		`<a href="/widgets/share-button.html">share-button.html</a>`,
		`href="` + gateway.AssetURL(button) + `"`,
		`href="` + gateway.MetainfoURL(button.InfoHash) + `"`,
		`<h2>share</h2>`, `<h2>Other assets</h2>`,
		`href="` + gateway.AssetURL(hostile) + `"`,
		`href="/%2Fevil.example/x"`,
		`&lt;script&gt;alert(1)&lt;/script&gt;.js`, `&lt;img src=x onerror=alert(2)&gt;`,
		`text/html; charset=utf-8`, `1.5 KiB`, `complete`, `unfinished`,
	} {
		if !strings.Contains(html, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	for _, part := range []string{"<script", "<img", `href="//`, "ZgotmplZ"} {
		if strings.Contains(html, part) {
			t.Errorf("the page has %s", part)
		}
	}
	if strings.Contains(body(t, ask(newGateway(t, f, nil), "GET", "/")), "<iframe") {
		t.Error("a frame without a demo")
	}
}

func TestIndexPageIsBounded(t *testing.T) {
	f := newFake()
	for i := range 1500 {
		a := swarm.Asset{InfoHash: swarm.InfoHash{1, byte(i), byte(i >> 8)}, Path: "a.js"}
		f.assets = append(f.assets, a)
	}
	g := newGateway(t, f, nil)
	html := body(t, ask(g, "GET", "/"))
	if n := strings.Count(html, "<tr><th><a"); n != 1000 || !strings.Contains(html, "… and 500 more.") || !strings.Contains(html, "1500 assets") {
		t.Errorf("%d rows", n)
	}
	f.assets = nil
	if html := body(t, ask(g, "GET", "/")); !strings.Contains(html, "Nothing is served yet.") {
		t.Error("an empty list is not told")
	}
}
