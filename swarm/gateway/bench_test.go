package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"swarmtop/swarm/gateway"
)

// sink takes an answer and keeps nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

// BenchmarkServe64KiB measures the plain case, a finished asset from memory: the
// handler alone, and with net/http and a kept connection on loopback.
func BenchmarkServe64KiB(b *testing.B) {
	f := newFake()
	a := f.add('a', "a.js", pattern(64<<10), nil)
	b.Run("handler", func(b *testing.B) {
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
	})
	b.Run("connection", func(b *testing.B) {
		g, _ := run(b, f, nil)
		conn, err := net.Dial("tcp", strings.TrimPrefix(g.URL(), "http://"))
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		in := bufio.NewReaderSize(conn, 128<<10)
		request := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", gateway.AssetURL(a))
		b.SetBytes(a.Size)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := io.WriteString(conn, request); err != nil {
				b.Fatal(err)
			}
			resp, err := http.ReadResponse(in, nil)
			if err != nil {
				b.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, resp.Body); n != a.Size || err != nil {
				b.Fatalf("%d bytes, %v", n, err)
			}
		}
	})
}
