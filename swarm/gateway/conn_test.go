package gateway_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/gateway"
)

// client asks over one connection.
type client struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func dial(t testing.TB, g *gateway.Gateway) *client {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &client{t, conn, bufio.NewReader(conn)}
}

func (c *client) send(method, path string, fields ...string) {
	c.t.Helper()
	if _, err := fmt.Fprintf(c.conn, "%s %s HTTP/1.1\r\n%s\r\n\r\n", method, path, strings.Join(append(fields, "Host: localhost"), "\r\n")); err != nil {
		c.t.Fatal(err)
	}
}

// get returns the answer to a plain request and its body.
func (c *client) get(path string) (*http.Response, string) {
	c.t.Helper()
	c.send("GET", path)
	return c.answer("GET")
}

func (c *client) answer(method string) (*http.Response, string) {
	c.t.Helper()
	resp, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		c.t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, string(b)
}

func TestFurtherPlainRequestsDoNotReachTheHandler(t *testing.T) {
	f := newFake()
	a := f.add('a', "a.js", pattern(64<<10), func(a *swarm.Asset) { a.Alias = "/share.js" })
	g := newGateway(t, f, nil)
	path := gateway.AssetURL(a)
	reach := 0
	var steps [][]byte
	for _, s := range []struct {
		request string
		reaches int
	}{
		{"GET " + path, 1}, {"GET " + path, 0}, {"GET " + path + "?torrent", 0}, {"GET /share.js", 1}, {"GET /share.js", 0},
		{"HEAD " + path, 1}, {"GET " + path, 0},
	} {
		steps = append(steps, []byte(s.request+" HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nconnection: Keep-Alive\r\n\r\n"))
		reach += s.reaches
	}
	s := newScript(false, steps...)
	if n, err := gateway.ServeConn(g, s, s.closed, false); n != reach || !errors.Is(err, net.ErrClosed) {
		t.Errorf("%d requests reached the handler, want %d; %v", n, reach, err)
	}
	if r := g.Responses(); r.Count != 7 || r.Bytes != 6*64<<10 || r.Tail[2].Path != path+"?torrent" {
		t.Errorf("recorded %+v", r)
	}
	s = newScript(false, bytes.Join(steps[1:3], nil)) // a client that does not wait
	if n, _ := gateway.ServeConn(g, s, s.closed, false); n != 2 {
		t.Errorf("%d of two at once reached the handler", n)
	}
}

// TestPreparedAnswersEndWithWhatTheyWereMadeOf changes an asset while a connection is
// kept on which its answer was prepared.
func TestPreparedAnswersEndWithWhatTheyWereMadeOf(t *testing.T) {
	f := newFake()
	a := f.add('a', "a.html", page, func(a *swarm.Asset) { a.Alias = "/share.html" })
	b := f.add('b', "b.html", page+"2", nil)
	g, _ := run(t, f, nil)
	c := dial(t, g)
	change := func(i int, change func(*swarm.Asset)) {
		f.mu.Lock()
		defer f.mu.Unlock()
		change(&f.assets[i])
	}
	hashed := gateway.AssetURL(a)
	for _, s := range []struct {
		does   string
		change func()
		path   string
		status int
		header map[string]string
		body   string
	}{
		{"is as it was", func() {}, "/share.html", 200, map[string]string{"Content-Type": "text/html; charset=utf-8"}, page},
		{"is declared anew", func() { change(0, func(a *swarm.Asset) { a.ContentType = "text/plain" }) }, "/share.html", 200,
			map[string]string{"Content-Type": "text/plain", "Content-Security-Policy": ""}, page},
		{"is trusted", func() { change(0, func(a *swarm.Asset) { a.ContentType, a.Trusted = "", true }) }, hashed, 200,
			map[string]string{"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": ""}, page},
		{"is damaged", func() { change(0, func(a *swarm.Asset) { a.Complete = false }) }, hashed, 504, map[string]string{"Cache-Control": "no-store"}, ""},
		{"is mended", func() { change(0, func(a *swarm.Asset) { a.Complete = true }) }, hashed, 200, nil, page},
		{"is released anew", func() {
			change(0, func(a *swarm.Asset) { a.Alias = "" })
			change(1, func(a *swarm.Asset) { a.Alias = "/share.html" })
		}, "/share.html", 200, nil, page + "2"},
		{"stays at its hash", func() {}, gateway.AssetURL(b), 200, nil, page + "2"},
		{"is gone", func() { f.mu.Lock(); f.assets = f.assets[1:]; f.mu.Unlock() }, hashed, 404, map[string]string{"Cache-Control": "no-store"}, ""},
	} {
		s.change()
		for range 3 {
			resp, got := c.get(s.path)
			want(t, resp, s.status, s.header)
			if s.body != "" && got != s.body {
				t.Errorf("after it %s: %q", s.does, got)
			}
			c.get(gateway.AssetURL(b)) // something else is prepared all the time
		}
	}
}

