package probe_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/probe"
)

// world is assets and the edges that serve them, without sockets.
type world struct {
	mu    sync.Mutex
	pubs  []swarm.Publication
	bytes map[swarm.InfoHash]string
	edges map[string]http.Handler // by address
	addrs []netip.Addr            // of every name
	asked []string                // addresses, one for each plain GET
	times []time.Time             // of them
	logs  []string
	wire  http.RoundTripper // in place of the edges; nil for these
}

func (w *world) Publications() []swarm.Publication {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pubs
}

func (w *world) Open(a swarm.Asset) (probe.Content, error) {
	return struct {
		io.ReaderAt
		io.Closer
	}{bytes.NewReader([]byte(w.bytes[a.InfoHash])), io.NopCloser(nil)}, nil
}

func (w *world) ContentType(swarm.Asset) string { return "text/html; charset=utf-8" }

// wire is a client's way to one address.
type wire struct {
	w   *world
	via func(string) string
}

func (e wire) RoundTrip(r *http.Request) (*http.Response, error) {
	at := e.via(r.URL.Host + ":80")
	e.w.mu.Lock()
	h := e.w.edges[at]
	if r.Method == http.MethodGet && r.Header.Get("Range") == "" && r.URL.RawQuery == "" {
		e.w.asked, e.w.times = append(e.w.asked, at), append(e.w.times, time.Now())
	}
	e.w.mu.Unlock()
	if h == nil {
		return nil, errors.New("connection refused")
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Result(), nil
}

func (w *world) prober(every time.Duration) *probe.Prober { return probe.New(w.config(every)) }

func (w *world) config(every time.Duration) probe.Config {
	return probe.Config{
		Asker: probe.Asker{
			Client: func(via func(string) string) *http.Client {
				if w.wire != nil {
					return &http.Client{Transport: w.wire}
				}
				return &http.Client{Transport: wire{w, via}}
			},
			Lookup:    func(context.Context, string) ([]netip.Addr, error) { return w.addrs, nil },
			UserAgent: "test",
			Now:       time.Now,
		},
		Assets: w,
		Every:  every,
		Log: func(l swarm.Level, text string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.logs = append(w.logs, fmt.Sprint(l)+": "+text)
		},
	}
}

func (w *world) set(addr string, h http.Handler) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.edges[addr] = h
}

func onePage(addrs ...string) *world {
	hash := swarm.InfoHash{1}
	w := &world{
		pubs:  []swarm.Publication{{URL: "http://cdn.test" + path, Asset: swarm.Asset{InfoHash: hash, Size: int64(len(html)), Complete: true}}},
		bytes: map[swarm.InfoHash]string{hash: html},
		edges: map[string]http.Handler{},
	}
	for _, a := range addrs {
		w.addrs = append(w.addrs, netip.MustParseAddr(a))
		w.edges[netip.AddrPortFrom(netip.MustParseAddr(a), 80).String()] = storage()
	}
	return w
}

// running runs a prober in a bubble.
func running(t *testing.T, w *world, every time.Duration, then func(*probe.Prober)) {
	synctest.Test(t, func(t *testing.T) {
		p := w.prober(every)
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { p.Run(ctx) })
		then(p)
		cancel()
		done.Wait()
	})
}

func pass(d time.Duration) { <-time.After(d); synctest.Wait() }

