package tracker

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anacrolix/torrent/bencode"
)

// runWeb starts a tracker that serves so many connections at once.
func runWeb(t *testing.T, limit int) *Tracker {
	t.Helper()
	tr, err := New(Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	tr.web.limit = limit
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- tr.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return tr
}

// caller is a connection to a tracker on which a test says what it likes.
type caller struct {
	net.Conn
	in *bufio.Reader
}

func call(t *testing.T, tr *Tracker) caller {
	t.Helper()
	c, err := net.Dial("tcp", tr.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return caller{c, bufio.NewReader(c)}
}

// answer reads one answer to a GET.
func (c caller) answer(t *testing.T) (*http.Response, string) {
	t.Helper()
	r, err := http.ReadResponse(c.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(b)
}

// ended tells whether the tracker has closed the connection.
func (c caller) ended() bool {
	_, err := c.in.ReadByte()
	return err != nil
}

const getStats = "GET /stats HTTP/1.1\r\nHost: t\r\n\r\n"

func TestRequestsInPiecesAndInOneGoAreAnsweredInTurn(t *testing.T) {
	c := call(t, runWeb(t, maxConns))
	for _, b := range []byte(getStats) {
		c.Write([]byte{b})
	}
	if r, body := c.answer(t); r.StatusCode != 200 || !strings.Contains(body, `"announces"`) {
		t.Errorf("in pieces: status %d: %s", r.StatusCode, body)
	}
	io.WriteString(c, getStats+strings.Replace(getStats, "/stats", "/nowhere", 1)+"GET http://other/scrape?info_hash=x HTTP/1.1\r\nConnection: x, CLOSE\r\n\r\n")
	for _, want := range []int{200, 404, 200} {
		if r, body := c.answer(t); r.StatusCode != want || r.Header.Get("Date") == "" {
			t.Errorf("status %d, want %d: %v %s", r.StatusCode, want, r.Header, body)
		}
	}
	if !c.ended() {
		t.Error("the connection is kept")
	}
}

func TestConnectionIsKeptOnlyIfWished(t *testing.T) {
	tr := runWeb(t, maxConns)
	for head, kept := range map[string]bool{
		"HTTP/1.1\r\n":                                          true,
		"HTTP/1.1\r\nConnection: close\r\n":                     false,
		"HTTP/1.0\r\n":                                          false,
		"HTTP/1.0\r\nConnection: Keep-Alive\r\n":                true,
		"HTTP/1.1\r\nContent-Length: 0\r\n":                     true,
		"HTTP/1.0\r\nConnection: keep-alive, close\r\nA: b\r\n": false,
	} {
		c := call(t, tr)
		io.WriteString(c, "GET /stats "+head+"\r\n")
		r, _ := c.answer(t)
		if r.Close == kept {
			t.Errorf("%q: close is %t", head, r.Close)
		}
		if io.WriteString(c, getStats); kept {
			c.answer(t)
		} else if !c.ended() {
			t.Errorf("%q: the connection is kept", head)
		}
	}
}

func TestHeadHasNoBody(t *testing.T) {
	c := call(t, runWeb(t, maxConns))
	io.WriteString(c, "HEAD /stats HTTP/1.1\r\n\r\n"+getStats)
	r, err := http.ReadResponse(c.in, &http.Request{Method: http.MethodHead})
	if err != nil || r.ContentLength <= 0 {
		t.Errorf("%v, %+v", err, r)
	}
	c.answer(t)
}

func TestWhatIsNoProperRequestIsRefused(t *testing.T) {
	tr := runWeb(t, maxConns)
	for raw, want := range map[string]int{
		"GET /stats HTTP/2.0\r\n\r\n":                                  505,
		"GET /stats\r\n\r\n":                                           400,
		"GET stats HTTP/1.1\r\n\r\n":                                   400,
		"GET  /stats HTTP/1.1\r\n\r\n":                                 400,
		"GET /st\x00ats HTTP/1.1\r\n\r\n":                              400,
		"G(T /stats HTTP/1.1\r\n\r\n":                                  400,
		"GET /stats SMTP\r\n\r\n":                                      400,
		"GET /stats HTTP/1.1\r\nno colon\r\n\r\n":                      400,
		"GET /stats HTTP/1.1\r\nHost : t\r\n\r\n":                      400,
		"GET /stats HTTP/1.1\r\nHost: t\r\n folded: u\r\n\r\n":         400,
		"GET /stats HTTP/1.1\r\nA: b\nC: d\r\n\r\n":                    400,
		"POST /announce HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello":    405,
		"GET /stats HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello":        413,
		"GET /stats HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0":   413,
		"GET /" + strings.Repeat("x", 3*maxHead) + " HTTP/1.1\r\n\r\n": 431,
	} {
		c := call(t, tr)
		io.WriteString(c, raw)
		if r, _ := c.answer(t); r.StatusCode != want || !r.Close || (want == 405) != (r.Header.Get("Allow") != "") {
			t.Errorf("%.60q: status %d, want %d: %v", raw, r.StatusCode, want, r.Header)
		}
		if !c.ended() {
			t.Errorf("%.60q: the connection is kept", raw)
		}
	}
}

func TestBeyondTheLimitAFailureReasonTellsToComeLater(t *testing.T) {
	const limit = 4
	tr := runWeb(t, limit)
	var served []caller
	for i := range limit {
		c := call(t, tr)
		io.WriteString(c, "GET /sta") // it stays for the rest
		served = append(served, c)
		waitConns(t, tr, i+1)
	}
	busy := call(t, tr)
	io.WriteString(busy, "GET /announce")
	waitConns(t, tr, limit+1)
	io.WriteString(busy, "?x HTTP/1.1\r\n\r\n")
	r, body := busy.answer(t)
	var d struct {
		Reason string `bencode:"failure reason"`
		Retry  string `bencode:"retry in"`
	}
	if err := bencode.Unmarshal([]byte(body), &d); err != nil || r.StatusCode != 200 || d.Reason != "the tracker is busy" || d.Retry != "1" || !busy.ended() {
		t.Errorf("status %d: %q (%v)", r.StatusCode, body, err)
	}
	waitConns(t, tr, limit)
	waiting := call(t, tr)
	io.WriteString(waiting, "GET")
	waitConns(t, tr, limit+1)
	tooMany := call(t, tr)
	io.WriteString(tooMany, "GET")
	if !tooMany.ended() {
		t.Error("a connection beyond all limits is open")
	}
	waiting.Close()
	for _, c := range served { // who was served before is served still, and then sent away
		io.WriteString(c, "ts HTTP/1.1\r\n\r\n")
		if r, _ := c.answer(t); r.StatusCode != 200 {
			t.Errorf("status %d", r.StatusCode)
		}
	}
	if !served[0].ended() {
		t.Error("a crowded tracker keeps a connection")
	}
}

// waitConns returns when the tracker has so many connections.
func waitConns(t *testing.T, tr *Tracker, want int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; {
		tr.web.mu.Lock()
		n := len(tr.web.conns)
		tr.web.mu.Unlock()
		if n == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d connections, want %d", n, want)
		}
		<-time.After(time.Millisecond)
	}
}

func TestSilentConnectionsAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeb(nil, (&Tracker{store: newStore(time.Hour)}).answerHTTP, nil)
		ask := func(requests string) time.Duration {
			ours, theirs := net.Pipe()
			began := time.Now()
			w.take(addressed{theirs}, nil, nil)
			go io.WriteString(ours, requests)
			io.Copy(io.Discard, ours)
			ours.Close()
			w.served.Wait()
			return time.Since(began)
		}
		if got := ask("GET /sta"); got != headPatience {
			t.Errorf("after half a request: %v", got)
		}
		if got := ask(getStats); got != keepPatience {
			t.Errorf("after a request: %v", got)
		}
	})
}

// addressed is a connection that comes from an address.
type addressed struct{ net.Conn }

func (addressed) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9} }

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(getStats))
	f.Add([]byte("GET http://t/announce?info_hash=%00 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nrest"))
	f.Add([]byte("HEAD /scrape?info_hash=a HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n"))
	f.Add([]byte("GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, size, status := parseRequest(b)
		if size < 0 || size > len(b) || size > 0 && status != 0 {
			t.Fatalf("size %d, status %d", size, status)
		}
		if size == 0 {
			if status != 0 && http.StatusText(status) == "" {
				t.Fatalf("status %d", status)
			}
			return
		}
		if !strings.HasPrefix(r.target, "/") || strings.ContainsAny(r.target, " \r\n\x00") {
			t.Errorf("target %q", r.target)
		}
		// What comes after a request is none of its business, and what comes of it is the same when it comes slowly.
		if again, n, s := parseRequest(b[:size]); again != r || n != size || s != 0 {
			t.Errorf("alone it is %+v (%d, %d), not %+v", again, n, s, r)
		}
		for _, cut := range []int{0, size / 2, size - 1} {
			if _, n, _ := parseRequest(b[:cut]); n != 0 {
				t.Errorf("whole after %d bytes of %d", n, size)
			}
		}
		// The standard library, which takes more, must not understand something else.
		std, err := http.ReadRequest(bufio.NewReader(strings.NewReader(string(b[:size]))))
		if err == nil && (std.ContentLength != 0 || std.Method == http.MethodHead != r.head || fmt.Sprintf("HTTP/1.%d", std.ProtoMinor) == "HTTP/1.0" != r.http10) {
			t.Errorf("%q: %+v, net/http says %+v", b[:size], r, std)
		}
	})
}
