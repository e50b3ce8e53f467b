package gateway

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm"
)

// pipeListener accepts connections that live in memory, so that a bubble's clock
// rules their deadlines.
type pipeListener struct {
	conns chan net.Conn
	ended chan struct{}
	once  sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.ended) }); return nil }
func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

func (l *pipeListener) dial() net.Conn {
	here, there := net.Pipe()
	l.conns <- there
	return here
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// oneAsset has one complete page, of which some bytes cannot be had yet.
type oneAsset struct {
	mu    sync.Mutex
	asset swarm.Asset
	bytes string
	turn  uint64
	delay time.Duration // of reads beyond the head
}

// replace lets another swarm take the asset's place.
func (o *oneAsset) replace(h swarm.InfoHash, bytes string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.turn++
	o.asset.InfoHash, o.asset.Size, o.bytes = h, int64(len(bytes)), bytes
}

func (o *oneAsset) now() (swarm.Asset, string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asset, o.bytes
}

func (o *oneAsset) Turn() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.turn
}

func (o *oneAsset) Assets() []swarm.Asset {
	a, _ := o.now()
	return []swarm.Asset{a}
}

func (o *oneAsset) Asset(swarm.InfoHash, string) (swarm.Asset, bool) {
	a, _ := o.now()
	return a, true
}

func (o *oneAsset) Files(swarm.InfoHash) []swarm.Asset { return o.Assets() }

func (o *oneAsset) Fetch(context.Context, swarm.Asset) (Arriving, error) {
	return nil, errors.New("no such swarm")
}

func (o *oneAsset) AssetAt(string) (swarm.Asset, bool) { return swarm.Asset{}, false }
func (o *oneAsset) ToCome(swarm.InfoHash) bool         { return false }
func (o *oneAsset) ToComeAt(string) (h swarm.InfoHash, ok bool) {
	return h, false
}

func (o *oneAsset) Metainfo(swarm.InfoHash) ([]byte, bool) { return nil, false }

func (o *oneAsset) Open(swarm.Asset) (Content, error) { return o, nil }

func (o *oneAsset) Close() error { return nil }

func (o *oneAsset) ReadAt(p []byte, off int64) (int, error) {
	if o.delay > 0 && off+int64(len(p)) > 4096 {
		pass(o.delay)
	}
	_, b := o.now()
	return strings.NewReader(b).ReadAt(p, off)
}

func newOneAsset(size int) *oneAsset {
	b := "<!doctype html>" + strings.Repeat("share ", size/6)
	return &oneAsset{asset: swarm.Asset{InfoHash: swarm.InfoHash{1}, Path: "a.html", Size: int64(len(b)), Complete: true}, bytes: b}
}

