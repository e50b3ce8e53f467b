package announce_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/announce"
)

// manyTrackers are as many addresses of one port on this machine.
func manyTrackers(scheme string, n int, port int) []string {
	urls := make([]string, n)
	for i := range urls {
		urls[i] = fmt.Sprintf("%s://127.1.%d.%d:%d/announce", scheme, i/200, 1+i%200, port)
	}
	return urls
}

// announceAll announces one swarm to each tracker and calls seen until it has all.
func announceAll(t *testing.T, c announce.Config, urls []string, seen <-chan struct{}) {
	t.Helper()
	c.Swarms = &progress{left: 1}
	a := announce.New(c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	for i, u := range urls {
		a.Add(swarm.InfoHash{byte(i >> 8), byte(i), 1}, nil, [][]string{{u}}, true)
	}
	for range urls {
		<-seen
	}
	cancel()
	<-done
}

const many = 2000

func TestTwoThousandHTTPTrackersTakeFewSockets(t *testing.T) {
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan struct{}, 3*many)
	conns := make(chan int, 8*many) // +1 for each that opens, −1 for each that ends
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "d8:intervali1800e5:peers0:e")
		if r.URL.Query().Get("event") == "started" {
			seen <- struct{}{}
		}
	}))
	server.Listener.Close()
	server.Listener = l
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			conns <- 1
		case http.StateClosed:
			conns <- -1
		}
	}
	server.Start()
	client := admit.Policy{}.Client(admit.Typed, 0)
	urls := manyTrackers("http", many, l.Addr().(*net.TCPAddr).Port)
	announceAll(t, announce.Config{Client: func(string) *http.Client { return client }}, urls, seen)
	client.CloseIdleConnections()
	server.Close()
	close(conns)
	open, most := 0, 0
	for n := range conns {
		open += n
		most = max(most, open)
	}
	if most > 256 {
		t.Errorf("%d connections open at once to %d trackers", most, many)
	}
}

func TestTwoThousandUDPTrackersTakeOneSocket(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	port := conn.LocalAddr().(*net.UDPAddr).Port
	seen := make(chan struct{}, 3*many)
	from := map[uint16]int{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		in := make([]byte, 4096)
		for {
			n, addr, err := conn.ReadFromUDPAddrPort(in)
			if err != nil {
				return
			}
			from[addr.Port()]++
			out := append([]byte(nil), in[8:16]...)
			switch action := binary.BigEndian.Uint32(out); {
			case action == 0:
				out = append(out, "connects"...)
			case n >= 98 && in[83] == 2: // started
				seen <- struct{}{}
				fallthrough
			default:
				out = append(out, "\x00\x00\x07\x08\x00\x00\x00\x02\x00\x00\x00\x03"...)
			}
			conn.WriteToUDPAddrPort(out, addr)
		}
	}()
	// All names lead to the one address, as they do where one machine serves many.
	to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
	names := manyTrackers("udp", many, port)
	for i := range names {
		names[i] = strings.Replace(names[i], "127.1.", "tracker.", 1)
	}
	announceAll(t, announce.Config{Resolve: func(context.Context, string) (netip.AddrPort, error) { return to, nil }}, names, seen)
	conn.Close()
	<-ended
	if len(from) != 1 {
		t.Errorf("announces came from %d sockets, want one", len(from))
	}
}
