package tracker_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"

	"swarmtop/swarm/tracker"
)

// client asks a tracker at a URL, from loopback addresses of its choice.
type client struct {
	t   *testing.T
	url string // of the announce
}

// run starts a tracker and returns a client of it.
func run(t *testing.T, cfg tracker.Config) (*tracker.Tracker, client) {
	t.Helper()
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	tr, err := tracker.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- tr.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return tr, client{t, tr.URL()}
}

// reply is an answer in the words of BEP 3 and 48.
type reply struct {
	Failure     string `bencode:"failure reason"`
	Complete    int    `bencode:"complete"`
	Incomplete  int    `bencode:"incomplete"`
	Interval    int    `bencode:"interval"`
	MinInterval int    `bencode:"min interval"`
	ExternalIP  string `bencode:"external ip"`
	Peers       any    `bencode:"peers"`
	Peers6      string `bencode:"peers6"`

	Files map[string]struct {
		Complete   int `bencode:"complete"`
		Downloaded int `bencode:"downloaded"`
		Incomplete int `bencode:"incomplete"`
	} `bencode:"files"`
}

// addrs are the peers of an answer, sorted.
func (r reply) addrs() string {
	var out []string
	switch peers := r.Peers.(type) {
	case string:
		out = append(out, unpack(peers, 4)...)
	case []any:
		for _, p := range peers {
			d := p.(map[string]any)
			ip, port := netip.MustParseAddr(d["ip"].(string)), uint16(d["port"].(int64))
			out = append(out, netip.AddrPortFrom(ip, port).String())
		}
	}
	out = append(out, unpack(r.Peers6, 16)...)
	slices.Sort(out)
	return strings.Join(out, " ")
}

func unpack(s string, size int) (out []string) {
	for ; len(s) >= size+2; s = s[size+2:] {
		ip, _ := netip.AddrFromSlice([]byte(s[:size]))
		out = append(out, netip.AddrPortFrom(ip, binary.BigEndian.Uint16([]byte(s[size:]))).String())
	}
	return out
}

// get asks path?query from a local address and returns the answer as it came.
func (c client) get(from, path, query string) (int, string) {
	c.t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	if from != "" {
		transport.DialContext = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).DialContext
	}
	defer transport.CloseIdleConnections()
	base := strings.TrimSuffix(c.url, "/announce")
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, base+path+"?"+query, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (c client) ask(from, path, query string) reply {
	c.t.Helper()
	status, body := c.get(from, path, query)
	var r reply
	if err := bencode.Unmarshal([]byte(body), &r); err != nil || status != http.StatusOK {
		c.t.Fatalf("status %d, %v: %q", status, err, body)
	}
	return r
}

// announce announces a peer that listens on from:port; more is appended to the query.
func (c client) announce(from string, port string, hash string, more string) reply {
	c.t.Helper()
	return c.ask(from, "/announce", "info_hash="+url.QueryEscape(hash)+"&peer_id="+url.QueryEscape(id(from, port))+
		"&port="+port+"&uploaded=0&downloaded=0&"+more)
}

func (c client) scrape(hashes ...string) reply {
	c.t.Helper()
	return c.ask("", "/scrape", url.Values{"info_hash": hashes}.Encode())
}

// id is a peer id of 20 bytes, one for each address.
func id(from, port string) string {
	return ("-TT0001-" + from + port + strings.Repeat("-", 20))[:20]
}

// datagram sends one packet and returns the answer.
func (c client) datagram(conn net.Conn, packet []byte) []byte {
	c.t.Helper()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Write(packet); err != nil {
		c.t.Fatal(err)
	}
	answer := make([]byte, 4096)
	n, err := conn.Read(answer)
	if err != nil {
		c.t.Fatal(err)
	}
	if n < 8 || string(answer[4:8]) != string(packet[12:16]) {
		c.t.Fatalf("answer % x to % x", answer[:n], packet)
	}
	return answer[:n]
}

// dial connects over UDP (BEP 15) and returns the connection id too.
func (c client) dial() (net.Conn, uint64) {
	c.t.Helper()
	u, err := url.Parse(c.url)
	if err != nil {
		c.t.Fatal(err)
	}
	conn, err := net.Dial("udp", u.Host)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { conn.Close() })
	answer := c.datagram(conn, packet(0x41727101980, 0))
	if len(answer) != 16 || binary.BigEndian.Uint32(answer) != 0 {
		c.t.Fatalf("connect: % x", answer)
	}
	return conn, binary.BigEndian.Uint64(answer[8:])
}

// packet is the head of a request with a fixed transaction id.
func packet(connection uint64, action uint32) []byte {
	b := binary.BigEndian.AppendUint64(nil, connection)
	b = binary.BigEndian.AppendUint32(b, action)
	return append(b, "\x01\x02\x03\x04"...)
}

// announcePacket announces a peer on a port over UDP.
func announcePacket(connection uint64, hash string, port uint16, left uint64, event uint32, want int32) []byte {
	b := append(packet(connection, 1), hash...)
	b = append(b, id("udp", "")...)
	b = append(b, make([]byte, 8)...)
	b = binary.BigEndian.AppendUint64(b, left)
	b = append(b, make([]byte, 8)...)
	b = binary.BigEndian.AppendUint32(b, event)
	b = append(b, 0, 0, 0, 0, 9, 9, 9, 9)
	b = binary.BigEndian.AppendUint32(b, uint32(want))
	return binary.BigEndian.AppendUint16(b, port)
}