// inBubble runs a gateway under a clock that jumps, and ends it after do.
func inBubble(t *testing.T, assets Assets, do func(g *Gateway, l *pipeListener, stop func())) {
	synctest.Test(t, func(t *testing.T) {
		g, err := New(Config{Listen: "127.0.0.1:0", Assets: assets})
		if err != nil {
			t.Fatal(err)
		}
		g.listener.Close()
		l := &pipeListener{conns: make(chan net.Conn), ended: make(chan struct{})}
		g.listener = l
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- g.Run(ctx) }()
		do(g, l, stop)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// pass lets time of the bubble's clock go by.
func pass(d time.Duration) { <-time.After(d) }

func TestSlowHeadersAreCutOff(t *testing.T) {
	inBubble(t, newOneAsset(100), func(g *Gateway, l *pipeListener, _ func()) {
		began := time.Now()
		conn := l.dial()
		defer conn.Close()
		var writer sync.WaitGroup
		defer writer.Wait()
		writer.Go(func() {
			for _, c := range "GET / HTTP/1.1\r\nHost: localhost\r\n" {
				if _, err := fmt.Fprintf(conn, "%c", c); err != nil {
					return
				}
				pass(time.Second)
			}
		})
		if _, err := io.ReadAll(conn); err != nil {
			t.Error(err)
		}
		if d := time.Since(began); d < headerTimeout || d > headerTimeout+2*time.Second {
			t.Errorf("cut off after %v", d)
		}
		if n := g.Responses().Count; n != 0 {
			t.Errorf("%d responses to no request", n)
		}
	})
}

func TestIdleConnectionIsClosed(t *testing.T) {
	inBubble(t, newOneAsset(100), func(_ *Gateway, l *pipeListener, _ func()) {
		conn := l.dial()
		defer conn.Close()
		fmt.Fprintf(conn, "GET /w/0100000000000000000000000000000000000000/a HTTP/1.1\r\nHost: localhost\r\n\r\n")
		r := bufio.NewReader(conn)
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		began := time.Now()
		if _, err := r.ReadByte(); err != io.EOF {
			t.Error(err)
		}
		if d := time.Since(began); d != idleTimeout {
			t.Errorf("closed after %v", d)
		}
	})
}

func TestReaderThatTakesItsTimeIsServedAndOneThatStopsIsCut(t *testing.T) {
	assets := newOneAsset(4 << 20)
	inBubble(t, assets, func(g *Gateway, l *pipeListener, _ func()) {
		for _, c := range []struct {
			pause time.Duration
			whole bool
		}{{15 * time.Second, true}, {time.Hour, false}} {
			conn := l.dial()
			fmt.Fprintf(conn, "GET /w/0100000000000000000000000000000000000000/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
			resp, err := http.ReadResponse(bufio.NewReaderSize(conn, 128<<10), nil)
			if err != nil {
				t.Fatal(err)
			}
			total, part := 0, make([]byte, 128<<10)
			for err == nil {
				var n int
				n, err = io.ReadFull(resp.Body, part)
				total += n
				pass(c.pause)
			}
			if whole := total == len(assets.bytes); whole != c.whole {
				t.Errorf("pauses of %v: %d of %d bytes came", c.pause, total, len(assets.bytes))
			}
			conn.Close()
		}
		synctest.Wait()
		if r := g.Responses(); r.Count != 2 {
			t.Errorf("%d responses recorded", r.Count)
		}
	})
}

func TestRunChecksWhatNobodyAskedForAndForgetsWhatIsGone(t *testing.T) {
	assets := newOneAsset(100)
	assets.replace(swarm.InfoHash{1}, "d8:announce35:http://tracker")
	inBubble(t, assets, func(g *Gateway, _ *pipeListener, _ func()) {
		synctest.Wait()
		if v := g.Verdicts()[swarm.InfoHash{1}].Gateway; v != swarm.Bad {
			t.Errorf("verdict %v", v)
		}
		assets.replace(swarm.InfoHash{2}, "<!doctype html>")
		pass(auditInterval)
		synctest.Wait()
		if v := g.Verdicts(); len(v) != 1 || v[swarm.InfoHash{2}].Gateway != swarm.Fine {
			t.Errorf("verdicts %v", v)
		}
	})
}

func TestStoppingCutsWhatIsUnderWayAndWaitsForIt(t *testing.T) {
	assets := newOneAsset(1 << 20)
	assets.delay = 2 * time.Second
	inBubble(t, assets, func(g *Gateway, l *pipeListener, stop func()) {
		conn := l.dial()
		defer conn.Close()
		fmt.Fprintf(conn, "GET /w/0100000000000000000000000000000000000000/a HTTP/1.1\r\nHost: localhost\r\n\r\n")
		synctest.Wait()
		began := time.Now()
		stop()
		if _, err := io.ReadAll(conn); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
		if d := time.Since(began); d != shutdownTimeout {
			t.Errorf("the connection was cut after %v", d)
		}
		if r := g.Responses(); r.Count != 0 {
			t.Error("the request ended before its read did")
		}
		pass(assets.delay)
		synctest.Wait()
		if r := g.Responses(); r.Count != 1 || r.Tail[0].Bytes >= assets.asset.Size {
			t.Errorf("recorded %+v", r)
		}
	})
}
