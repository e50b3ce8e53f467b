package session

import (
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/webseed"

	"swarmtop/swarm"
)

// webSeed counts what one web seed sends and remembers how it failed last. It is
// the transport through which the library asks it.
type webSeed struct {
	url    string
	client *http.Client // of which this is the transport
	next   http.RoundTripper
	got    atomic.Int64 // body bytes
	flow   flow         // owned by the collector

	mu   sync.Mutex
	err  string
	lied string // it sent bytes that did not match, and none that did since
}

func (s *Session) addWebSeeds(e *entry, urls []string) {
	for _, u := range urls {
		w := &webSeed{url: u, client: s.cfg.Policy.Client(s.TrustOf(u), 0)}
		w.next, w.client.Transport = w.client.Transport, w
		if !e.gain(w) {
			continue
		}
		if t := e.torrent(); t != nil {
			w.join(t)
		}
		s.want(e)
	}
}

// join has the client ask the web seed for what a swarm lacks.
func (w *webSeed) join(t *torrent.Torrent) {
	t.AddWebSeeds([]string{w.url}, func(c *webseed.Client) { c.HttpClient = w.client })
}

// gain notes a web seed, ready to be asked, and tells whether it is new.
func (e *entry) gain(w *webSeed) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if slices.ContainsFunc(e.seeds, func(have *webSeed) bool { return have.url == w.url }) {
		return false
	}
	e.seeds = append(e.seeds, w)
	return true
}

// gave tells whether it has ever sent something.
func (w *webSeed) gave() bool { return w.got.Load() > 0 }

func (w *webSeed) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(r)
	switch {
	case err != nil && r.Context().Err() != nil:
		return nil, err // whoever asked has had enough
	case err != nil:
		w.note(err.Error())
		return nil, err
	case resp.StatusCode >= 400:
		w.note("answered " + resp.Status)
	default:
		w.note("")
	}
	resp.Body = &countedBody{resp.Body, &w.got}
	return resp, nil
}

func (w *webSeed) note(err string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = swarm.Clean(err, nameCells)
}

// judge notes what was wrong with the last bytes of a piece from it; empty for nothing.
func (w *webSeed) judge(lied string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lied = lied
}

func (w *webSeed) lastError() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return or(w.err, w.lied)
}

type countedBody struct {
	io.ReadCloser
	n *atomic.Int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n.Add(int64(n))
	return n, err
}
