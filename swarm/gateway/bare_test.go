package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"swarmtop/swarm/gateway"
)

// TestErrorsOfTheServerItselfAreNeverCachedEither: a cache that keeps one for a path
// would keep the asset from everybody.
func TestErrorsOfTheServerItselfAreNeverCachedEither(t *testing.T) {
	f := newFake()
	a := f.add('a', "share.html", page, nil)
	g, _ := run(t, f, nil)
	for head, status := range map[string]int{
		"Host: localhost\r\nX: a\x00b":                           400,
		"Host: localhost\r\nHost: localhost":                     400,
		"Host: user@localhost":                                   400,
		"Host: localhost\r\nX: " + strings.Repeat("x", 30_000):   431,
		"Host: localhost\r\nExpect: magic":                       417,
		"Host: localhost\r\nTransfer-Encoding: gzip":             501,
		"Host: localhost\r\nContent-Length: 1, 2":                400,
		"Host: localhost\r\nX: y\r\nConnection: close":           200,
		"Host: evil.example\r\nConnection: close":                421,
		"Host: localhost\r\nExpect: 100-continue\r\nX-Y: z\r\na": 400,
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(g.URL(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(conn)
		// A good request before it: what is written behind its answer is an error still.
		fmt.Fprintf(conn, "GET %[1]s HTTP/1.1\r\nHost: localhost\r\n\r\nGET %[1]s HTTP/1.1\r\n%[2]s\r\n\r\n", gateway.AssetURL(a), head)
		for _, want := range []int{200, status} {
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatalf("%.40q: %v", head, err)
			}
			b, err := io.ReadAll(resp.Body)
			if resp.StatusCode != want || err != nil || want == 200 && string(b) != page {
				t.Errorf("%.40q: %d with %q, want %d", head, resp.StatusCode, b, want)
			}
			if got := resp.Header.Get("Cache-Control"); (got == "no-store") != (want != 200) {
				t.Errorf("%.40q: %d with Cache-Control %q", head, want, got)
			}
		}
		conn.Close()
	}
}

// TestBodyThatReadsLikeAnErrorIsLeftAsItIs, wherever a write begins.
func TestBodyThatReadsLikeAnErrorIsLeftAsItIs(t *testing.T) {
	f := newFake()
	line := "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
	whole := strings.Repeat(line, 20_000)
	a := f.add('a', "odd.bin", whole, nil)
	for _, cache := range []int64{0, 64 << 20} {
		g, _ := run(t, f, func(c *gateway.Config) { c.CacheBytes = cache })
		for range 2 {
			resp, err := http.Get(g.URL() + gateway.AssetURL(a))
			if err != nil {
				t.Fatal(err)
			}
			if got := body(t, resp); got != whole {
				t.Errorf("%d bytes came of %d", len(got), len(whole))
			}
			resp.Body.Close()
		}
	}
}
