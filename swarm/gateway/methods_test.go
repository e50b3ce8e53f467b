package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"swarmtop/swarm"
	"swarmtop/swarm/gateway"
)

// methods are those of RFC 9110, of PATCH, WebDAV and caches, and such as are none.
var methods = []string{
	"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "MKCOL", "MOVE", "LOCK", "PURGE", "BAN",
	"get", "Get", "head", "post", "GETT", "GE", "X", "M-SEARCH", "!#$%&'*+-.^_`|~", strings.Repeat("LONG", 100),
}

// every is one swarm of each kind, with paths of every shape that lead to them and past them.
func every() (*fakeAssets, []string) {
	f := newFake()
	a := f.add('a', "share.html", page, func(a *swarm.Asset) { a.Alias = "/widgets/share.html" })
	b := f.add('b', "dir/sub/share.js", "(()=>{})()", nil)
	late := f.add('c', "late.html", page, func(a *swarm.Asset) { a.Complete = false })
	wrong := f.add('d', "wrong.html", "d8:announce", nil)
	pending := swarm.InfoHash{0xee}
	f.pending = map[string]swarm.InfoHash{"/soon.html": pending}
	return f, []string{
		"/", "//", "/w", "/w/", "/t/", "/nothing", "/%00", "/../", "/favicon.ico", "/debug/pprof/", "/metrics", "/announce", "/api/remove", "/shutdown",
		gateway.AssetURL(a), gateway.AssetURL(b), gateway.AssetURL(late), gateway.AssetURL(wrong), a.Alias, "/soon.html",
		"/w/" + a.InfoHash.String(), "/w/" + b.InfoHash.String() + "/dir/", "/w/" + b.InfoHash.String() + "/dir/sub/",
		"/w/" + strings.Repeat("9", 40) + "/x.js", "/w/" + pending.String() + "/x.js",
		gateway.MetainfoURL(a.InfoHash), gateway.MetainfoURL(pending), "/t/" + strings.Repeat("9", 40) + ".torrent",
	}
}

// counted counts how often anything is asked of the assets.
type counted struct {
	*fakeAssets
	calls atomic.Int64
}

func (c *counted) Turn() uint64                 { c.calls.Add(1); return c.fakeAssets.Turn() }
func (c *counted) Assets() []swarm.Asset        { c.calls.Add(1); return c.fakeAssets.Assets() }
func (c *counted) ToCome(h swarm.InfoHash) bool { c.calls.Add(1); return c.fakeAssets.ToCome(h) }
func (c *counted) Files(h swarm.InfoHash) []swarm.Asset {
	c.calls.Add(1)
	return c.fakeAssets.Files(h)
}
func (c *counted) Asset(h swarm.InfoHash, path string) (swarm.Asset, bool) {
	c.calls.Add(1)
	return c.fakeAssets.Asset(h, path)
}
func (c *counted) AssetAt(alias string) (swarm.Asset, bool) {
	c.calls.Add(1)
	return c.fakeAssets.AssetAt(alias)
}
func (c *counted) Metainfo(h swarm.InfoHash) ([]byte, bool) {
	c.calls.Add(1)
	return c.fakeAssets.Metainfo(h)
}
func (c *counted) Open(a swarm.Asset) (gateway.Content, error) {
	c.calls.Add(1)
	return c.fakeAssets.Open(a)
}
func (c *counted) ToComeAt(alias string) (swarm.InfoHash, bool) {
	c.calls.Add(1)
	return c.fakeAssets.ToComeAt(alias)
}
func (c *counted) Fetch(ctx context.Context, a swarm.Asset) (gateway.Arriving, error) {
	c.calls.Add(1)
	return c.fakeAssets.Fetch(ctx, a)
}

func TestOtherMethodsThanGetAndHeadReachNothing(t *testing.T) {
	f, paths := every()
	spy := &counted{fakeAssets: f}
	g := newGateway(t, f, func(c *gateway.Config) { c.Assets = spy })
	for _, path := range paths {
		for _, method := range methods {
			before := spy.calls.Load()
			r := ask(g, method, path)
			asked := spy.calls.Load() > before
			switch {
			case method == "GET" || method == "HEAD":
				if r.StatusCode == http.StatusMethodNotAllowed {
					t.Errorf("%s %s: %d", method, path, r.StatusCode)
				}
			case r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" || r.Header.Get("Cache-Control") != "no-store":
				t.Errorf("%s %s: %d %v", method, path, r.StatusCode, r.Header)
			case asked:
				t.Errorf("%s %s: it was looked at what there is", method, path)
			}
		}
	}
}

