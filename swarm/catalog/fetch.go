package catalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// fetch asks a URL for metainfo, once.
func (c *Catalog) fetch(ctx context.Context, source string) (Entry, error) {
	if _, err := c.policy.HTTPURL(source, admit.Typed); err != nil {
		return Entry{}, err
	}
	a, err := c.get(ctx, source)
	if err != nil {
		return Entry{}, fmt.Errorf("%s: %w", source, err)
	}
	e, err := c.torrent(a.body, a.trust)
	if err != nil {
		return Entry{}, fmt.Errorf("%s: %w", source, err)
	}
	if u, err := url.Parse(source); err == nil && u.Query().Has("torrent") {
		e.notef("%s was asked once, because you named it: a cache that leaves ?torrent out of its key may now answer the torrent to everyone who wants the asset", source)
	}
	return e, nil
}

type answer struct {
	body  []byte
	trust admit.Trust // of the URLs inside
}

func (c *Catalog) get(ctx context.Context, source string) (answer, error) {
	a := answer{trust: admit.Foreign}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		a.trust = admit.Foreign
		if addr, err := netip.ParseAddrPort(info.Conn.RemoteAddr().String()); err == nil {
			a.trust = admit.TrustOf(addr.Addr())
		}
	}})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return a, err
	}
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", "application/x-bittorrent, */*;q=0.5")
	defer c.client.CloseIdleConnections() // a source is asked once
	resp, err := c.client.Do(req)
	if err != nil {
		if urlErr, ok := errors.AsType[*url.Error](err); ok { // it names the URL once more
			err = urlErr.Err
		}
		return a, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, admit.MaxMetainfo+1))
	a.body = body
	switch {
	case resp.StatusCode != http.StatusOK:
		return a, fmt.Errorf("answered %s", swarm.Clean(resp.Status, 80))
	case err != nil:
		return a, fmt.Errorf("reading the answer: %w", err)
	case !bytes.HasPrefix(body, []byte("d")):
		return a, fmt.Errorf("answered %s, not a torrent", describe(resp.Header.Get("Content-Type"), body))
	}
	return a, nil
}

// describe shows what came instead: its type and how it begins.
func describe(contentType string, body []byte) string {
	if contentType == "" {
		contentType = "no content type"
	}
	begin := "nothing"
	if len(body) > 0 {
		begin = swarm.Clean(string(body[:min(len(body), 200)]), 40)
	}
	return fmt.Sprintf("%s (%s)", swarm.Clean(contentType, 80), begin)
}
