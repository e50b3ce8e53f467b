package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/gateway"
)

// fakeAssets is a handful of swarms in memory.
type fakeAssets struct {
	mu       sync.Mutex
	assets   []swarm.Asset
	bytes    map[string]io.ReaderAt // by path within the swarm
	metainfo map[swarm.InfoHash][]byte
	pending  map[string]swarm.InfoHash // by alias
	turns    atomic.Uint64
	opened   int
	closed   int
}

// Turn says that anything may have changed.
func (f *fakeAssets) Turn() uint64 { return f.turns.Add(1) }

func (f *fakeAssets) Assets() []swarm.Asset {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.assets)
}

func (f *fakeAssets) find(match func(swarm.Asset) bool) (swarm.Asset, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.assets, match)
	if i < 0 {
		return swarm.Asset{}, false
	}
	return f.assets[i], true
}

func (f *fakeAssets) Asset(h swarm.InfoHash, path string) (swarm.Asset, bool) {
	return f.find(func(a swarm.Asset) bool { return a.InfoHash == h && a.Path == path })
}

func (f *fakeAssets) AssetAt(alias string) (swarm.Asset, bool) {
	return f.find(func(a swarm.Asset) bool { return a.Alias != "" && a.Alias == alias })
}

func (f *fakeAssets) Metainfo(h swarm.InfoHash) ([]byte, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b, ok := f.metainfo[h]
	return b, ok
}

func (f *fakeAssets) ToCome(h swarm.InfoHash) bool {
	for _, p := range f.pending {
		if p == h {
			return true
		}
	}
	return false
}

func (f *fakeAssets) ToComeAt(alias string) (swarm.InfoHash, bool) {
	h, ok := f.pending[alias]
	return h, ok
}

func (f *fakeAssets) Files(h swarm.InfoHash) []swarm.Asset {
	return slices.DeleteFunc(f.Assets(), func(a swarm.Asset) bool { return a.InfoHash != h })
}

func (f *fakeAssets) Fetch(_ context.Context, a swarm.Asset) (gateway.Arriving, error) {
	return nil, errors.New("no such swarm")
}

func (f *fakeAssets) Open(a swarm.Asset) (gateway.Content, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.bytes[a.Path]
	if r == nil {
		return nil, errors.New("the blob is gone")
	}
	f.opened++
	return content{r, func() { f.mu.Lock(); f.closed++; f.mu.Unlock() }}, nil
}

type content struct {
	io.ReaderAt
	close func()
}

func (c content) Close() error { c.close(); return nil }

// add makes a complete, foreign asset of its own swarm, whose info hash repeats
// the digit.
func (f *fakeAssets) add(digit byte, path, body string, change func(*swarm.Asset)) swarm.Asset {
	h, err := swarm.ParseInfoHash(strings.Repeat(string(digit), 40))
	if err != nil {
		panic(err)
	}
	a := swarm.Asset{InfoHash: h, Path: path, Size: int64(len(body)), Complete: true}
	if change != nil {
		change(&a)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.assets = append(f.assets, a)
	f.bytes[path] = strings.NewReader(body)
	f.metainfo[h] = []byte("d8:announce20:http://t:6969/announ4:infod6:lengthi5eee")
	return a
}

func (f *fakeAssets) set(path string, r io.ReaderAt) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bytes[path] = r
}

func newFake() *fakeAssets {
	return &fakeAssets{bytes: map[string]io.ReaderAt{}, metainfo: map[swarm.InfoHash][]byte{}}
}

// breaking is bytes that cannot be read from an offset on.
type breaking struct {
	io.ReaderAt
	from int64
}

func (b breaking) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.from {
		return 0, errors.New("piece 7 does not match its hash")
	}
	return b.ReaderAt.ReadAt(p, off)
}

var start = time.Date(2013, 9, 22, 12, 0, 0, 0, time.UTC)

// newGateway returns a gateway over f on a free port. Each look at its clock
// takes a millisecond.
func newGateway(t testing.TB, f *fakeAssets, change func(*gateway.Config)) *gateway.Gateway {
	t.Helper()
	var mu sync.Mutex
	now := start
	c := gateway.Config{
		Listen: "127.0.0.1:0", Assets: f, CacheBytes: 1 << 20,
		Now: func() time.Time { mu.Lock(); defer mu.Unlock(); now = now.Add(time.Millisecond); return now },
	}
	if change != nil {
		change(&c)
	}
	g, err := gateway.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { runOnce(t, g) })
	return g
}

// ask sends one request to the handler. Headers are name, value, name, value.
func ask(g *gateway.Gateway, method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	r.Host = "localhost:8080"
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		} else {
			r.Header.Add(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	g.Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// last is the latest response in the gateway's record.
func last(t testing.TB, g *gateway.Gateway) swarm.Response {
	t.Helper()
	tail := g.Responses().Tail
	if len(tail) == 0 {
		t.Fatal("nothing was recorded")
	}
	return tail[len(tail)-1]
}

func pattern(n int) string {
	b := bytes.Repeat([]byte("var share = 0123456789;\n"), n/24+1)
	for i := 0; i+8 < n; i += 1000 {
		copy(b[i:], []byte{'/', '*', byte('a' + i/1000%26), byte('a' + i/26000%26), '*', '/'})
	}
	return string(b[:n])
}
