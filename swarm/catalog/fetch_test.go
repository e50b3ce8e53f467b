package catalog_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"swarmtop/swarm/admit"
	"swarmtop/swarm/catalog"
)

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestMetainfoByURL(t *testing.T) {
	torrent, b := torrentOf(t)
	var asked atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.UserAgent() != "swarmtop/test" || r.Method != http.MethodGet {
			t.Errorf("%s by %q", r.Method, r.UserAgent())
		}
		w.Header().Set("Content-Type", "application/x-bittorrent")
		w.Write(b)
	})
	c := catalog.New(catalog.Config{UserAgent: "swarmtop/test"})
	for source, notes := range map[string]string{url + "/x.torrent": "left out: web seed", url + "/button.html?torrent": "was asked once"} {
		asked.Store(0)
		got, err := c.Resolve(t.Context(), source)
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %d entries, %v", source, len(got), err)
		}
		e := got[0]
		if e.InfoHash != torrent.InfoHash || e.Foreign || len(e.Trackers) != 2 {
			t.Errorf("%s: %+v", source, e)
		}
		if all := strings.Join(e.Notes, "\n"); !strings.Contains(all, notes) || strings.Contains(all, "was asked once") != strings.Contains(source, "?torrent") {
			t.Errorf("%s: notes %q", source, e.Notes)
		}
		if asked.Load() != 1 {
			t.Errorf("%s was asked %d times", source, asked.Load())
		}
	}
}

// farTransport makes a server seem to stand at a public address.
func farTransport() *http.Transport {
	return &http.Transport{DisableKeepAlives: true, DialContext: func(_ context.Context, network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		return farConn{conn}, err
	}}
}

type farConn struct{ net.Conn }

func (farConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort("93.184.216.34:80"))
}

func TestMetainfoFromAPublicAddressIsForeign(t *testing.T) {
	_, b := torrentOf(t)
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(b) })
	got, err := catalog.New(catalog.Config{Client: &http.Client{Transport: farTransport()}}).Resolve(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	e := got[0]
	if !e.Foreign || fmt.Sprint(e.Trackers) != "[[udp://t.example:1]]" || e.Trust("udp://t.example:1") != admit.Foreign {
		t.Errorf("foreign %v, trackers %v, notes %q", e.Foreign, e.Trackers, e.Notes)
	}
}

func TestOtherAnswersAreToldAsTheyCame(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/html":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<!doctype html>\n<title>A button</title>\x1b[31m<p>and more of it</p>")
		case "/empty":
			w.Header()["Content-Type"] = nil
		case "/broken":
			fmt.Fprint(w, "d4:infodee")
		case "/large":
			fmt.Fprint(w, "d", strings.Repeat("x", admit.MaxMetainfo))
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	})
	c := catalog.New(catalog.Config{})
	for path, want := range map[string]string{
		"/html":     ": answered text/html; charset=utf-8 (<!doctype html> <title>A button</title>…), not a torrent",
		"/empty":    ": answered no content type (nothing), not a torrent",
		"/gone":     ": answered 404 Not Found",
		"/broken":   ": metainfo: info: name: missing",
		"/large":    ": metainfo: 10485761 bytes, the limit is 10485760",
		"/metadata": "address 169.254.169.254 is refused",
	} {
		got, err := c.Resolve(t.Context(), url+path)
		if len(got) != 0 || err == nil || !strings.HasPrefix(err.Error(), url+path+": ") || !strings.Contains(err.Error(), want) ||
			strings.Count(err.Error(), url) != 1 || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: %d entries, %v, want %q", path, len(got), err, want)
		}
	}
}
