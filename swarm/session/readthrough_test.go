package session_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

const block = 16 << 10

// origin is a web server of files, which notes what it is asked. The torrent
// client's own requests get no answer, whenever it chooses to make them.
type origin struct {
	*httptest.Server
	over  chan struct{}
	mu    sync.Mutex
	asked []string // path and Range
	sent  int64
}

// serve answers with the bytes of the path; deaf makes it ignore Range.
func serve(t *testing.T, deaf bool, files map[string][]byte) *origin {
	t.Helper()
	o := &origin{over: make(chan struct{})}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "identity" {
			select {
			case <-o.over:
			case <-r.Context().Done():
			}
			return
		}
		b, ok := files[r.URL.Path]
		o.mu.Lock()
		o.asked = append(o.asked, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("Range")))
		o.mu.Unlock()
		if !ok {
			http.NotFound(w, r)
			return
		}
		if deaf {
			r.Header.Del("Range")
		}
		http.ServeContent(counting{w, o}, r, "", time.Time{}, bytes.NewReader(b))
	}))
	t.Cleanup(func() { close(o.over); o.Close() })
	return o
}

func (o *origin) total() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sent
}

type counting struct {
	http.ResponseWriter
	o *origin
}

func (c counting) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.o.mu.Lock()
	c.o.sent += int64(n)
	c.o.mu.Unlock()
	return n, err
}

// fetch reads a part of an asset that is not complete.
func fetch(t *testing.T, f *fixture, h swarm.InfoHash, path string, off, n int64, within time.Duration) ([]byte, swarm.Origin, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	a, ok := f.Asset(h, path)
	if !ok {
		t.Fatalf("no asset %s", path)
	}
	r, err := f.Fetch(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b := make([]byte, n)
	n2, err := r.ReadAt(b, off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b[:n2], r.Origin(), err
}

// timerOfTheLibrary is how long the torrent client may take to ask a web seed.
const timerOfTheLibrary = 5 * time.Second

func TestColdAssetWithAWebSeedIsReadAtOnceAndCounted(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		_, data, meta := asset(t, "a b+c?.js", 3*block+100, block)
		o := serve(t, deaf, map[string][]byte{"/w/a b+c?.js": data})
		f := start(t, t.TempDir(), nil)
		if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, WebSeeds: []string{o.URL + "/w/"}, Typed: []string{o.URL + "/w/"}}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		b, from, err := fetch(t, f, meta.InfoHash, meta.Name, 0, meta.Length, timerOfTheLibrary)
		if err != nil || !bytes.Equal(b, data) || from != swarm.FromWebSeed {
			t.Fatalf("deaf %v: %d bytes from %v, %v", deaf, len(b), from, err)
		}
		t.Logf("read after %v", time.Since(began))
		s := f.sampled(t, meta.InfoHash, "complete", complete)
		addsUp(t, &s)
		if s.Downloaded < meta.Length || !deaf && s.Downloaded != o.total() || s.WebSeeds[0].Downloaded != s.Downloaded || s.Received() != (swarm.Received{Origin: s.Downloaded}) || s.ReceivedMinute != s.Received() {
			t.Errorf("deaf %v: downloaded %d, of the web seed %+v, in a minute %+v", deaf, s.Downloaded, s.WebSeeds[0], s.ReceivedMinute)
		}
		if got := s.Received().Offload(); got != swarm.Known(0.0) {
			t.Errorf("offload %v", got)
		}
	}
}

func TestWebSeedThatSendsOtherBytesIsNotBelieved(t *testing.T) {
	_, data, meta := asset(t, "a.js", 2*block, block)
	poison := bytes.Clone(data)
	poison[block+7] ^= 1
	bad := serve(t, false, map[string][]byte{"/a.js": poison})
	good := serve(t, false, map[string][]byte{"/x": data})
	seeds := []string{bad.URL + "/a.js", good.URL + "/x"}
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, WebSeeds: seeds, Typed: seeds}); err != nil {
		t.Fatal(err)
	}
	b, _, err := fetch(t, f, meta.InfoHash, "a.js", block, block, timerOfTheLibrary)
	if err != nil || !bytes.Equal(b, data[block:]) {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	s := f.Sample(time.Now(), meta.InfoHash, true)[0]
	addsUp(t, &s)
	if s.Downloaded != 2*block || s.WebSeeds[0].LastError != "sent bytes of piece 1 that do not match their hash" || s.WebSeeds[1].LastError != "" {
		t.Errorf("web seeds %+v", s.WebSeeds)
	}
}

