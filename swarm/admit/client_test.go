package admit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"swarmtop/swarm/admit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// network is a small internet: names, their addresses, and one server behind
// every address. A connection to it passes the guard with the address that the name has here.
type network struct {
	names  map[string]string // host → address
	server *httptest.Server
}

func newNetwork(t *testing.T, names map[string]string, h http.HandlerFunc) *network {
	n := &network{names: names, server: httptest.NewServer(h)}
	t.Cleanup(n.server.Close)
	return n
}

func (n *network) client(t *testing.T, p admit.Policy, trust admit.Trust) *http.Client {
	c := p.ClientDialing(trust, func(control func(string, string, syscall.RawConn) error) func(context.Context, string, string) (net.Conn, error) {
		return func(ctx context.Context, network, address string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			if known, ok := n.names[host]; ok {
				host = known
			}
			to := netip.AddrPortFrom(netip.MustParseAddr(host), 80)
			if err := control("tcp", to.String(), nil); err != nil {
				return nil, err
			}
			var d net.Dialer
			conn, err := d.DialContext(ctx, network, n.server.Listener.Addr().String())
			if err != nil {
				return nil, err
			}
			return &farConn{conn, net.TCPAddrFromAddrPort(to)}, nil
		}
	})
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// farConn is a connection that seems to lead to another address.
type farConn struct {
	net.Conn
	to net.Addr
}

func (c *farConn) RemoteAddr() net.Addr { return c.to }

// get returns the body, or the refused address in brackets.
func get(t *testing.T, c *http.Client, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if refused, ok := errors.AsType[*admit.AddressError](err); ok {
		return fmt.Sprintf("[%s]", refused.Addr)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// redirector answers its host's name, and sends /to/<host>/<path> to that host's path.
func redirector(w http.ResponseWriter, r *http.Request) {
	if rest, ok := strings.CutPrefix(r.URL.Path, "/to/"); ok {
		http.Redirect(w, r, "http://"+rest, http.StatusFound)
		return
	}
	fmt.Fprint(w, r.Host)
}

func TestNamesAreHeldByTheAddressTheyResolveTo(t *testing.T) {
	n := newNetwork(t, map[string]string{"public": "93.184.216.34", "rebound": "127.0.0.1", "home": "192.168.1.1", "metadata": "169.254.169.254", "six": "::1"}, redirector)
	for _, c := range []struct {
		trust admit.Trust
		url   string
		want  string
	}{
		{admit.Foreign, "http://public/x?y", "public"},
		{admit.Foreign, "http://rebound/announce", "[127.0.0.1]"},
		{admit.Foreign, "http://six/announce", "[::1]"},
		{admit.Foreign, "http://home/announce", "[192.168.1.1]"},
		{admit.Given, "http://rebound/announce?info_hash=x", "rebound"},
		{admit.Given, "http://home/file.js", "home"},
		{admit.Given, "http://home/reboot?now", "[192.168.1.1]"},
		{admit.Given, "http://metadata/announce", "[169.254.169.254]"},
		{admit.Typed, "http://home/reboot?now", "home"},
		{admit.Typed, "http://metadata/latest", "[169.254.169.254]"},
	} {
		if got := get(t, n.client(t, admit.Policy{}, c.trust), c.url); got != c.want {
			t.Errorf("%v %s: %s, want %s", c.trust, c.url, got, c.want)
		}
	}
}

func TestRedirectsNeverLeadFromPublicToLocal(t *testing.T) {
	n := newNetwork(t, map[string]string{"public": "93.184.216.34", "other": "8.8.8.8", "loop": "127.0.0.1", "home": "192.168.1.1", "metadata": "169.254.169.254"}, redirector)
	for _, c := range []struct {
		trust admit.Trust
		url   string
		want  string
	}{
		{admit.Foreign, "http://public/to/other/x", "other"},
		{admit.Typed, "http://public/to/other/x", "other"},
		{admit.Typed, "http://public/to/loop/announce", "[127.0.0.1]"},
		{admit.Typed, "http://public/to/home/x", "[192.168.1.1]"},
		{admit.Typed, "http://public/to/metadata/x", "[169.254.169.254]"},
		{admit.Typed, "http://public/to/other/to/loop/x", "[127.0.0.1]"},
		{admit.Typed, "http://home/to/public/to/loop/x", "[127.0.0.1]"},
		{admit.Given, "http://public/to/loop/announce", "[127.0.0.1]"},
		{admit.Typed, "http://home/to/loop/x", "loop"},
		{admit.Given, "http://home/to/loop/announce", "loop"},
		{admit.Given, "http://home/to/public/x", "public"},
		{admit.Typed, "http://home/to/metadata/x", "[169.254.169.254]"},
	} {
		if got := get(t, n.client(t, admit.Policy{}, c.trust), c.url); got != c.want {
			t.Errorf("%v %s: %s, want %s", c.trust, c.url, got, c.want)
		}
	}
}

func TestAConnectionThatOneURLMayUseDoesNotServeAnother(t *testing.T) {
	n := newNetwork(t, map[string]string{"home": "192.168.1.1", "public": "8.8.8.8"}, redirector)
	c := n.client(t, admit.Policy{}, admit.Given)
	for _, step := range []struct{ url, want string }{
		{"http://home/announce?a", "home"},
		{"http://home/reboot?now", "[192.168.1.1]"},
		{"http://public/to/home/announce", "[192.168.1.1]"},
		{"http://home/announce?b", "home"},
	} {
		if got := get(t, c, step.url); got != step.want {
			t.Errorf("%s: %s, want %s", step.url, got, step.want)
		}
	}
}

func TestAllowedNetsAreReachedByRedirectToo(t *testing.T) {
	n := newNetwork(t, map[string]string{"public": "8.8.8.8", "home": "192.168.1.1"}, redirector)
	p := admit.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24")}}
	if got := get(t, n.client(t, p, admit.Foreign), "http://public/to/home/x?y"); got != "home" {
		t.Errorf("got %s", got)
	}
}

func TestRedirectsAreBoundedAndTellNoReferer(t *testing.T) {
	hops := 0
	n := newNetwork(t, map[string]string{"public": "8.8.8.8"}, func(w http.ResponseWriter, r *http.Request) {
		if r.Referer() != "" {
			t.Errorf("hop %d was told that it comes from %s", hops, r.Referer())
		}
		hops++
		http.Redirect(w, r, "/again", http.StatusFound)
	})
	_, err := n.client(t, admit.Policy{}, admit.Typed).Get("http://public/?passkey=secret")
	if err == nil || !strings.Contains(err.Error(), "more than 5 redirects") || hops != 6 {
		t.Errorf("%d requests, error %v", hops, err)
	}
}

func TestClientsOwnDialerIsGuarded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(redirector))
	defer server.Close()
	foreign, typed := admit.Policy{}.Client(admit.Foreign, 0), admit.Policy{}.Client(admit.Typed, 0)
	defer typed.CloseIdleConnections()
	if got := get(t, foreign, server.URL+"/announce"); got != "[127.0.0.1]" {
		t.Errorf("foreign: %s", got)
	}
	if got := get(t, typed, server.URL+"/announce"); got != server.Listener.Addr().String() {
		t.Errorf("typed: %s", got)
	}
	_, err := admit.Policy{}.Dialer(admit.Public).DialContext(t.Context(), "udp", server.Listener.Addr().String())
	if _, ok := errors.AsType[*admit.AddressError](err); !ok {
		t.Errorf("udp: %v", err)
	}
}

func TestCertificatesAreVerified(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(redirector))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	resp, err := admit.Policy{}.Client(admit.Typed, 0).Get(server.URL)
	if err == nil {
		resp.Body.Close()
		t.Fatal("a certificate that nobody signed was accepted")
	}
	if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("error %v", err)
	}
}
