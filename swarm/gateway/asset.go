package gateway

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/contenttype"
)

const (
	retryAfter = "5" // seconds, when the swarm cannot deliver yet
	sandbox    = "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox"
)

// serveAsset answers with the bytes of one asset as contentType.
func (g *Gateway) serveAsset(w *recorder, r *http.Request, a swarm.Asset, contentType, cacheControl string) {
	w.expect(a.InfoHash, contentType, swarm.FromBlob)
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", cacheControl)
	h.Set("ETag", etag(a, contentType))
	h.Set("Accept-Ranges", "bytes")
	if !a.Published && !a.Trusted && isDocument(contentType) {
		h.Set("Content-Security-Policy", sandbox)
	}
	if a.Complete {
		g.serveComplete(w, r, a, contentType)
	} else {
		g.serveArriving(w, r, a, contentType)
	}
}

// serveComplete answers with bytes that are all here.
func (g *Gateway) serveComplete(w *recorder, r *http.Request, a swarm.Asset, contentType string) {
	body, err := g.open(a)
	if err == nil {
		defer body.Close()
		var res contenttype.Result
		if res, err = g.check(a, contentType, body); err == nil && !res.Agrees() {
			err = &wrongContent{res}
		}
	}
	if err != nil {
		g.unreadable(w, r, a, err)
		return
	}
	g.noteReading(a, nil)
	w.response.Verdict = swarm.Fine
	h := w.Header()
	if d := g.audit.digest(a); d != "" {
		h.Set("Repr-Digest", d)
	}
	if body.entry != nil && isPlain(r) {
		h.Set("Content-Length", strconv.Itoa(len(body.entry.bytes)))
		w.WriteHeader(http.StatusOK)
		g.prepare(w, r, a, body.entry)
		w.Write(body.entry.bytes) // a reader that is gone is no failure of ours
		return
	}
	w.hold(body.begun.Load)
	http.ServeContent(w, plainRange(r), "", time.Time{}, body)
	if err := body.err(); err != nil {
		g.unreadable(w, r, a, err)
		return
	}
	w.release()
}

// isDocument tells of types whose scripts a browser runs as a page of this
// gateway's origin.
func isDocument(contentType string) bool {
	t, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	t = strings.TrimSpace(t)
	return t == "text/html" || strings.HasSuffix(t, "/xml") || strings.HasSuffix(t, "+xml")
}

// isPlain tells whether the whole body is asked for without conditions.
func isPlain(r *http.Request) bool {
	if r.Method != http.MethodGet {
		return false
	}
	for _, name := range []string{"Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		if len(r.Header[name]) > 0 {
			return false
		}
	}
	return true
}

// plainRange returns r without a Range that has to be ignored (RFC 9110, section
// 14.2): on another method than GET, of another unit than bytes, or malformed.
// Otherwise the unit comes out in lower case, as http.ServeContent wants it.
func plainRange(r *http.Request) *http.Request {
	ranges := r.Header["Range"]
	if len(ranges) == 0 {
		return r
	}
	r = r.Clone(r.Context())
	r.Header.Del("Range")
	unit, set, _ := strings.Cut(ranges[0], "=")
	if r.Method == http.MethodGet && len(ranges) == 1 && strings.EqualFold(unit, "bytes") {
		if set, ok := rangeSet(set); ok {
			r.Header.Set("Range", "bytes="+set)
		}
	}
	return r
}

// mostRanges is how many ranges one request gets: each costs a head of its own, so
// that many short ones (RFC 9110, section 14.2) would be more than all of the asset.
const mostRanges = 64

// rangeSet checks a list of first-last, first- and -length (RFC 9110, section
// 14.1.1) and writes it anew, so that http.ServeContent reads all of it as that
// section does: a length of nothing cannot be satisfied, a number may be too large.
func rangeSet(s string) (string, bool) {
	var specs []string
	for spec := range strings.SplitSeq(s, ",") {
		spec = strings.Trim(spec, " \t")
		if spec == "" {
			continue // lists may have empty elements
		}
		first, last, ok := strings.Cut(spec, "-")
		if !ok || first == "" && last == "" || !isDigits(first) || !isDigits(last) {
			return "", false
		}
		f, l := position(first), position(last)
		switch {
		case first == "" && l == 0:
			spec = fmt.Sprintf("%d-", int64(math.MaxInt64))
		case first == "":
			spec = fmt.Sprintf("-%d", l)
		case last == "":
			spec = fmt.Sprintf("%d-", f)
		case f > l:
			return "", false
		default:
			spec = fmt.Sprintf("%d-%d", f, l)
		}
		specs = append(specs, spec)
	}
	return strings.Join(specs, ","), len(specs) > 0 && len(specs) <= mostRanges
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// position reads digits; what is too large is the largest.
func position(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// body is the verified bytes of an asset for one request, read in order or by
// ranges. A read that fails is remembered, since http.ServeContent drops it.
type body struct {
	io.ReadSeeker
	io.ReaderAt
	entry   *entry // the whole, when it is in memory
	size    int64
	begun   atomic.Bool           // some bytes could be read; several ranges are read by a goroutine of their own
	failure atomic.Pointer[error] // of a read
	close   func()
}

// Close gives the bytes back.
func (b *body) Close() error { b.close(); return nil }

// err returns why the bytes could not be read, or nil.
func (b *body) err() error {
	if err := b.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// Read passes on all errors but the end of the asset, which must not come early.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadSeeker.Read(p)
	if n > 0 {
		b.begun.Store(true)
	}
	if err == io.EOF {
		if at, _ := b.Seek(0, io.SeekCurrent); at < b.size {
			err = io.ErrUnexpectedEOF
		}
	}
	if err != nil && err != io.EOF {
		b.failure.Store(&err)
	}
	return n, err
}

// open returns the asset's bytes: from memory, or read and kept there when there
// is room for them, else straight from the content.
func (g *Gateway) open(a swarm.Asset) (*body, error) {
	e, err := g.cache.get(keyOf(a), a.Size, func() ([]byte, error) {
		c, err := g.assets.Open(a)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		b := make([]byte, a.Size)
		if err := readFull(c, b); err != nil {
			return nil, err
		}
		g.audit.learn(a, b)
		return b, nil
	})
	if err != nil {
		return nil, err
	}
	if e != nil {
		if g.audit.digest(a) == "" { // forgotten while the asset was gone
			g.audit.learn(a, e.bytes)
		}
		r := bytes.NewReader(e.bytes)
		return &body{ReadSeeker: r, ReaderAt: r, entry: e, size: a.Size, close: func() { g.cache.release(e) }}, nil
	}
	c, err := g.assets.Open(a)
	if err != nil {
		return nil, err
	}
	r := g.audit.learning(a, io.NewSectionReader(c, 0, a.Size))
	return &body{ReadSeeker: r, ReaderAt: c, size: a.Size, close: func() { c.Close() }}, nil
}

// readFull fills b from the beginning of r.
func readFull(r io.ReaderAt, b []byte) error {
	n, err := r.ReadAt(b, 0)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = fmt.Errorf("content ends after %d of %d bytes", n, len(b))
	}
	return err
}

// reprDigest is the value of a Repr-Digest header (RFC 9530).
func reprDigest(sha256 []byte) string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sha256) + ":"
}
