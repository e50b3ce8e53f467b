package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"swarmtop/swarm"
	"swarmtop/swarm/gateway"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// runOnce ends a gateway that was never run, so that its port is free again.
func runOnce(t testing.TB, g *gateway.Gateway) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := g.Run(ctx); err != nil {
		t.Error(err)
	}
}

// run serves until the test ends and returns a client that keeps no connection
// beyond it.
func run(t testing.TB, f *fakeAssets, change func(*gateway.Config)) (*gateway.Gateway, *http.Client) {
	t.Helper()
	g, client, _ := runUntil(t, f, change)
	return g, client
}

// runUntil is run for those who end it before the test does.
func runUntil(t testing.TB, f *fakeAssets, change func(*gateway.Config)) (*gateway.Gateway, *http.Client, func()) {
	t.Helper()
	c := gateway.Config{Listen: "127.0.0.1:0", Assets: f, CacheBytes: 1 << 20}
	if change != nil {
		change(&c)
	}
	g, err := gateway.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	end := sync.OnceFunc(func() {
		transport.CloseIdleConnections()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(end)
	return g, &http.Client{Transport: transport}, end
}

func TestManyClientsAtOnceGetExactBytes(t *testing.T) {
	f := newFake()
	var assets []swarm.Asset
	var bodies []string
	for i, size := range []int{1, 4096, 64 << 10, 100_000, 300_000} { // the last is never kept in memory
		bodies = append(bodies, pattern(size))
		assets = append(assets, f.add("12345"[i], fmt.Sprintf("a%d.js", i), bodies[i], nil))
	}
	g, client, end := runUntil(t, f, func(c *gateway.Config) { c.CacheBytes = 1 << 20 })
	var wg sync.WaitGroup
	for n := range 100 {
		wg.Go(func() {
			for i := range 10 {
				k := (n + i) % len(assets)
				req, err := http.NewRequestWithContext(t.Context(), "GET", g.URL()+gateway.AssetURL(assets[k]), nil)
				if err != nil {
					t.Error(err)
					return
				}
				want, status := bodies[k], 200
				if i%3 == 0 {
					from, to := len(want)/3, len(want)/2
					req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, to))
					want, status = want[from:to+1], 206
				}
				resp, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != status || string(got) != want {
					t.Errorf("%s: %d, %d bytes, %v", req.URL, resp.StatusCode, len(got), err)
				}
			}
		})
	}
	wg.Wait()
	end() // a response is recorded once it has left
	if r := g.Responses(); r.Count != 1000 || r.Errors != 0 || len(r.Tail) != 256 {
		t.Errorf("recorded %d responses, %d errors, %d in the tail", r.Count, r.Errors, len(r.Tail))
	}
}

