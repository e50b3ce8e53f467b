package gateway

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/contenttype"
)

// serve answers one request and records the answer, also one that is cut.
func (g *Gateway) serve(rw http.ResponseWriter, r *http.Request) {
	handling(r)
	w := newRecorder(rw, r, g.now)
	defer func() { g.file(w.response) }()
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Allow-Origin", "*")

	select {
	case g.slots <- struct{}{}:
		defer func() { <-g.slots }()
	default:
		h.Set("Retry-After", "1")
		w.fail(http.StatusTooManyRequests, "too many requests at once")
		return
	}
	switch {
	case r.Host == "":
		w.fail(http.StatusBadRequest, "the request names no host")
	case !g.answersTo(r.Host):
		w.fail(http.StatusMisdirectedRequest, "this gateway does not answer to that host name")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		w.fail(http.StatusMethodNotAllowed, "only GET and HEAD are answered")
	default:
		g.route(w, r)
	}
}

// answersTo guards against DNS rebinding: a page of a stranger reaches this
// machine only under the stranger's own name.
func (g *Gateway) answersTo(host string) bool {
	name := hostName(host)
	_, err := netip.ParseAddr(name)
	return err == nil || g.hosts[name]
}

// route looks at the decoded path alone. All percent-encodings of a path are
// thus one path with one answer: a cache that folds them together, as many do,
// cannot hold a 404 or a redirect of one spelling for those who use another, and
// clients that encode more than they must (BEP 19 leaves it open) are served.
func (g *Gateway) route(w *recorder, r *http.Request) {
	path := r.URL.Path
	if path == "/" {
		g.serveIndex(w)
		return
	}
	if rest, ok := strings.CutPrefix(path, assetPrefix); ok {
		hash, path, _ := strings.Cut(rest, "/")
		if h, ok := parseHash(hash); ok {
			if a, ok := g.assets.Asset(h, path); ok {
				g.serveAsset(w, r, a, ContentType(a, false), "public, max-age=29030400, immutable")
				return
			}
			if strings.HasSuffix(path, "/") && g.serveFolder(w, r, h, path) {
				return
			}
			if g.assets.ToCome(h) {
				g.serveToCome(w, h)
				return
			}
		}
	} else if rest, ok := strings.CutPrefix(path, metainfoPrefix); ok {
		hash, ok := strings.CutSuffix(rest, metainfoSuffix)
		if h, valid := parseHash(hash); ok && valid {
			if b, ok := g.assets.Metainfo(h); ok {
				g.serveMetainfo(w, r, h, b)
				return
			}
			if g.assets.ToCome(h) {
				g.serveToCome(w, h)
				return
			}
		}
	} else if a, ok := g.assets.AssetAt(path); ok {
		g.serveAsset(w, r, a, ContentType(a, true), "public, max-age=60, must-revalidate")
		return
	} else if h, ok := g.assets.ToComeAt(path); ok {
		g.serveToCome(w, h)
		return
	}
	w.fail(http.StatusNotFound, "nothing is served at this path")
}

// serveToCome answers for a swarm of which not even the files are known: it may
// well have what is asked for, but cannot deliver in time.
func (g *Gateway) serveToCome(w *recorder, h swarm.InfoHash) {
	w.response.InfoHash = h
	w.Header().Set("Retry-After", retryAfter)
	w.fail(http.StatusGatewayTimeout, "the metadata of this swarm is still to come")
}

// parseHash takes lower-case digits only.
func parseHash(s string) (swarm.InfoHash, bool) {
	h, err := swarm.ParseInfoHash(s)
	return h, err == nil && h.String() == s
}

// serveMetainfo answers with a .torrent file. Its trackers and web seeds may
// change under the same path, so it is revalidated each time by its own bytes.
func (g *Gateway) serveMetainfo(w *recorder, r *http.Request, hash swarm.InfoHash, metainfo []byte) {
	w.expect(hash, contenttype.Torrent, swarm.FromMetainfo)
	res := contenttype.Check(contenttype.Torrent, metainfo)
	g.noteMetainfo(hash, res)
	if !res.Agrees() {
		w.refuse(res)
		return
	}
	w.response.Verdict = swarm.Fine
	name := hash.String()
	if files := g.assets.Files(hash); len(files) > 0 {
		name, _, _ = strings.Cut(files[0].Path, "/")
	}
	sum := sha256.Sum256(metainfo)
	h := w.Header()
	h.Set("Content-Type", contenttype.Torrent)
	h.Set("Content-Disposition", disposition(name+metainfoSuffix))
	h.Set("Cache-Control", "public, no-cache")
	h.Set("ETag", fmt.Sprintf(`"%x"`, sum[:16]))
	h.Set("Repr-Digest", reprDigest(sum[:]))
	http.ServeContent(w, plainRange(r), "", time.Time{}, bytes.NewReader(metainfo))
}