func TestPoisonIsSeenWithinARoundAndItsEndToo(t *testing.T) {
	w := onePage("192.0.2.1")
	running(t, w, time.Minute, func(p *probe.Prober) {
		pass(70 * time.Second)
		got := p.Probes()
		if len(got) != 1 || got[0].Verdict != swarm.ProbeFine || got[0].Count < 1 || !got[0].LastFine.IsKnown() || got[0].Address != "192.0.2.1:80" {
			t.Fatalf("at first: %+v", got)
		}
		w.set("192.0.2.1:80", bodyOf("application/x-bittorrent", "d8:announce3:abce"))
		broken := time.Now()
		pass(70 * time.Second)
		got = p.Probes()
		if got[0].Verdict != swarm.ProbeWrongType || got[0].Since.Before(broken) || got[0].Since.Sub(broken) > 66*time.Second {
			t.Fatalf("a round after the poison: %+v", got[0])
		}
		if fine := got[0].LastFine.Or(time.Time{}); fine.IsZero() || fine.After(broken) {
			t.Errorf("last fine at %v", fine)
		}
		since := got[0].Since
		pass(3 * time.Minute)
		if got = p.Probes(); got[0].Since != since || got[0].Count < 3 {
			t.Errorf("wrong since %v, %d times; want since %v", got[0].Since, got[0].Count, since)
		}
		w.set("192.0.2.1:80", storage())
		pass(70 * time.Second)
		if got = p.Probes(); got[0].Verdict != swarm.ProbeFine {
			t.Errorf("a round after the mending: %+v", got[0])
		}
	})
	if n := len(w.logs); n != 3 || !strings.HasPrefix(w.logs[1], "error: probe http://cdn.test"+path+" at 192.0.2.1:80: wrong type: ") {
		t.Errorf("log: %q", w.logs)
	}
}

func TestAddressesTakeTurnsAndPoisonStaysInSight(t *testing.T) {
	w := onePage("192.0.2.1", "192.0.2.2", "2001:db8::3")
	running(t, w, time.Minute, func(p *probe.Prober) {
		w.set("192.0.2.2:80", bodyOf("text/html", "<!doctype html> of somebody else"))
		pass(3*time.Minute + 20*time.Second)
		got := p.Probes()
		if len(got) != 3 {
			t.Fatalf("after three rounds: %+v", got)
		}
		for _, e := range got {
			want := swarm.ProbeFine
			if e.Address == "192.0.2.2:80" {
				want = swarm.ProbeWrongBytes
			}
			if e.Verdict != want {
				t.Errorf("%s: %v", e.Address, e.Verdict)
			}
		}
		w.set("192.0.2.2:80", storage())
		pass(2*time.Minute + 20*time.Second)
		for _, e := range p.Probes() {
			if e.Verdict != swarm.ProbeFine {
				t.Errorf("two rounds after the mending %s is %v", e.Address, e.Verdict)
			}
		}
	})
	for i := 1; i < len(w.times); i++ {
		if d := w.times[i].Sub(w.times[i-1]); d < 50*time.Second || d > 70*time.Second {
			t.Errorf("rounds %v apart", d)
		}
	}
}

func TestNowAsksEveryAddressAtOnce(t *testing.T) {
	w := onePage("192.0.2.1", "192.0.2.2")
	running(t, w, time.Hour, func(p *probe.Prober) {
		pass(time.Minute)
		if n := p.Now(swarm.InfoHash{9}); n != 0 {
			t.Errorf("%d URLs of an asset that has none", n)
		}
		if n := p.Now(swarm.InfoHash{1}); n != 1 {
			t.Errorf("%d URLs, want 1", n)
		}
		synctest.Wait()
		if got := p.Probes(); len(got) != 2 || got[0].Verdict != swarm.ProbeFine || got[1].Verdict != swarm.ProbeFine {
			t.Errorf("right after: %+v", got)
		}
	})
}

func TestAReleaseIsFollowed(t *testing.T) {
	w := onePage("192.0.2.1")
	next := swarm.InfoHash{2}
	w.bytes[next] = "<!doctype html>\n<title>Share, again</title>\n"
	running(t, w, time.Minute, func(p *probe.Prober) {
		pass(70 * time.Second)
		old := w.pubs[0].Asset
		w.mu.Lock()
		w.pubs = []swarm.Publication{{
			URL:    w.pubs[0].URL,
			Asset:  swarm.Asset{InfoHash: next, Size: int64(len(w.bytes[next])), Complete: true},
			Former: []swarm.FormerRelease{{Asset: old, Until: time.Now()}},
		}}
		w.mu.Unlock()
		pass(2 * time.Second)
		got := p.Probes()[0]
		if got.Verdict != swarm.ProbeStale || got.InfoHash != next || !got.StaleLeft.IsKnown() {
			t.Errorf("right after the release: %+v", got)
		}
		w.set("192.0.2.1:80", bodyOf("text/html", w.bytes[next]))
		pass(70 * time.Second)
		if got := p.Probes()[0]; got.Verdict != swarm.ProbeFine {
			t.Errorf("once the release has arrived: %+v", got)
		}
		w.mu.Lock()
		w.pubs = nil
		w.mu.Unlock()
		pass(2 * time.Second)
		if got := p.Probes(); len(got) != 0 {
			t.Errorf("without URLs: %+v", got)
		}
	})
}