func TestReadThatFailsMidwayCutsTheStream(t *testing.T) {
	f := newFake()
	big := pattern(3 << 20)
	a := f.add('a', "big.js", big, nil)
	f.set("big.js", breaking{strings.NewReader(big), 2 << 20})
	var logged []string
	var mu sync.Mutex
	g, client := run(t, f, func(c *gateway.Config) {
		c.Log = func(_ swarm.Level, s string) { mu.Lock(); defer mu.Unlock(); logged = append(logged, s) }
	})
	for _, ranges := range []string{"", "bytes=1000-", "bytes=0-5,100-3000000"} {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", g.URL()+gateway.AssetURL(a), nil)
		if ranges != "" {
			req.Header.Set("Range", ranges)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil {
			t.Errorf("range %q: %d bytes came and no failure was seen", ranges, len(got))
		}
		if ranges == "" && !strings.HasPrefix(big, string(got)) {
			t.Error("bytes before the failure are not the asset's")
		}
	}
	// A part before the damage is served all the same.
	req, _ := http.NewRequestWithContext(t.Context(), "GET", g.URL()+gateway.AssetURL(a), nil)
	req.Header.Set("Range", "bytes=100-199")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || string(got) != big[100:200] {
		t.Errorf("%q, %v", got, err)
	}
	r := g.Responses()
	for i, resp := range r.Tail[:3] {
		if resp.Verdict != swarm.Warning || resp.Bytes >= a.Size {
			t.Errorf("cut response %d recorded as %+v", i, resp)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(logged) == 0 || !strings.Contains(logged[0], "read big.js of aaaaaaaa: piece 7 does not match its hash") {
		t.Errorf("log: %q", logged)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened != f.closed {
		t.Errorf("%d opened, %d closed", f.opened, f.closed)
	}
}

func TestLargeAssetGetsItsDigestOnceReadThrough(t *testing.T) {
	f := newFake()
	a := f.add('a', "big.js", pattern(300_000), nil)
	g := newGateway(t, f, nil)
	path := gateway.AssetURL(a)
	ask(g, "GET", path, "Range", "bytes=5-")
	ask(g, "GET", path, "Range", "bytes=0-4")
	if d := ask(g, "HEAD", path).Header.Get("Repr-Digest"); d != "" {
		t.Fatalf("digest %s of bytes that were not read", d)
	}
	ask(g, "GET", path)
	small := newGateway(t, f, func(c *gateway.Config) { c.CacheBytes = 64 << 20 })
	want := ask(small, "GET", path).Header.Get("Repr-Digest")
	if d := ask(g, "HEAD", path).Header.Get("Repr-Digest"); d == "" || d != want {
		t.Errorf("digest %q, want %q", d, want)
	}
}

func TestTooManyRequestsAtOnceAreToldToComeBack(t *testing.T) {
	f := newFake()
	a := f.add('a', "a.js", "1;", nil)
	reading, goOn := make(chan struct{}), make(chan struct{})
	f.set("a.js", readerFunc(func(p []byte, _ int64) (int, error) {
		reading <- struct{}{}
		<-goOn
		return copy(p, "1;"), nil
	}))
	g := newGateway(t, f, func(c *gateway.Config) { c.MaxRequests = 1 })
	first := make(chan int)
	go func() { first <- ask(g, "GET", gateway.AssetURL(a)).StatusCode }()
	<-reading
	want(t, ask(g, "GET", gateway.AssetURL(a)), 429, map[string]string{"Retry-After": "1", "Cache-Control": "no-store"})
	close(goOn)
	if s := <-first; s != 200 {
		t.Errorf("the first request got %d", s)
	}
	want(t, ask(g, "GET", gateway.AssetURL(a)), 200, nil)
}

type readerFunc func(p []byte, off int64) (int, error)

func (f readerFunc) ReadAt(p []byte, off int64) (int, error) { return f(p, off) }

func TestOversizedHeadersAreRefused(t *testing.T) {
	f := newFake()
	g, _ := run(t, f, nil)
	for size, status := range map[int]int{8 << 10: 200, 17 << 10: 431} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(g.URL(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: %s\r\n\r\n", strings.Repeat("x", size))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != status {
			t.Errorf("header of %d bytes: %d, want %d", size, resp.StatusCode, status)
		}
		conn.Close()
	}
}

func TestEverySpellingOnTheWireIsOnePath(t *testing.T) {
	f := newFake()
	names := []string{"a b#c?d%41é☃(1)!'~*;:@&=+$,[].js", strings.Repeat("long ", 50) + ".js", "-/..%2f/x", "\xff\xfe.js", "\"><script>.js"}
	for i, name := range names {
		f.add("12345"[i], "dir/"+name, fmt.Sprint("body ", i), nil)
	}
	g, _ := run(t, f, nil)
	for i, a := range f.Assets() {
		canonical := gateway.AssetURL(a)
		full := "/w/" + a.InfoHash.String() + "/"
		for _, c := range []byte(a.Path) {
			full += fmt.Sprintf("%%%02x", c)
		}
		for _, target := range []string{canonical, full, canonical + "?torrent", "http://127.0.0.1" + canonical} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(g.URL(), "http://"))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", target)
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != 200 || string(got) != fmt.Sprint("body ", i) {
				t.Errorf("%s: %d %q %v", target, resp.StatusCode, got, err)
			}
			conn.Close()
		}
	}
}

func TestBusyPortIsNamed(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, err = gateway.New(gateway.Config{Listen: ln.Addr().String(), Assets: newFake()})
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), ln.Addr().String()) {
		t.Errorf("error %v", err)
	}
	_, err = gateway.New(gateway.Config{Listen: "127.0.0.1:0", Assets: newFake(), TLSCert: "no.pem", TLSKey: "no.key"})
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "no.pem") {
		t.Errorf("error %v", err)
	}
}

func TestURLCanBeDialled(t *testing.T) {
	for listen, prefix := range map[string]string{
		"127.0.0.1:0": "http://127.0.0.1:", "localhost:0": "http://127.0.0.1:", "0.0.0.0:0": "http://127.0.0.1:",
	} {
		g := newGateway(t, newFake(), func(c *gateway.Config) { c.Listen = listen })
		if !strings.HasPrefix(g.URL(), prefix) {
			t.Errorf("%s: URL %s", listen, g.URL())
		}
	}
}
