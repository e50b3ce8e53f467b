package gateway_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"swarmtop/swarm/gateway"
)

// sink takes an answer and keeps nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

// BenchmarkHandler measures the plain case, a finished asset from memory, without a
// connection.
func BenchmarkHandler(b *testing.B) {
	f := newFake()
	a := f.add('a', "a.js", pattern(64<<10), nil)
	g := newGateway(b, f, nil)
	h := g.Handler()
	r := httptest.NewRequest("GET", gateway.AssetURL(a), nil)
	r.Host = "localhost"
	w := &sink{http.Header{}}
	b.SetBytes(a.Size)
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		h.ServeHTTP(w, r)
	}
}

// BenchmarkKept measures it on kept connections over loopback: one that waits for each
// answer, and 64 at once.
func BenchmarkKept(b *testing.B) {
	f := newFake()
	for i, size := range []int{2 << 10, 64 << 10} {
		a := f.add("ab"[i], fmt.Sprint(size, ".js"), pattern(size), nil)
		request := []byte("GET " + gateway.AssetURL(a) + " HTTP/1.1\r\nHost: 127.0.0.1:8413\r\n\r\n")
		for _, conns := range []int{1, 64} {
			b.Run(fmt.Sprintf("%dKiB/%d", size>>10, conns), func(b *testing.B) {
				g, _ := run(b, f, nil)
				b.SetBytes(a.Size)
				b.ReportAllocs()
				b.SetParallelism(max(conns/runtime.GOMAXPROCS(0), 1))
				if conns == 1 {
					askAgain(b, g, request, b.Loop)
					return
				}
				b.RunParallel(func(pb *testing.PB) { askAgain(b, g, request, pb.Next) })
			})
		}
	}
}

// askAgain makes the same request over one connection as long as it is to.
func askAgain(b *testing.B, g *gateway.Gateway, request []byte, more func() bool) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.URL(), "http://"))
	if err != nil {
		b.Error(err)
		return
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 128<<10)
	length := 0 // of each answer
	for more() {
		if _, err := conn.Write(request); err != nil {
			b.Error(err)
			return
		}
		if length == 0 {
			length = answerLength(b, in)
		}
		if _, err := in.Peek(length); err != nil {
			b.Error(err)
			return
		}
		_, _ = in.Discard(length)
	}
}

// answerLength tells how long the answer is that comes, without taking it.
func answerLength(b *testing.B, in *bufio.Reader) int {
	for n := 1; ; n++ {
		p, err := in.Peek(n)
		if err != nil {
			b.Error(err)
			return n
		}
		if !bytes.HasSuffix(p, []byte("\r\n\r\n")) {
			continue
		}
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(p)), nil)
		if err != nil {
			b.Error(err)
			return n
		}
		return n + int(resp.ContentLength)
	}
}
