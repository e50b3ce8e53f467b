package probe_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"go.uber.org/goleak"

	"swarmtop/swarm"
	"swarmtop/swarm/demo/edge"
	"swarmtop/swarm/probe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	html = "<!doctype html>\n<title>Share</title>\n<button>Share this page</button>\n"
	path = "/widgets/tweet_button.html"
)

func epoch() time.Time { return time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC) }

// clock is a time that tests move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// asker asks this machine, without the rules for addresses.
func asker(now func() time.Time) probe.Asker {
	return probe.Asker{
		Client: func(via func(string) string) *http.Client {
			var d net.Dialer
			return &http.Client{
				Timeout: 5 * time.Second,
				Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
					return d.DialContext(ctx, network, via(addr))
				}},
				CheckRedirect: func(*http.Request, []*http.Request) error { return nil },
			}
		},
		Lookup:    func(context.Context, string) ([]netip.Addr, error) { panic("no name is looked up here") },
		UserAgent: "swarmtop-test probe",
		Now:       now,
	}
}

func storage() *edge.Origin {
	return &edge.Origin{
		Bucket:   "platform",
		Objects:  map[string]edge.Object{path: {Type: "text/html; charset=utf-8", Data: []byte(html)}},
		Modified: epoch().Add(-time.Hour),
	}
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func measure(t *testing.T, b string) probe.Bytes {
	t.Helper()
	m, err := probe.Measure(bytes.NewReader([]byte(b)), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func wantHTML(t *testing.T) probe.Want {
	b := measure(t, html)
	return probe.Want{Type: "text/html", Bytes: &b}
}

// once probes a URL at its only address.
func once(t *testing.T, a probe.Asker, url string, want probe.Want) swarm.Probe {
	t.Helper()
	got, err := a.Once(t.Context(), url, want)
	if err != nil || len(got) != 1 {
		t.Fatalf("Once(%s): %v, %v", url, got, err)
	}
	return got[0]
}

// attack sends a request and drops the answer.
func attack(t *testing.T, method, rawURL string, header http.Header) {
	t.Helper()
	if u, err := url.Parse(rawURL); err != nil || u.Hostname() != "127.0.0.1" {
		t.Fatalf("%s is not this machine", rawURL)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, rawURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header.Clone()
	c := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}
