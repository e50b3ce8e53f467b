package gateway_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"swarmtop/swarm"
	"swarmtop/swarm/gateway"
)

// script is a connection whose client says what is written down, in steps, and then
// leaves. A patient one says nothing while its requests are answered.
type script struct {
	mu      sync.Mutex
	changed *sync.Cond
	steps   [][]byte
	eager   bool
	until   time.Time // deadline of reading
	out     bytes.Buffer
	closed  chan struct{}
	once    sync.Once
}

func newScript(eager bool, steps ...[]byte) *script {
	s := &script{steps: slices.Clone(steps), eager: eager, closed: make(chan struct{})}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *script) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// By one byte, without a deadline, net/http looks whether the client is still there.
	for len(p) == 1 && s.until.IsZero() && (!s.eager || len(s.steps) == 0) {
		s.changed.Wait()
	}
	if !s.until.IsZero() && time.Until(s.until) < 0 {
		return 0, os.ErrDeadlineExceeded
	}
	if len(s.steps) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.steps[0])
	if s.steps[0] = s.steps[0][n:]; len(s.steps[0]) == 0 {
		s.steps = s.steps[1:]
	}
	return n, nil
}

func (s *script) SetReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = t
	s.changed.Broadcast()
	return nil
}

func (s *script) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *script) Close() error                     { s.once.Do(func() { close(s.closed) }); return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }
func (s *script) SetDeadline(t time.Time) error    { return s.SetReadDeadline(t) }
func (s *script) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }
func (s *script) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4000} }

// twins are two gateways over the same assets, of which one has net/http answer all.
type twins struct {
	front, alone *gateway.Gateway
	warm         []byte // a request that both have answered
	targets      []string
}

func newTwins(t testing.TB) *twins {
	f := newFake()
	script := f.add('a', "share.js", pattern(3000), nil)
	html := f.add('b', "dir/share é.html", page, func(a *swarm.Asset) { a.Alias = "/widgets/share.html" })
	wrong := f.add('c', "wrong.html", "d8:announce35:http://tracker", nil)
	late := f.add('d', "late.js", "1;", func(a *swarm.Asset) { a.Complete = false })
	empty := f.add('e', "empty.css", "", nil)
	still := func(c *gateway.Config) { c.Now = func() time.Time { return start }; c.Hosts = []string{"cdn.example"} }
	tw := &twins{front: newGateway(t, f, still), alone: newGateway(t, f, still)}
	for _, a := range []swarm.Asset{script, html, wrong, late, empty} {
		tw.targets = append(tw.targets, gateway.AssetURL(a))
	}
	tw.targets = append(tw.targets, html.Alias, gateway.MetainfoURL(script.InfoHash), "/w/"+html.InfoHash.String()+"/dir/", "/nothing")
	tw.warm = fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", tw.targets[0])
	for _, target := range tw.targets { // so that all that can be is prepared
		if !tw.same(t, true, []byte("GET "+target+" HTTP/1.1\r\nHost: [::1]:8413\r\n\r\n")) {
			t.Fatal("they differ from the beginning")
		}
	}
	return tw
}

// What differs from one answer to the next.
var fresh = regexp.MustCompile(`Date: [^\r]+|[0-9a-f]{60}`)

type failer interface {
	Errorf(format string, args ...any)
	Failed() bool
}

// same tells whether both answer and record a stream of bytes in the same way.
func (tw *twins) same(t failer, eager bool, steps ...[]byte) bool {
	said := func(g *gateway.Gateway, alone bool) (string, []swarm.Response) {
		before := g.Responses().Count
		s := newScript(eager, append([][]byte{tw.warm}, steps...)...)
		if _, err := gateway.ServeConn(g, s, s.closed, alone); !errors.Is(err, net.ErrClosed) {
			t.Errorf("serve: %v", err)
		}
		r := g.Responses()
		tail := r.Tail[max(0, len(r.Tail)-int(r.Count-before)):]
		for i := range tail {
			tail[i].Seq = 0
		}
		return fresh.ReplaceAllString(s.out.String(), "…"), tail
	}
	got, recorded := said(tw.front, false)
	want, wanted := said(tw.alone, true)
	if got != want {
		t.Errorf("to %q the answer is\n%.2000q\nfrom net/http\n%.2000q", steps, got, want)
	}
	if !reflect.DeepEqual(recorded, wanted) {
		t.Errorf("to %q recorded as\n%+v\nfrom net/http\n%+v", steps, recorded, wanted)
	}
	return !t.Failed()
}

// cut cuts bytes into steps of a length; all of them into one if it is 0.
func cut(b []byte, length int) [][]byte {
	if length <= 0 {
		return [][]byte{b}
	}
	var steps [][]byte
	for ; len(b) > length; b = b[length:] {
		steps = append(steps, b[:length:length])
	}
	return append(steps, b)
}