func TestPieceAcrossSeveralFilesComesFromAllOfThem(t *testing.T) {
	one, two := bytes.Repeat([]byte("1"), block/2), bytes.Repeat([]byte("2"), block)
	info := metainfo.Info{Name: "dir", PieceLength: block, Files: []metainfo.FileInfo{
		{Path: []string{"one"}, Length: int64(len(one))}, {Path: []string{"empty"}}, {Path: []string{"sub", "two #2"}, Length: int64(len(two))},
	}}
	all := append(bytes.Clone(one), two...)
	for p := all; len(p) > 0; p = p[min(len(p), block):] {
		sum := sha1.Sum(p[:min(len(p), block)])
		info.Pieces = append(info.Pieces, sum[:]...)
	}
	b, err := bencode.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := admit.Info(b)
	if err != nil {
		t.Fatal(err)
	}
	o := serve(t, false, map[string][]byte{"/base/dir/one": one, "/base/dir/sub/two #2": two})
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, WebSeeds: []string{o.URL + "/base"}, Typed: []string{o.URL + "/base"}}); err != nil {
		t.Fatal(err)
	}
	if a, _ := f.Asset(meta.InfoHash, "dir/empty"); !a.Complete {
		t.Error("an empty file is not complete")
	}
	got, _, err := fetch(t, f, meta.InfoHash, "dir/sub/two #2", 0, 10, timerOfTheLibrary)
	if err != nil || string(got) != "2222222222" {
		t.Fatalf("%q, %v", got, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	want := []string{"/base/dir/one", fmt.Sprintf("/base/dir/sub/two #2 bytes=0-%d", block/2-1)}
	if len(o.asked) < 2 || o.asked[0] != want[0] || o.asked[1] != want[1] {
		t.Errorf("asked %q, want %q", o.asked, want)
	}
	if a, _ := f.Asset(meta.InfoHash, "dir/one"); !a.Complete {
		t.Error("a file whose pieces are all here is not complete")
	}
}

func TestRangeIsReadWhileItsNeighboursAreMissing(t *testing.T) {
	_, data, meta := asset(t, "a.js", 40*block, block)
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	const have = 33
	p := dialScripted(t, f, meta, data, func(i int) bool { return i == have })
	answered := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	defer func() { stop(); <-answered }()
	go func() {
		defer close(answered)
		for {
			select {
			case <-ctx.Done():
				return
			case r := <-p.requests:
				body := binary.BigEndian.AppendUint32(nil, uint32(r[0]))
				body = binary.BigEndian.AppendUint32(body, uint32(r[1]))
				p.write(t, 7, append(body, data[r[0]*block+r[1]:][:r[2]]...))
			}
		}
	}()
	b, from, err := fetch(t, f, meta.InfoHash, "a.js", have*block+5, 100, 20*time.Second)
	if err != nil || !bytes.Equal(b, data[have*block+5:][:100]) || from != swarm.FromSwarm {
		t.Fatalf("%d bytes from %v, %v", len(b), from, err)
	}
	// What nobody has does not come, and says so in time.
	b, _, err = fetch(t, f, meta.InfoHash, "a.js", have*block-50, 100, 100*time.Millisecond)
	if len(b) != 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%d bytes of a piece that nobody has, %v", len(b), err)
	}
	b, _, err = fetch(t, f, meta.InfoHash, "a.js", have*block+block-50, 100, 100*time.Millisecond)
	if len(b) != 50 || err == nil {
		t.Errorf("%d bytes up to a piece that nobody has, %v", len(b), err)
	}
}

func TestClosedReaderGivesUpAtOnce(t *testing.T) {
	_, _, meta := asset(t, "a.js", block, block)
	asking, letGo := make(chan struct{}), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "identity" { // the library's own request
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		close(asking)
		<-r.Context().Done()
		close(letGo)
	}))
	defer slow.Close()
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, WebSeeds: []string{slow.URL + "/x"}, Typed: []string{slow.URL + "/x"}}); err != nil {
		t.Fatal(err)
	}
	a, _ := f.Asset(meta.InfoHash, "a.js")
	r, err := f.Fetch(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := r.ReadAt(make([]byte, 1), 0)
		ended <- err
	}()
	<-asking
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("a closed reader read something")
	}
	<-letGo // the web seed is not asked any more
	if err := f.Remove(meta.InfoHash, true); err != nil {
		t.Error(err)
	}
	if _, err := f.Fetch(t.Context(), a); err == nil {
		t.Error("an asset of no swarm can be fetched")
	}
}

func TestTrustOfAManifestIsTakenAndTakenBack(t *testing.T) {
	path, _, meta := asset(t, "a.html", block, block)
	dir := t.TempDir()
	f := start(t, dir, nil)
	for _, c := range []struct {
		says swarm.Opt[bool]
		want bool
	}{{swarm.Opt[bool]{}, false}, {swarm.Known(true), true}, {swarm.Opt[bool]{}, true}, {swarm.Known(false), false}} {
		if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path, Trusted: c.says}); err != nil {
			t.Fatal(err)
		}
		if a, _ := f.Asset(meta.InfoHash, "a.html"); a.Trusted != c.want {
			t.Errorf("the manifest says %v: trusted %v", c.says, a.Trusted)
		}
	}
}