func TestAHostIsNotAskedForMoreThanItsBudget(t *testing.T) {
	w := onePage("192.0.2.1")
	big := strings.Repeat(html, 30<<20/len(html))
	hash := w.pubs[0].Asset.InfoHash
	w.bytes[hash] = big
	w.pubs[0].Asset.Size = int64(len(big))
	var read atomic.Int64
	w.wire = roundTrip(func(r *http.Request) *http.Response {
		body := io.TeeReader(strings.NewReader(big), (*count)(&read))
		return &http.Response{StatusCode: 200, ContentLength: int64(len(big)), Body: io.NopCloser(body), Request: r,
			Header: http.Header{"Content-Type": {"text/html"}, "Content-Length": {fmt.Sprint(len(big))}}}
	})
	running(t, w, time.Minute, func(p *probe.Prober) {
		pass(10 * time.Minute)
		if got := p.Probes(); got[0].Verdict != swarm.ProbeFine || got[0].Count < 9 {
			t.Errorf("%+v", got[0])
		}
	})
	const whole, burst, perSecond = 30 << 20, 64 << 20, 64 << 10
	if n := read.Load(); n < 2*whole-1000 || n > burst+600*perSecond {
		t.Errorf("read %d MiB in ten minutes", n>>20)
	}
}

type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

type count atomic.Int64

func (c *count) Write(b []byte) (int, error) {
	(*atomic.Int64)(c).Add(int64(len(b)))
	return len(b), nil
}

func TestURLsThatAskForATorrentAreLeftAlone(t *testing.T) {
	w := onePage("192.0.2.1")
	w.pubs[0].URL += "?torrent"
	running(t, w, time.Minute, func(p *probe.Prober) {
		pass(3 * time.Minute)
		got := p.Probes()
		if len(w.asked) != 0 || len(got) != 1 || got[0].Verdict != swarm.NotProbed || !strings.Contains(got[0].Reason, "never asked") {
			t.Errorf("asked %d times: %+v", len(w.asked), got)
		}
	})
}

func TestURLsAreSpreadOverTheIntervalAndAHostIsAskedOneByOne(t *testing.T) {
	w := onePage("192.0.2.1")
	for i := range 40 {
		pub := w.pubs[0]
		pub.URL = fmt.Sprintf("http://cdn.test%s/%d", path, i)
		w.pubs = append(w.pubs, pub)
	}
	under, most := 0, 0
	var mu sync.Mutex
	w.set("192.0.2.1:80", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		under++
		most = max(most, under)
		mu.Unlock()
		<-time.After(10 * time.Millisecond)
		bodyOf("text/html", html).ServeHTTP(rw, r)
		mu.Lock()
		under--
		mu.Unlock()
	}))
	running(t, w, time.Minute, func(p *probe.Prober) {
		pass(time.Minute)
		for _, got := range p.Probes() {
			if got.Verdict != swarm.ProbeFine {
				t.Errorf("%s: %v", got.URL, got.Verdict)
			}
		}
	})
	if most != 1 {
		t.Errorf("%d requests at a time to one host", most)
	}
	if first, last := w.times[0], w.times[40]; last.Sub(first) < 2*time.Second {
		t.Errorf("41 first rounds within %v", last.Sub(first))
	}
}
