package probe_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/probe"
)

// seen records requests.
type seen struct {
	mu   sync.Mutex
	reqs []*http.Request
	http.Handler
}

func (s *seen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.reqs = append(s.reqs, r)
	s.mu.Unlock()
	s.Handler.ServeHTTP(w, r)
}

func TestFourRequestsAreAskedHonestly(t *testing.T) {
	s := &seen{Handler: storage()}
	base := serve(t, s)
	now := clock{epoch()}
	for range 2 {
		once(t, asker(now.now), base+path+"?v=3", wantHTML(t))
	}
	var queries []string
	for i, r := range s.reqs {
		wantMethod, wantRange := []string{"GET", "HEAD", "GET", "GET"}[i%4], []string{"", "", "bytes=0-10", ""}[i%4]
		if r.Method != wantMethod || r.Header.Get("Range") != wantRange {
			t.Errorf("request %d is %s with range %q", i, r.Method, r.Header.Get("Range"))
		}
		if r.UserAgent() != "swarmtop-test probe" || r.Header.Get("Accept-Encoding") != "identity" || r.Header.Get("Cookie") != "" {
			t.Errorf("request %d has header %v", i, r.Header)
		}
		if !strings.HasPrefix(r.URL.RawQuery, "v=3") {
			t.Errorf("request %d has query %q", i, r.URL.RawQuery)
		}
		if i%4 == 3 {
			queries = append(queries, r.URL.RawQuery)
		}
	}
	if len(s.reqs) != 8 || queries[0] == queries[1] || queries[0] == "v=3" {
		t.Errorf("%d requests, fresh queries %q", len(s.reqs), queries)
	}
}

func TestTorrentIsNeverAskedFor(t *testing.T) {
	s := &seen{Handler: http.RedirectHandler("?a=b&torrent", http.StatusFound)}
	base := serve(t, s)
	now := clock{epoch()}
	a := asker(now.now)
	if got := once(t, a, base+path, wantHTML(t)); got.Verdict != swarm.ProbeWrongType {
		t.Errorf("a redirect to a torrent is %v: %s", got.Verdict, got.Reason)
	}
	for _, query := range []string{"?torrent", "?torrent=", "?x=1&torrent", "?Torrent=1", "?torr%65nt", "?x;torrent"} {
		if _, err := a.Once(t.Context(), base+path+query, wantHTML(t)); !errors.Is(err, probe.ErrTorrentQuery) {
			t.Errorf("%s: %v", query, err)
		}
	}
	for _, r := range s.reqs {
		if probe.AsksForTorrent(r.URL) {
			t.Errorf("asked for %s", r.URL)
		}
	}
}

func TestEveryAddressIsAskedByTheHostsName(t *testing.T) {
	var hosts []string
	var mu sync.Mutex
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hosts = append(hosts, r.Host)
		mu.Unlock()
		storage().ServeHTTP(w, r)
	}))
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	now := clock{epoch()}
	a := asker(now.now)
	a.Lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
		if host != "cdn.test" {
			t.Errorf("looked up %q", host)
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.9.9.9")}, nil
	}
	got, err := a.Once(t.Context(), "http://cdn.test:"+u.Port()+path, wantHTML(t))
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	// The server listens on one of them only.
	if got[0].Verdict != swarm.ProbeFine || got[1].Verdict != swarm.ProbeUnreachable {
		t.Errorf("verdicts %v and %v", got[0].Verdict, got[1].Verdict)
	}
	if want := "--resolve cdn.test:" + u.Port() + ":127.9.9.9"; !strings.Contains(got[1].Curl, want) {
		t.Errorf("%q has no %q", got[1].Curl, want)
	}
	if slices.ContainsFunc(hosts, func(h string) bool { return h != "cdn.test:"+u.Port() }) {
		t.Errorf("asked by %q", hosts)
	}

	a.Lookup = func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no such host") }
	got, err = a.Once(t.Context(), "http://cdn.test/", wantHTML(t))
	if err != nil || len(got) != 1 || got[0].Verdict != swarm.ProbeUnreachable || got[0].Reason != "no such host" {
		t.Errorf("%v, %v", got, err)
	}
	a.Edges = map[string][]netip.Addr{"cdn.test:" + u.Port(): {netip.MustParseAddr("127.0.0.1")}}
	if got := once(t, a, "http://cdn.test:"+u.Port()+path, wantHTML(t)); got.Verdict != swarm.ProbeFine {
		t.Errorf("a given address: %v: %s", got.Verdict, got.Reason)
	}
}

func TestFailuresHaveVerdictsOfTheirOwn(t *testing.T) {
	untrusted := httptest.NewUnstartedServer(storage())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	plain := serve(t, storage())
	gone := httptest.NewServer(storage())
	gone.Close()
	cut := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Length", "71")
		w.Write([]byte(html[:20]))
		panic(http.ErrAbortHandler)
	}))
	now := clock{epoch()}
	for url, want := range map[string]swarm.ProbeVerdict{
		untrusted.URL + path: swarm.ProbeTLS,
		"https" + strings.TrimPrefix(plain, "http") + path: swarm.ProbeTLS,
		gone.URL + path:    swarm.ProbeUnreachable,
		cut + path:         swarm.ProbeUnreachable,
		plain + "/nothing": swarm.ProbeUnreachable,
	} {
		if got := once(t, asker(now.now), url, wantHTML(t)); got.Verdict != want || got.Reason == "" {
			t.Errorf("%s: %v (%s), want %v", url, got.Verdict, got.Reason, want)
		}
	}
}

func TestAnAddressWithoutARouteIsNotTheOthersFault(t *testing.T) {
	now := clock{epoch()}
	a := asker(now.now)
	a.Client = func(func(string) string) *http.Client {
		return &http.Client{Transport: failing{&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}}}
	}
	got := once(t, a, "http://[2001:db8::1]"+path, wantHTML(t))
	if got.Verdict != swarm.NotProbed || !strings.Contains(got.Reason, "no way there") {
		t.Errorf("%v: %s", got.Verdict, got.Reason)
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }
