package announce_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/announce"
)

// memoryNet is a network of HTTP servers in memory, so that the whole of net/http
// runs on the clock of a synctest bubble.
type memoryNet struct {
	mu      sync.Mutex
	servers map[string]chan net.Conn // by host:port
	asked   map[string][]time.Time   // announces but `stopped`, by host
}

func (n *memoryNet) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if strings.HasPrefix(address, "nodns") {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "nodns", IsNotFound: true}}
	}
	n.mu.Lock()
	to := n.servers[address]
	n.mu.Unlock()
	if to == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errRefused}
	}
	ours, theirs := net.Pipe()
	select {
	case to <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// memoryListener takes what memoryNet dials.
type memoryListener struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *memoryListener) Addr() net.Addr { return &net.TCPAddr{} }

// serve answers at a host until the function it returns is called.
func (n *memoryNet) serve(host, port string, certificate *tls.Config, h http.HandlerFunc) (stop func()) {
	l := &memoryListener{conns: make(chan net.Conn), done: make(chan struct{})}
	n.servers[host+":"+port] = l.conns
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/announce") && r.URL.Query().Get("event") != "stopped" {
			n.mu.Lock()
			n.asked[host] = append(n.asked[host], time.Now())
			n.mu.Unlock()
		}
		h(w, r)
	})}
	var on net.Listener = l
	if certificate != nil {
		on = tls.NewListener(l, certificate)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(on) }()
	return func() { server.Close(); <-ended }
}

// badCertificate is one that nobody vouches for.
func badCertificate() *tls.Config {
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	return &tls.Config{Certificates: s.TLS.Certificates}
}

// bomb is 32 MiB in as many KiB.
func bomb() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	block := make([]byte, 1<<20)
	for range 32 {
		z.Write(block)
	}
	z.Close()
	return b.Bytes()
}

func TestEachLiarShowsAsItsOwnKindAndHoldsUpNobody(t *testing.T) {
	const good = "d8:completei3e8:intervali120e5:peers12:\x0a\x00\x00\x01\x1a\xe1\x0a\x00\x00\x02\x1a\xe1e"
	write := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }
	}
	gzipped, certificate := bomb(), badCertificate()
	block, flap := bytes.Repeat([]byte{'d'}, 1<<20), 0
	liars := map[string]struct {
		handler http.HandlerFunc
		want    swarm.Outcome
	}{
		"good":    {write(good), swarm.AnswerOK},
		"nodns":   {nil, swarm.FailedDNS},
		"closed":  {nil, swarm.FailedRefused},
		"status":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, swarm.FailedHTTP},
		"garbage": {write("<html>no"), swarm.FailedGarbage},
		"reason":  {write("d14:failure reason2:noe"), swarm.FailedReason},
		"big": {func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}, swarm.FailedGarbage},
		"bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(gzipped)
		}, swarm.FailedGarbage},
		"loop":   {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }, swarm.FailedHTTP},
		"zero":   {write("d8:intervali0e12:min intervali-1e5:peers0:e"), swarm.AnswerOK},
		"ports":  {write("d8:intervali0e5:peers18:\x0a\x00\x00\x01\x00\x00\x0a\x00\x00\x01\x1a\xe1\x0a\x00\x00\x01\x1a\xe1e"), swarm.AnswerOK},
		"nocert": {write(good), swarm.FailedTLS},
		"dead":   {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, swarm.FailedTimeout},
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(5 * time.Second):
				io.WriteString(w, good)
			case <-r.Context().Done():
			}
		}, swarm.AnswerSlow},
		"flap": {func(w http.ResponseWriter, r *http.Request) {
			if flap++; flap%2 == 0 {
				w.WriteHeader(503)
				return
			}
			io.WriteString(w, "d8:intervali60e5:peers0:e")
		}, swarm.AnswerOK},
	}
	synctest.Test(t, func(t *testing.T) {
		n := &memoryNet{servers: map[string]chan net.Conn{}, asked: map[string][]time.Time{}}
		var urls []string
		for host, l := range liars {
			scheme, port, secret := "http", "80", (*tls.Config)(nil)
			if host == "nocert" {
				scheme, port, secret = "https", "443", certificate
			}
			urls = append(urls, scheme+"://"+host+"/announce")
			if l.handler != nil {
				defer n.serve(host, port, secret, l.handler)()
			}
		}
		transport := &http.Transport{DialContext: n.dial}
		defer transport.CloseIdleConnections()
		a := announce.New(announce.Config{
			Swarms: &progress{left: 1}, Client: func(string) *http.Client { return &http.Client{Transport: transport} },
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.Run(ctx) }()
		a.Add(hashA, urls, nil, true)
		pass(time.Second)
		n.mu.Lock()
		if len(n.asked["good"]) != 1 {
			t.Error("the good one had to wait for others")
		}
		n.mu.Unlock()
		pass(12 * time.Minute)
		before := time.Now()
		rows := a.Trackers(hashA)
		if time.Since(before) != 0 {
			t.Error("the screen had to wait")
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		for _, r := range rows {
			_, host, _ := strings.Cut(strings.TrimSuffix(r.URL, "/announce"), "://")
			kinds := map[swarm.Outcome]int{}
			for _, h := range r.History {
				kinds[h.Outcome]++
			}
			if want := liars[host].want; kinds[want] == 0 || host != "flap" && len(kinds) != 1 {
				t.Errorf("%s: %v, want %v", host, kinds, want)
			}
			if failed := liars[host].want.Failed(); failed && (r.LastError == "" || r.State != swarm.Failing && r.State != swarm.Updating) {
				t.Errorf("%s: %v %q", host, r.State, r.LastError)
			}
			at := n.asked[host]
			for i := 1; i < len(at); i++ {
				if d := at[i].Sub(at[i-1]); d < time.Minute {
					t.Errorf("%s was asked again after %v", host, d)
				}
			}
			switch host {
			case "good":
				if len(at) < 6 {
					t.Errorf("the good one was asked %d times in twelve minutes", len(at))
				}
			case "ports":
				if r.Peers.Or(-1) != 1 {
					t.Errorf("%v peers in an answer with one and its double", r.Peers)
				}
			case "flap":
				if r.Flaps < 3 || kinds[swarm.FailedHTTP] < 3 {
					t.Errorf("%d flaps, %v", r.Flaps, kinds)
				}
			}
		}
	})
}
