package announce_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/announce"
)

var hashA = swarm.InfoHash{0xaa, '%', '&', 0, 0xff}

// seen is one announce as a tracker got it.
type seen struct {
	at    time.Time
	host  string
	query url.Values
}

func (s seen) event() string { return s.query.Get("event") }

// reply is what a scripted tracker does with an announce.
type reply struct {
	body   string
	status int // 200 if 0
	after  time.Duration
	err    error
}

// script is a set of trackers behind one RoundTripper. It runs on the clock of
// a synctest bubble.
type script struct {
	mu    sync.Mutex
	seen  []seen
	most  map[string]int // requests under way at once, by host
	now   map[string]int
	reply map[string]func(n int, s seen) reply // by host; n counts from 1
	count map[string]int

	scrapes map[string][]seen
	scrape  map[string]func(n int, s seen) reply // by host; 404 without one
}

func newScript() *script {
	return &script{
		reply: map[string]func(int, seen) reply{}, count: map[string]int{}, most: map[string]int{}, now: map[string]int{},
		scrape: map[string]func(int, seen) reply{}, scrapes: map[string][]seen{},
	}
}

func (s *script) on(host string, f func(n int, s seen) reply) { s.reply[host] = f }

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	got := seen{time.Now(), req.URL.Host, req.URL.Query()}
	if strings.Contains(req.URL.Path, "scrape") {
		return s.scraped(req, got)
	}
	s.mu.Lock()
	s.seen = append(s.seen, got)
	s.count[got.host]++
	s.now[got.host]++
	s.most[got.host] = max(s.most[got.host], s.now[got.host])
	f, n := s.reply[got.host], s.count[got.host]
	s.mu.Unlock()
	resp, err := play(req, f(n, got))
	s.mu.Lock()
	s.now[got.host]--
	s.mu.Unlock()
	return resp, err
}

func (s *script) scraped(req *http.Request, got seen) (*http.Response, error) {
	s.mu.Lock()
	s.scrapes[got.host] = append(s.scrapes[got.host], got)
	f, n := s.scrape[got.host], len(s.scrapes[got.host])
	s.mu.Unlock()
	if f == nil {
		return play(req, reply{status: http.StatusNotFound})
	}
	return play(req, f(n, got))
}

// play answers a request as a reply says.
func play(req *http.Request, r reply) (*http.Response, error) {
	timer := time.NewTimer(r.after)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	switch {
	case r.err != nil:
		return nil, r.err
	case r.status == 0:
		r.status = http.StatusOK
	}
	return &http.Response{
		StatusCode: r.status, Request: req, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(r.body)),
	}, nil
}

// to returns the announces that a host got so far.
func (s *script) to(host string) []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []seen
	for _, g := range s.seen {
		if g.host == host {
			out = append(out, g)
		}
	}
	return out
}

func (s *script) events(host string) string {
	var out []string
	for _, g := range s.to(host) {
		out = append(out, cmpOr(g.event(), "-"))
	}
	return strings.Join(out, " ")
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// ok is an answer with an interval in seconds and one peer.
func ok(interval int) func(int, seen) reply {
	return func(int, seen) reply {
		return reply{body: fmt.Sprintf("d8:completei3e10:incompletei1e8:intervali%de5:peers6:\x0a\x00\x00\x01\x1a\xe1e", interval)}
	}
}

// progress is a Swarms with fixed figures that keeps what it is given.
type progress struct {
	mu    sync.Mutex
	left  int64
	found []netip.AddrPort
}

func (p *progress) Progress(swarm.InfoHash) (announce.Progress, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return announce.Progress{Uploaded: 7, Downloaded: 5, Left: p.left}, true
}

func (p *progress) FoundPeers(_ swarm.InfoHash, peers []netip.AddrPort, _ swarm.Opt[int]) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found = append(p.found, peers...)
	return len(peers)
}

// bench is an announcer that runs against a script in a synctest bubble.
type bench struct {
	*announce.Announcer
	t      *testing.T
	swarms *progress
	events []string
	mu     sync.Mutex
	stop   func() // ends Run and waits for it
}

func start(t *testing.T, s *script) *bench {
	b := &bench{t: t, swarms: &progress{left: 100}}
	client := &http.Client{Transport: s}
	b.Announcer = announce.New(announce.Config{
		Swarms: b.swarms, PeerID: [20]byte([]byte("-ST0001-abcdefghijkl")), Port: 6881, UserAgent: "swarmtop/test",
		Client: func(string) *http.Client { return client },
		Log: func(l swarm.Level, text string) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.events = append(b.events, l.String()+": "+text)
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return b
}

// pass lets d go by and everything settle.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// bubble runs f with an announcer on a clock of its own.
func bubble(t *testing.T, s *script, f func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, s)
		defer b.stop()
		f(b)
	})
}

func (b *bench) row(host string) swarm.Tracker {
	b.t.Helper()
	for _, r := range b.Trackers(hashA) {
		if strings.Contains(r.URL, "//"+host+"/") {
			return r
		}
	}
	b.t.Fatalf("no row for %s", host)
	return swarm.Tracker{}
}