// FuzzConn says anything on a connection on which a request was answered already.
func FuzzConn(f *testing.F) {
	tw := newTwins(f)
	for i, s := range []string{
		"GET {0} HTTP/1.1\r\nHost: localhost\r\n\r\nGET {1}?torrent HTTP/1.1\r\nHost: localhost\r\nUser-Agent: x y\r\n\r\n",
		"GET {5} HTTP/1.1\r\nHost: cdn.example\r\nIf-None-Match: *\r\n\r\nGET {5} HTTP/1.1\r\nHost: cdn.example:80\r\n\r\n",
		"HEAD {0} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET {0} HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=2-5\r\n\r\n",
		"POST {0} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nGET GET {0} HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET {0} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET {0} HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET {0} HTTP/1.1\nHost: localhost\n\nGET {0} HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET {0} HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\nGET {0} HTTP/1.0\r\n\r\n",
		"GET {0} HTTP/1.1\r\nHost: fe80::1%a/b\r\n\r\n",
		"GET {0} HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
		"GET {0} HTTP/1.1\r\nHost: evil.example\r\n\r\nGET {4} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
		"GET http://localhost{0} HTTP/1.1\r\nHost: evil.example\r\n\r\n\r\nGET {0} HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET {2} HTTP/1.1\r\nHost: localhost\r\n\r\nGET {3} HTTP/1.1\r\nHost: localhost\r\n\r\nGET {8} HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		for n, target := range tw.targets {
			s = strings.ReplaceAll(s, fmt.Sprintf("{%d}", n), target)
		}
		f.Add([]byte(s), []int{0, 7, 100}[i%3], i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, stream []byte, step int, eager bool) {
		tw.same(t, eager, cut(stream, step)...)
	})
}

// TestWhatTheServerHasBegunToReadItFinishes: a request of which it has the beginning
// goes on with what comes next, whatever that looks like.
func TestWhatTheServerHasBegunToReadItFinishes(t *testing.T) {
	tw := newTwins(t)
	half := []byte("GET " + tw.targets[4] + " HTTP/1.1\r\nHost: localhost\r\nX: ")
	post := []byte("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + strconv.Itoa(len(tw.warm)) + "\r\n\r\n")
	for _, eager := range []bool{true, false} {
		tw.same(t, eager, half, tw.warm, tw.warm)
		tw.same(t, eager, slices.Concat(tw.warm, half), tw.warm, tw.warm)
		tw.same(t, eager, []byte("G"), tw.warm[1:], half[:3], half[3:], tw.warm, tw.warm)
		tw.same(t, eager, post, tw.warm, tw.warm)
		tw.same(t, eager, slices.Concat(tw.warm, post), tw.warm, tw.warm)
		head := slices.Concat([]byte("HEAD"), tw.warm[3:])
		tw.same(t, eager, slices.Concat(head, half), tw.warm, tw.warm)
		tw.same(t, eager, slices.Concat(head, post), tw.warm, tw.warm)
	}
}

// mostly draws the first value nine times in ten.
func mostly(label string, t *rapid.T, good string, odd ...string) string {
	values := slices.Concat(slices.Repeat([]string{good}, 9*len(odd)), odd)
	return rapid.SampledFrom(values).Draw(t, label)
}

// oddRequest makes up a request that is right but for a little: its head, and what
// may be its body.
func oddRequest(t *rapid.T, targets []string) (head, body []byte) {
	target := rapid.SampledFrom(append(targets, targets[0], targets[0], targets[5])).Draw(t, "target")
	lines := []string{
		mostly("method", t, "GET", "HEAD", "POST", "OPTIONS", "get", "") + " " + target +
			mostly("query", t, "", "?torrent", "?a=b&c=%zz;d", "?", "#x", " ", "\x00", "é") + " " +
			mostly("version", t, "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "http/1.1", "HTTP/2.0"),
		mostly("host", t, "Host: localhost", "Host:127.0.0.1:8413", "HOST: [::1] ", "Host: cdn.example.", "Host: evil.example",
			"Host:", "Host: a b", "Host: fe80::1%a/b", "Host: [fe80::1%a/b]:1", "X: y"),
		mostly("field", t, "User-Agent: wrk", "Connection: keep-alive", "Connection: Keep-Alive, x", "Connection: close", "Range: bytes=0-4",
			"If-None-Match: *", "If-Range: \"x\"", "If-Modified-Since: now", "Expect: 100-continue", "Expect: magic", "Upgrade: h2c",
			"Trailer: X", "TE: trailers", "Cookie: é", "X : y", " folded", "X:", ":", "\x01: y", "A: \x7f", "A: b\rc", "Content_Length: 5",
			"Host: localhost", strings.Repeat("L", 50)+": l", "Big: "+strings.Repeat("x", 5000), "Pragma: no-cache"),
	}
	hidden := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", targets[0])
	text := mostly("body", t, "", "abc", "0\r\n\r\n", "\r\n", hidden)
	if framing := mostly("framing", t, "", "Content-Length: 0", "Content-Length: 3", "Transfer-Encoding: chunked", "Content-Length: hidden"); framing != "" {
		lines = append(lines, strings.Replace(framing, "hidden", strconv.Itoa(len(hidden)), 1))
	}
	for _, l := range append(lines, "") {
		head = append(head, l+mostly("end", t, "\r\n", "\n", "\r", "\r\r\n")...)
	}
	return head, []byte(text)
}

// TestAnyRequestsAreAnsweredAndRecordedAsByTheServerAlone says several on a connection,
// in steps of their own, all at once or in pieces.
func TestAnyRequestsAreAnsweredAndRecordedAsByTheServerAlone(t *testing.T) {
	tw := newTwins(t)
	rapid.Check(t, func(t *rapid.T) {
		var steps [][]byte
		for range rapid.IntRange(1, 4).Draw(t, "requests") {
			head, body := oddRequest(t, tw.targets)
			switch {
			case len(body) == 0:
				steps = append(steps, head)
			case rapid.Bool().Draw(t, "apart"):
				steps = append(steps, head, body)
			default:
				steps = append(steps, append(head, body...))
			}
		}
		if length := rapid.SampledFrom([]int{-1, -1, -1, 0, 1, 7, 60, 130}).Draw(t, "pieces"); length >= 0 {
			steps = cut(slices.Concat(steps...), length)
		}
		tw.same(t, rapid.Bool().Draw(t, "eager"), steps...)
	})
}
