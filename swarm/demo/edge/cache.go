package edge

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// CacheConfig is how a cache behaves.
type CacheConfig struct {
	Upstream http.Handler
	Now      func() time.Time

	// ForgetQuery leaves the query out of the key: the mistake.
	ForgetQuery bool
	// Lifetime, if not 0, is how long everything is kept, whatever the upstream says
	// of it (mode B). With 0 its headers count (mode A).
	Lifetime time.Duration
}

// The cache keeps little, and answers without a lifetime for a while.
const (
	cacheEntries  = 256
	someLifetime  = time.Minute
	longestAnswer = 16 << 20 // bytes
)

// Cache is a small shared HTTP cache (RFC 9111) as an http.Handler: it keeps
// answers of status 200, fetches whole bodies and cuts ranges of them by itself,
// asks again by ETag or date when their time is over, and says in Cache-Status
// (RFC 9211) what it did. Like many a real one it ignores Vary.
type Cache struct {
	mu      sync.Mutex
	cfg     CacheConfig
	entries map[string]*entry
}

type entry struct {
	header  http.Header
	body    []byte
	stored  time.Time
	expires time.Time
}

// NewCache returns an empty cache.
func NewCache(c CacheConfig) *Cache { return &Cache{cfg: c, entries: map[string]*entry{}} }

// SetForgetQuery breaks the cache's key, or mends it. What was kept is dropped.
func (c *Cache) SetForgetQuery(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cfg.ForgetQuery = on
	clear(c.entries)
}

// Forgets tells whether the key lacks the query.
func (c *Cache) Forgets() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cfg.ForgetQuery
}

// Purge drops what is kept.
func (c *Cache) Purge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.entries)
}

// ServeHTTP answers from the cache, or from the upstream.
func (c *Cache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		c.cfg.Upstream.ServeHTTP(w, r)
		return
	}
	c.mu.Lock()
	key := r.Host + r.URL.EscapedPath()
	if !c.cfg.ForgetQuery {
		key += "?" + r.URL.RawQuery
	}
	e, now := c.entries[key], c.cfg.Now()
	c.mu.Unlock()

	if e != nil && now.Before(e.expires) {
		e.serve(w, r, now, "hit")
		return
	}
	answer := c.fetch(r, e)
	if e != nil && answer.Code == http.StatusNotModified {
		renewed := &entry{e.header, e.body, now, now.Add(c.lifetime(e.header, answer.Header()))}
		c.keep(key, renewed)
		renewed.serve(w, r, now, "fwd=stale; fwd-status=304")
		return
	}
	fresh := &entry{answer.Header(), answer.Body.Bytes(), now, now}
	fresh.expires = now.Add(c.lifetime(fresh.header, nil))
	if answer.Code != http.StatusOK {
		maps.Copy(w.Header(), fresh.header)
		w.Header().Set("Cache-Status", "drill; fwd=miss")
		w.WriteHeader(answer.Code)
		w.Write(fresh.body)
		return
	}
	status := "fwd=miss"
	if fresh.expires.After(now) || fresh.revalidates() {
		c.keep(key, fresh)
		status += "; stored"
	}
	fresh.serve(w, r, now, status)
}

// fetch asks the upstream for the whole, as a client that has e.
func (c *Cache) fetch(r *http.Request, e *entry) *httptest.ResponseRecorder {
	up := r.Clone(r.Context())
	up.Method = http.MethodGet // a HEAD fills the cache too, as with nginx
	for _, name := range []string{"Range", "If-Range", "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since"} {
		up.Header.Del(name)
	}
	if e != nil {
		if tag := e.header.Get("ETag"); tag != "" {
			up.Header.Set("If-None-Match", tag)
		} else if at := e.header.Get("Last-Modified"); at != "" {
			up.Header.Set("If-Modified-Since", at)
		}
	}
	answer := httptest.NewRecorder()
	c.cfg.Upstream.ServeHTTP(answer, up)
	return answer
}

// lifetime is how long an answer is kept; the later header goes before the earlier.
func (c *Cache) lifetime(headers ...http.Header) time.Duration {
	if c.cfg.Lifetime > 0 {
		return c.cfg.Lifetime
	}
	life := someLifetime
	for _, h := range headers {
		for directive := range strings.SplitSeq(h.Get("Cache-Control"), ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
			switch strings.ToLower(name) {
			case "no-store", "private":
				return -1
			case "no-cache":
				life = 0
			case "max-age", "s-maxage":
				if n, err := strconv.Atoi(value); err == nil {
					life = time.Duration(n) * time.Second
				}
			}
		}
	}
	return life
}

// revalidates tells of answers that are kept though their time is over at once.
func (e *entry) revalidates() bool {
	return e.expires.Equal(e.stored) && (e.header.Get("ETag") != "" || e.header.Get("Last-Modified") != "")
}

func (c *Cache) keep(key string, e *entry) {
	if len(e.body) > longestAnswer {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= cacheEntries {
		clear(c.entries)
	}
	c.entries[key] = e
}

func (e *entry) serve(w http.ResponseWriter, r *http.Request, now time.Time, status string) {
	h := w.Header()
	maps.Copy(h, e.header)
	h.Del("Content-Length")
	h.Del("Accept-Ranges")
	h.Set("Cache-Status", "drill; "+status)
	h.Set("Age", fmt.Sprint(int(now.Sub(e.stored)/time.Second)))
	modified, _ := http.ParseTime(h.Get("Last-Modified"))
	http.ServeContent(w, r, "", modified, bytes.NewReader(e.body))
}
