package gateway

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm"
)

// slowSwarm is one unfinished asset whose pieces come when deliver says so.
type slowSwarm struct {
	oneAsset
	origin swarm.Origin

	mu     sync.Mutex
	pieces map[int]chan struct{} // closed when the piece is here
	closed int
}

func newSlowSwarm(body string) *slowSwarm {
	s := &slowSwarm{origin: swarm.FromSwarm, pieces: map[int]chan struct{}{}}
	s.asset = swarm.Asset{InfoHash: swarm.InfoHash{1}, Path: "a.html", Size: int64(len(body))}
	s.bytes = body
	return s
}

func (s *slowSwarm) piece(i int) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pieces[i] == nil {
		s.pieces[i] = make(chan struct{})
	}
	return s.pieces[i]
}

func (s *slowSwarm) deliver(pieces ...int) {
	for _, i := range pieces {
		close(s.piece(i))
	}
}

// Open reads what is here.
func (s *slowSwarm) Open(swarm.Asset) (Content, error) {
	return &slowReader{s: s, ctx: ended()}, nil
}

func ended() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("not here"))
	return ctx
}

func (s *slowSwarm) Fetch(ctx context.Context, _ swarm.Asset) (Arriving, error) {
	return &slowReader{s: s, ctx: ctx}, nil
}

type slowReader struct {
	s   *slowSwarm
	ctx context.Context
}

func (r *slowReader) Origin() swarm.Origin { return r.s.origin }

func (r *slowReader) Close() error {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	r.s.closed++
	return nil
}

func (r *slowReader) ReadAt(p []byte, off int64) (int, error) {
	for i := off / smallestPiece; i*smallestPiece < off+int64(len(p)); i++ {
		here := r.s.piece(int(i))
		select {
		case <-here:
			continue
		default:
		}
		select {
		case <-here:
		case <-r.ctx.Done():
			return 0, context.Cause(r.ctx)
		}
	}
	return strings.NewReader(r.s.bytes).ReadAt(p, off)
}

const slowPath = "/w/0100000000000000000000000000000000000000/a.html"

// request sends one over a connection of its own and returns the answer when its
// header is here. Headers are lines.
func request(t *testing.T, l *pipeListener, method string, headers ...string) (*http.Response, io.Closer, error) {
	t.Helper()
	conn := l.dial()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", method, slowPath, strings.Join(append(headers, ""), "\r\n"))
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	return resp, conn, err
}

func html(pieces int) string {
	return "<!doctype html>" + strings.Repeat("0123456789abcdef", pieces*smallestPiece/16)[15:]
}

func TestRangeLeavesBeforeItsNeighboursArrive(t *testing.T) {
	s := newSlowSwarm(html(4))
	s.deliver(2)
	inBubble(t, s, func(g *Gateway, l *pipeListener, _ func()) {
		began := time.Now()
		resp, conn, err := request(t, l, "GET", "Range: bytes=40000-40009")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 206 || string(b) != s.bytes[40000:40010] || time.Since(began) > 0 {
			t.Errorf("%d %q after %v, %v", resp.StatusCode, b, time.Since(began), err)
		}
		synctest.Wait()
		if r := g.Responses().Tail[0]; r.Origin != swarm.FromSwarm || r.Verdict != swarm.VerdictUnknown || r.Range != "bytes=40000-40009" {
			t.Errorf("recorded %+v: its head was not seen", r)
		}
	})
}

func TestBytesLeaveAsTheirPiecesArrive(t *testing.T) {
	s := newSlowSwarm(html(3))
	inBubble(t, s, func(g *Gateway, l *pipeListener, _ func()) {
		go func() {
			for i := range 3 {
				pass(9 * time.Second)
				s.deliver(i)
			}
		}()
		began := time.Now()
		resp, conn, err := request(t, l, "GET")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if d := time.Since(began); d != 9*time.Second || resp.StatusCode != 200 || resp.ContentLength != s.asset.Size {
			t.Errorf("%d, %d bytes, began after %v", resp.StatusCode, resp.ContentLength, d)
		}
		b, err := io.ReadAll(resp.Body)
		if d := time.Since(began); err != nil || string(b) != s.bytes || d != 27*time.Second {
			t.Errorf("%d bytes after %v, %v", len(b), d, err)
		}
		synctest.Wait()
		r := g.Responses().Tail[0]
		if r.FirstByte != swarm.Known(9*time.Second) || r.Duration != 27*time.Second || r.Verdict != swarm.Fine || r.Origin != swarm.FromSwarm {
			t.Errorf("recorded %+v", r)
		}
	})
}

