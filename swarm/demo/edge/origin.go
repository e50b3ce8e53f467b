// Package edge is what stood between the button of 2013 and its readers, small
// enough to be replayed on one machine: storage that answers `?torrent` with
// metainfo made on demand, and a cache in front of it that may forget the query.
package edge

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anacrolix/torrent/bencode"
)

// TorrentPieceLength is that of metainfo made on demand, in bytes, as S3 had it.
const TorrentPieceLength = 256 << 10

// Object is one thing in storage.
type Object struct {
	Type string // media type
	Data []byte
}

// Origin is object storage over HTTP (http.Handler) that still offers each object
// as a torrent, as S3 did: `GET /key?torrent`.
type Origin struct {
	Bucket   string
	Objects  map[string]Object // by URL path; changed by Put and Delete alone once it serves
	Modified time.Time         // of all objects

	// Torrent, if not nil, changes the header of an answer to ?torrent before it is
	// sent. S3 said nothing there of caching.
	Torrent func(http.Header)

	down atomic.Bool
	mu   sync.RWMutex // guards Objects
}

// Put stores an object at a URL path.
func (o *Origin) Put(path string, object Object) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Objects[path] = object
}

// Delete removes the object at a URL path.
func (o *Origin) Delete(path string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.Objects, path)
}

// SetDown makes everything answer 503 (on), or as before (off).
func (o *Origin) SetDown(on bool) { o.down.Store(on) }

// Down tells whether everything answers 503.
func (o *Origin) Down() bool { return o.down.Load() }

// ServeHTTP answers GET and HEAD.
func (o *Origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Server", "drill-storage")
	o.mu.RLock()
	object, ok := o.Objects[r.URL.Path]
	o.mu.RUnlock()
	switch {
	case o.Down():
		http.Error(w, "the origin is stopped", http.StatusServiceUnavailable)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	case !ok:
		http.Error(w, "no such key", http.StatusNotFound)
		return
	}
	if r.URL.Query().Has("torrent") {
		o.serveTorrent(w, r, object.Data)
		return
	}
	h.Set("Content-Type", object.Type)
	h.Set("ETag", etag(object.Data))
	http.ServeContent(w, r, "", o.Modified, bytes.NewReader(object.Data))
}

func (o *Origin) serveTorrent(w http.ResponseWriter, r *http.Request, data []byte) {
	b := Torrent(o.Bucket, strings.TrimPrefix(r.URL.Path, "/"), data)
	h := w.Header()
	h.Set("Content-Type", "application/x-bittorrent")
	name := strings.ReplaceAll(strings.TrimPrefix(r.URL.Path, "/"), "/", "-") + ".torrent"
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("ETag", etag(b))
	if o.Torrent != nil {
		o.Torrent(h)
	}
	if to := h.Get("Location"); to != "" {
		http.Redirect(w, r, to, http.StatusFound)
		return
	}
	modified := time.Time{}
	if h.Get("Last-Modified") != "" {
		modified = o.Modified
	}
	http.ServeContent(w, r, "", modified, bytes.NewReader(b))
}

func etag(b []byte) string {
	sum := md5.Sum(b)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// Torrent makes the metainfo that S3 made of an object, bucket and key inside the
// info dictionary and so part of the info hash. The tracker is one that nobody reaches.
func Torrent(bucket, key string, data []byte) []byte {
	var pieces []byte
	for part := range slices.Chunk(data, TorrentPieceLength) {
		sum := sha1.Sum(part)
		pieces = append(pieces, sum[:]...)
	}
	return bencode.MustMarshal(map[string]any{
		"announce":      "http://tracker.invalid:6969/announce",
		"announce-list": [][]string{{"http://tracker.invalid:6969/announce"}},
		"info": map[string]any{
			"length": len(data), "name": path.Base(key), "piece length": TorrentPieceLength,
			"pieces": string(pieces), "x-amz-bucket": bucket, "x-amz-key": key,
		},
	})
}