func TestKeptConnectionsHaveNoMoreThanTheirSlots(t *testing.T) {
	f := newFake()
	a := f.add('a', "a.js", "1;", nil)
	long := f.add('b', "b.js", pattern(20<<20), nil)
	g, _ := run(t, f, func(c *gateway.Config) { c.MaxRequests, c.CacheBytes = 1, 256<<20 })
	kept, slow := dial(t, g), dial(t, g)
	kept.get(gateway.AssetURL(a))
	for range 2 { // by the handler, and before it
		slow.send("GET", gateway.AssetURL(long))
		resp, err := http.ReadResponse(slow.in, nil)
		if err != nil {
			t.Fatal(err)
		}
		busy, _ := kept.get(gateway.AssetURL(a))
		want(t, busy, 429, map[string]string{"Retry-After": "1", "Cache-Control": "no-store"})
		if got := body(t, resp); int64(len(got)) != long.Size {
			t.Errorf("%d of %d bytes", len(got), long.Size)
		}
	}
}

func TestAnswersLongerThanTheSocketTakesAreWhole(t *testing.T) {
	f := newFake()
	long := pattern(20 << 20)
	a := f.add('a', "a.js", long, nil)
	g, _, end := runUntil(t, f, func(c *gateway.Config) { c.CacheBytes = 256 << 20 })
	c := dial(t, g)
	for range 3 {
		if _, got := c.get(gateway.AssetURL(a)); got != long {
			t.Fatalf("%d bytes of %d", len(got), len(long))
		}
	}
	c.send("GET", gateway.AssetURL(a))
	if _, err := c.in.ReadByte(); err != nil {
		t.Fatal(err)
	}
	c.conn.Close() // with most of it unread
	end()
	for i, r := range g.Responses().Tail {
		if whole := r.Bytes == a.Size; whole != (i < 3) || r.Status != 200 || r.Verdict != swarm.Fine {
			t.Errorf("answer %d is recorded as %+v", i, r)
		}
	}
	if n := g.Responses().Count; n != 4 {
		t.Errorf("%d answers are recorded", n)
	}
}

// failing is assets that cannot be asked for after a while.
type failing struct {
	*fakeAssets
	now atomic.Bool
}

func (f *failing) Asset(h swarm.InfoHash, path string) (swarm.Asset, bool) {
	if f.now.Load() {
		panic("no assets")
	}
	return f.fakeAssets.Asset(h, path)
}

// TestPanicsEndTheirConnectionAlone as they do in a handler.
func TestPanicsEndTheirConnectionAlone(t *testing.T) {
	f := &failing{fakeAssets: newFake()}
	a := f.add('a', "a.js", "1;", nil)
	g, _ := run(t, f.fakeAssets, func(c *gateway.Config) { c.Assets, c.MaxRequests = f, 1 })
	c := dial(t, g)
	for range 2 {
		c.get(gateway.AssetURL(a))
	}
	f.now.Store(true)
	c.send("GET", gateway.AssetURL(a))
	if _, err := c.in.ReadByte(); err != io.EOF {
		t.Errorf("%v in place of an answer", err)
	}
	f.now.Store(false)
	if resp, _ := dial(t, g).get(gateway.AssetURL(a)); resp.StatusCode != 200 { // there is but one slot
		t.Errorf("then %d", resp.StatusCode)
	}
}
