package gateway_test

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"swarmtop/swarm/gateway"
)

// FuzzPath asks for any path: what is not the asset's path is 404, and what
// decodes to it is the asset.
func FuzzPath(f *testing.F) {
	fake := newFake()
	a := fake.add('a', "dir/share é%.html", page, nil)
	g := newGateway(f, fake, nil)
	decoded := "/w/" + a.InfoHash.String() + "/" + a.Path
	f.Add(gateway.AssetURL(a))
	f.Add(gateway.AssetURL(a) + "?torrent")
	f.Add(strings.ReplaceAll(gateway.AssetURL(a), "/dir/", "/dir%2f"))
	f.Add(strings.ReplaceAll(gateway.AssetURL(a), "/dir/", "/dir/../dir/"))
	f.Add(gateway.MetainfoURL(a.InfoHash))
	f.Add("/")
	f.Add("//")
	f.Add("/w/%00")
	f.Add("/%")
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Host != "" || u.Opaque != "" || strings.ContainsAny(target, " \r\n\x00") {
			return // net/http answers those by itself
		}
		r := &http.Request{Method: "GET", URL: u, RequestURI: target, Host: "localhost", Header: http.Header{}}
		w := httptest.NewRecorder()
		g.Handler().ServeHTTP(w, r)
		got := w.Result()
		switch u.Path {
		case decoded:
			if got.StatusCode != 200 || w.Body.String() != page {
				t.Fatalf("%q: %d", target, got.StatusCode)
			}
		case "/", gateway.MetainfoURL(a.InfoHash):
			if got.StatusCode != 200 {
				t.Fatalf("%q: %d", target, got.StatusCode)
			}
		default:
			if got.StatusCode != 404 || got.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%q: %d %v", target, got.StatusCode, got.Header)
			}
		}
	})
}

// FuzzRange asks for any range and checks that every byte that comes stands
// where the answer says.
func FuzzRange(f *testing.F) {
	fake := newFake()
	whole := pattern(1000)
	small := fake.add('a', "small.js", whole, nil)
	g, streaming := newGateway(f, fake, nil), newGateway(f, fake, func(c *gateway.Config) { c.CacheBytes = 0 })
	for _, s := range []string{
		"bytes=0-4", "bytes=-5", "bytes=990-", "bytes=0-0,5-9", "bytes=-0", "bytes=5-4", "bytes=1000-", "bytes=0-,0-", "Bytes=1-2",
		"bytes=99999999999999999999-", "bytes= 1-2 , ,3-4", "lines=1-2", "", "bytes", "bytes=--1", "bytes=1-2-3", "bytes=0-99999999999999999999",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, ranges string) {
		for _, g := range []*gateway.Gateway{g, streaming} {
			r := ask(g, "GET", gateway.AssetURL(small), "Range", ranges)
			got, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			switch r.StatusCode {
			case 200:
				if string(got) != whole {
					t.Fatalf("%q: 200 with %d bytes", ranges, len(got))
				}
			case 206:
				checkParts(t, whole, r, got)
			case 416:
				if r.Header.Get("Content-Range") != "bytes */1000" || r.Header.Get("Cache-Control") != "no-store" {
					t.Fatalf("%q: %v", ranges, r.Header)
				}
			default:
				t.Fatalf("%q: status %d", ranges, r.StatusCode)
			}
		}
	})
}

func checkParts(t *testing.T, whole string, r *http.Response, got []byte) {
	check := func(contentRange string, part []byte) {
		var from, to, size int
		if _, err := fmt.Sscanf(contentRange, "bytes %d-%d/%d", &from, &to, &size); err != nil {
			t.Fatalf("Content-Range %q: %v", contentRange, err)
		}
		if size != len(whole) || from > to || to >= size || string(part) != whole[from:to+1] {
			t.Fatalf("Content-Range %q with %d bytes that are not there", contentRange, len(part))
		}
	}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/byteranges" {
		check(r.Header.Get("Content-Range"), got)
		return
	}
	parts := multipart.NewReader(bytes.NewReader(got), params["boundary"])
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		check(p.Header.Get("Content-Range"), b)
	}
}