func TestSwarmThatDoesNotDeliverIs504AndLaterACutStream(t *testing.T) {
	for _, c := range []struct {
		name, method, header string
		here                 []int
		status               int
		bytes                int // before the cut; −1 for none
	}{
		{"nothing", "GET", "", nil, 504, -1},
		{"nothing for HEAD", "HEAD", "", nil, 504, -1},
		{"no head", "GET", "", []int{1, 2}, 504, -1},
		{"a range of what is missing", "GET", "Range: bytes=20000-20001", []int{0, 2}, 504, -1},
		{"If-Range of another version", "GET", "Range: bytes=40000-40001\r\nIf-Range: \"x\"", []int{2}, 504, -1},
		{"several ranges, the first missing", "GET", "Range: bytes=20000-20001,40000-40001,0-1", []int{0, 2}, 504, -1},
		{"several ranges, the head missing", "GET", "Range: bytes=0-1,40000-40001", []int{1, 2}, 504, -1},
		{"HEAD with the head here", "HEAD", "", []int{0}, 200, 0},
		{"a later piece", "GET", "", []int{0}, 200, smallestPiece},
		{"a later piece of a range", "GET", "Range: bytes=100-", []int{0, 1}, 206, 2*smallestPiece - 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSlowSwarm(html(3))
			s.deliver(c.here...)
			inBubble(t, s, func(g *Gateway, l *pipeListener, _ func()) {
				began := time.Now()
				resp, conn, err := request(t, l, c.method, c.header)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				b, err := io.ReadAll(resp.Body)
				if resp.StatusCode != c.status {
					t.Fatalf("%s: %q", resp.Status, b)
				}
				h := resp.Header
				if c.bytes < 0 {
					if h.Get("Retry-After") != "5" || h.Get("Cache-Control") != "no-store" || h.Get("ETag") != "" || h.Get("Content-Range") != "" || err != nil {
						t.Errorf("%v, %v", h, err)
					}
					if d := time.Since(began); d != deliverTimeout {
						t.Errorf("after %v", d)
					}
					return
				}
				if c.method == "GET" && (err == nil || len(b) != c.bytes || !strings.Contains(s.bytes, string(b))) {
					t.Errorf("%d bytes came, %v; want %d and a cut", len(b), err, c.bytes)
				}
				synctest.Wait()
				if r := g.Responses().Tail[0]; c.method == "GET" && (r.Verdict != swarm.Warning || r.Bytes != int64(c.bytes)) {
					t.Errorf("recorded %+v", r)
				}
			})
		})
	}
}

func TestUnfinishedAssetAnswersConditionsWithoutItsBytes(t *testing.T) {
	s := newSlowSwarm(html(2))
	inBubble(t, s, func(_ *Gateway, l *pipeListener, _ func()) {
		for header, status := range map[string]int{
			"If-None-Match: *": 304, `If-Match: "x"`: 412, "Range: bytes=99999-": 416,
		} {
			began := time.Now()
			resp, conn, err := request(t, l, "GET", header)
			if err != nil {
				t.Fatal(err)
			}
			conn.Close()
			if resp.StatusCode != status || time.Since(began) != 0 {
				t.Errorf("%s: %s after %v", header, resp.Status, time.Since(began))
			}
		}
	})
}

func TestWrongContentOfAnUnfinishedAssetIsRefusedOnceItsHeadIsHere(t *testing.T) {
	s := newSlowSwarm("d8:announce35:http://tracker.example.net/announce" + strings.Repeat("x", 3*smallestPiece))
	s.deliver(2)
	inBubble(t, s, func(g *Gateway, l *pipeListener, _ func()) {
		go func() { pass(time.Second); s.deliver(0) }()
		for _, header := range []string{"", "Range: bytes=40000-40001"} {
			resp, conn, err := request(t, l, "GET", header)
			if err != nil {
				t.Fatal(err)
			}
			conn.Close()
			if resp.StatusCode != 502 || resp.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("with %q: %s", header, resp.Status)
			}
		}
		if v := g.Verdicts()[swarm.InfoHash{1}].Gateway; v != swarm.Bad {
			t.Errorf("verdict %v", v)
		}
	})
}

func TestClientThatLeavesLetsGoOfTheSwarm(t *testing.T) {
	s := newSlowSwarm(html(2))
	inBubble(t, s, func(g *Gateway, l *pipeListener, _ func()) {
		conn := l.dial()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", slowPath)
		pass(time.Second)
		conn.Close()
		synctest.Wait()
		r := g.Responses()
		if r.Count != 1 || r.Tail[0].Status != statusClientLeft || r.Tail[0].Duration != time.Second || r.Tail[0].FirstByte.IsKnown() {
			t.Errorf("recorded %+v", r)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.closed == 0 {
			t.Error("its reader is still open")
		}
	})
}

func TestSlowSwarmLeavesRoomForOthers(t *testing.T) {
	s := newSlowSwarm(html(2))
	inBubble(t, s, func(g *Gateway, l *pipeListener, _ func()) {
		room := maxRequests / 2 / perSwarm
		var clients sync.WaitGroup
		for range room {
			conn := l.dial()
			clients.Go(func() { io.Copy(io.Discard, conn); conn.Close() })
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", slowPath)
		}
		synctest.Wait()
		resp, conn, err := request(t, l, "GET")
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		if resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
			t.Errorf("the request too many got %s", resp.Status)
		}
		if !g.waiting.enter(swarm.InfoHash{2}) {
			t.Error("no room for another swarm")
		}
		g.waiting.leave(swarm.InfoHash{2})
		clients.Wait() // 504 each
		resp, conn, err = request(t, l, "HEAD", "If-None-Match: *")
		if err != nil || resp.StatusCode != 304 {
			t.Errorf("after the others have left: %v, %v", resp, err)
		}
		conn.Close()
		if len(g.waiting.by) != 0 || g.waiting.all != 0 {
			t.Errorf("still counted: %d, %v", g.waiting.all, g.waiting.by)
		}
	})
}

func TestSeveralRangesOfAnUnfinishedAssetArePartsOrACut(t *testing.T) {
	s := newSlowSwarm(html(3))
	s.deliver(0, 2)
	inBubble(t, s, func(_ *Gateway, l *pipeListener, _ func()) {
		for header, whole := range map[string]bool{"Range: bytes=0-1,40000-40001": true, "Range: bytes=0-1,20000-20001": false} {
			resp, conn, err := request(t, l, "GET", header)
			var b []byte
			if err == nil {
				b, err = io.ReadAll(resp.Body)
			}
			if (err == nil) != whole || whole && !bytes.Contains(b, []byte(s.bytes[40000:40002])) {
				t.Errorf("%s: %d bytes, %v", header, len(b), err)
			}
			conn.Close()
		}
	})
}