// TestNoRequestChangesWhatIsServed sends every method to every path over a connection,
// with a body, and compares what is there and what is answered, before and after.
func TestNoRequestChangesWhatIsServed(t *testing.T) {
	f, paths := every()
	g, _ := run(t, f, nil)
	answers := func() (all []string) {
		for _, path := range paths {
			r := ask(g, "GET", path)
			all = append(all, fmt.Sprint(path, r.StatusCode, r.Header, body(t, r)))
		}
		return all
	}
	answers() // what is learnt at the first reading, as a digest, is learnt
	wantAssets, wantMetainfo, want := f.Assets(), fmt.Sprint(f.metainfo), answers()
	for _, path := range append(paths, "*", "http://localhost/", "localhost:80", "?delete=all") {
		for _, method := range append(methods, "", "G T", "\x00") {
			status := raw(t, g, fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nX-HTTP-Method-Override: DELETE\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"remove\": \"*\"}", method, path))
			if method != "GET" && method != "HEAD" && status < 400 {
				t.Errorf("%q %s: %d", method, path, status)
			}
		}
	}
	if got := answers(); !reflect.DeepEqual(got, want) {
		t.Errorf("answered after all of it:\n%q\nbefore:\n%q", got, want)
	}
	if !reflect.DeepEqual(f.Assets(), wantAssets) || fmt.Sprint(f.metainfo) != wantMetainfo {
		t.Error("the assets are others")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened != f.closed {
		t.Errorf("%d assets were opened, %d closed", f.opened, f.closed)
	}
}

// raw sends bytes over a connection of its own and returns the status of the answer,
// or 400 where the server hangs up on them.
func raw(t *testing.T, g *gateway.Gateway, request string) int {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, request)
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return http.StatusBadRequest
	}
	return r.StatusCode
}

// TestThePathAloneDecidesTheBytes holds that a path has one sequence of bytes, one type
// and one status, whatever else is in a request; ranges and conditions, which ask for
// less than the whole, are left out.
func TestThePathAloneDecidesTheBytes(t *testing.T) {
	f, paths := every()
	g := newGateway(t, f, nil)
	get := func(path, query string, header http.Header) string {
		r := httptest.NewRequest("GET", path, nil)
		r.URL.RawQuery, r.URL.ForceQuery, r.RequestURI = query, query == "", path+"?"+query
		r.Host, r.Header = "localhost", header
		w := httptest.NewRecorder()
		g.Handler().ServeHTTP(w, r)
		return fmt.Sprint(w.Code, w.Header(), w.Body)
	}
	plain := map[string]string{}
	for _, path := range paths {
		get(path, "", nil)
		plain[path] = get(path, "", nil)
	}
	names := rapid.OneOf(
		rapid.SampledFrom([]string{"Accept", "Accept-Encoding", "Accept-Language", "Accept-Charset", "Cookie", "Authorization", "Origin", "Referer", "User-Agent",
			"Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Purpose", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-Url", "X-Rewrite-Url",
			"X-Http-Method-Override", "Forwarded", "Via", "Upgrade", "Connection", "Te", "Dnt", "Save-Data", "Prefer", "Cache-Control", "Pragma", "Want-Repr-Digest"}),
		rapid.StringMatching(`X-[A-Za-z0-9-]{1,12}`),
	)
	values := rapid.OneOf(
		rapid.SampledFrom([]string{"application/x-bittorrent", "gzip, br", "identity;q=0", "script", "no-cache", "torrent=1", "evil.example", "DELETE", "*", ""}),
		rapid.StringMatching(`[ -~]{0,30}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SampledFrom(paths).Draw(t, "path")
		query := rapid.StringMatching(`[!-"$-~]{0,30}`).Draw(t, "query")
		header := http.Header{}
		for range rapid.IntRange(0, 5).Draw(t, "headers") {
			header.Add(names.Draw(t, "name"), values.Draw(t, "value"))
		}
		if got := get(path, query, header); got != plain[path] {
			t.Fatalf("%s?%s with %v:\n%s\nwithout:\n%s", path, query, header, got, plain[path])
		}
	})
}
