package demo

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// runVisitor asks the gateway for one thing after another, the way browsers,
// caches and the odd stray link do, until ctx ends.
func (c *Crowd) runVisitor(ctx context.Context, index int, h host) {
	r := c.chance(1+len(c.peers)+index, 0)
	client := h.httpClient()
	base := strings.TrimSuffix(c.cfg.Gateway, "/")
	etags := map[string]string{}
	for n := 0; ; n++ {
		wait := c.between(r, 0, time.Second)
		if n > 0 {
			wait = c.between(r, 1500*time.Millisecond, 4*time.Second)
		}
		if !pause(ctx, wait) {
			return
		}
		path := c.cfg.Paths[r.IntN(len(c.cfg.Paths))]
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
		if err != nil {
			continue
		}
		req.Header.Set("User-Agent", fmt.Sprintf("swarmtop-demo-visitor/%d", index+1))
		vary(r, req, etags[path])
		resp, err := client.Do(req)
		if err != nil {
			continue
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			etags[path] = resp.Header.Get("ETag")
		}
	}
}

// vary makes one request in three something else than a plain GET: a HEAD, a
// range, a question whether a kept copy still holds, a stray query, a file that is not there.
func vary(r *rand.Rand, req *http.Request, etag string) {
	switch r.IntN(24) {
	case 0, 1:
		req.Method = http.MethodHead
	case 2, 3:
		req.Header.Set("Range", fmt.Sprintf("bytes=0-%d", 255+r.IntN(4096)))
	case 4, 5, 6:
		if etag != "" {
			req.Header.Set("If-None-Match", etag)
		}
	case 7:
		req.URL.RawQuery = fmt.Sprintf("v=%d", r.IntN(100))
	case 8:
		req.URL.Path += ".map"
		req.URL.RawPath = ""
	}
}
