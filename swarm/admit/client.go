package admit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"syscall"
	"time"
)

// control is the type of [net.Dialer.Control], called with the address that a name resolved to.
type control = func(network, address string, _ syscall.RawConn) error

// Control returns a function for [net.Dialer.Control] that lets a socket
// connect only where the scope allows. What it returns otherwise wraps an [*AddressError].
func (p Policy) Control(scope Scope) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("address %s is refused: not an IP address and a port", quote(address))
		}
		return p.Check(to.Addr(), scope)
	}
}

// Dialer returns a dialer with that Control, for connections that need no Client.
func (p Policy) Dialer(scope Scope) *net.Dialer {
	return dialer(p.Control(scope))
}

func dialer(c control) *net.Dialer {
	return &net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second, Control: c}
}

// Client returns an HTTP client for URLs that came from where trust says. Each
// connection is checked after resolving, each redirect by the rules for the
// URL it leads to, and one from a public address never leads to a loopback, private or
// link-local one. It verifies certificates, follows at most five redirects, sends
// no cookies and no Referer, uses no proxy, and keeps connections alive: call its CloseIdleConnections at the end.
//
// timeout is for a whole request with its body; 0 is none, beyond the bounds on
// dialling, the TLS handshake and the wait for the header of the answer.
// Reading no more of a body than is wanted is left to the caller.
func (p Policy) Client(trust Trust, timeout time.Duration) *http.Client {
	return p.client(trust, timeout, func(c control) dialFunc { return dialer(c).DialContext })
}

// ClientVia is Client with every connection to host:port made to the address that
// via returns for it, as when one edge of a cache is to be asked: name and
// certificate stay those of the URL, and the address is checked as any other.
func (p Policy) ClientVia(trust Trust, timeout time.Duration, via func(hostPort string) string) *http.Client {
	return p.client(trust, timeout, func(c control) dialFunc {
		d := dialer(c)
		return func(ctx context.Context, network, address string) (net.Conn, error) {
			return d.DialContext(ctx, network, via(address))
		}
	})
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// client is Client with a dialer of the test's choice.
func (p Policy) client(trust Trust, timeout time.Duration, dial func(control) dialFunc) *http.Client {
	g := &guard{trust: trust}
	for scope := range g.by {
		g.by[scope] = &http.Transport{
			DialContext:            dial(p.Control(Scope(scope))),
			TLSHandshakeTimeout:    15 * time.Second,
			ResponseHeaderTimeout:  30 * time.Second,
			IdleConnTimeout:        60 * time.Second,
			MaxResponseHeaderBytes: 16 << 10,
			MaxIdleConns:           64,
			MaxIdleConnsPerHost:    4,
			MaxConnsPerHost:        16,
		}
	}
	return &http.Client{Transport: g, Timeout: timeout, CheckRedirect: checkRedirect}
}

func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if req.URL.User != nil {
		return errors.New("redirected to a URL with user info, which is not allowed")
	}
	req.Header.Del("Referer") // URLs of trackers carry passkeys
	return nil
}

// guard sends each request through the transport of its scope. The scopes have
// transports of their own, since a connection that one request was allowed to
// open must not serve another that was not.
type guard struct {
	trust Trust
	by    [Any + 1]*http.Transport
}

// hop is what a request leaves behind for the redirect that may follow it.
type hop struct{ local bool }

type hopKey struct{}

func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	scope := scopeOf(g.trust, req.URL)
	if req.Response != nil && req.Response.Request != nil { // a redirect
		last, _ := req.Response.Request.Context().Value(hopKey{}).(*hop)
		if last == nil || !last.local {
			scope = Public
		}
	}
	h := &hop{}
	ctx := context.WithValue(req.Context(), hopKey{}, h)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		addr, err := netip.ParseAddrPort(info.Conn.RemoteAddr().String())
		h.local = err == nil && isLocal(addr.Addr())
	}})
	return g.by[scope].RoundTrip(req.WithContext(ctx))
}

// CloseIdleConnections closes the connections that serve no request now.
func (g *guard) CloseIdleConnections() {
	for _, t := range g.by {
		t.CloseIdleConnections()
	}
}
