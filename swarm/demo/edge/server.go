package edge

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// Server serves a handler on a loopback port of its own.
type Server struct {
	listener net.Listener
	server   *http.Server
}

// NewServer binds a free port of 127.0.0.1.
func NewServer(h http.Handler) (*Server, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &Server{l, &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 30 * time.Second}}, nil
}

// URL returns the base URL, without a slash at the end.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Run serves until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.server.Close() })
	defer stop()
	if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Attack empties the cache behind a URL and sends one request there. It tells
// whether the answer was a torrent: then the cache holds it. It goes to this
// machine only.
func (c *Cache) Attack(ctx context.Context, method, rawURL string, header http.Header) (torrent bool, err error) {
	req, err := http.NewRequestWithContext(ctx, method, rawURL, nil)
	if err != nil {
		return false, err
	}
	if !isLoopback(req.URL.Hostname()) {
		return false, errors.New(rawURL + " is not on this machine")
	}
	for name, values := range header {
		req.Header[name] = values
	}
	client := &http.Client{
		Timeout:       5 * time.Second,
		Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.Purge()
	resp, err := client.Do(req)
	if err != nil {
		return false, err
	}
	return resp.Header.Get("Content-Type") == "application/x-bittorrent", resp.Body.Close()
}

// Poison asks for the torrent of a URL on a cold cache. Somebody may ask for the
// page in between, and fill the cache first: then it tries again.
func (c *Cache) Poison(ctx context.Context, rawURL string) error {
	const tries = 20
	for range tries {
		if torrent, err := c.Attack(ctx, http.MethodGet, rawURL+"?torrent", nil); err != nil || torrent {
			return err
		}
	}
	return errors.New(rawURL + "?torrent did not answer with a torrent")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
