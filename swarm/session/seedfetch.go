package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/blob"
)

// fetchFromSeeds brings a piece from the swarm's web seeds into the store, one
// after the other until one has it right. Peers that have the piece are given a
// moment first; the torrent client asks web seeds by itself, but only after seconds.
func (s *Session) fetchFromSeeds(ctx context.Context, e *entry, key awaitedKey) {
	_, meta := e.info()
	wait := time.Duration(0)
	if e.hasPeerWith(key.piece) {
		wait = peersFirst
	}
	for {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		for _, w := range e.webSeeds() {
			if s.fetchPiece(ctx, w, e, meta, key) {
				return
			}
		}
		wait = seedRetry
	}
}

// fetchPiece asks one web seed for a piece, verifies and keeps it, and tells
// whether it is here.
func (s *Session) fetchPiece(ctx context.Context, w *webSeed, e *entry, meta *admit.Torrent, key awaitedKey) bool {
	select {
	case s.awaiting.slots <- struct{}{}:
		defer func() { <-s.awaiting.slots }()
	case <-ctx.Done():
		return false
	}
	b, err := w.piece(ctx, meta, key.piece)
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		w.note(err.Error())
		return false
	}
	s.awaiting.note(key)
	err = s.blobs.Put(e.hash, key.piece, b)
	switch {
	case errors.Is(err, blob.ErrDamaged):
		w.judge(fmt.Sprintf("sent bytes of piece %d that do not match their hash", key.piece))
		return false
	case err != nil: // of our own disk
		return false
	}
	w.judge("")
	// The torrent client learns of the piece by hashing it; nobody has to wait for that.
	e.entering.Lock() // one that is just entering may have looked before the piece was here
	t := e.torrent()
	e.entering.Unlock()
	if t != nil {
		_ = t.Piece(key.piece).VerifyDataContext(ctx)
	}
	return true
}

func (e *entry) hasPeerWith(piece int) bool {
	t := e.torrent()
	if t == nil {
		return false
	}
	for _, pc := range t.PeerConns() {
		if pc.PeerPieces().Contains(uint32(piece)) {
			return true
		}
	}
	return false
}

func (e *entry) webSeeds() []*webSeed {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.seeds
}

func (e *entry) hasSeeds() bool { return len(e.webSeeds()) > 0 }

// piece fetches the bytes of a piece, which may be parts of several files.
func (w *webSeed) piece(ctx context.Context, meta *admit.Torrent, piece int) ([]byte, error) {
	begin := int64(piece) * meta.PieceLength
	b := make([]byte, min(meta.PieceLength, meta.Length-begin))
	end := begin + int64(len(b))
	for _, f := range meta.Files {
		from, to := max(begin, f.Offset), min(end, f.Offset+f.Length)
		if from >= to || f.Pad { // padding is zeros (BEP 47)
			continue
		}
		if err := w.read(ctx, meta, f, from-f.Offset, b[from-begin:to-begin]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// read fills b with the bytes of a file from off on.
func (w *webSeed) read(ctx context.Context, meta *admit.Torrent, f admit.File, off int64, b []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.fileURL(meta, f), nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", Name+"/"+Version)
	req.Header.Set("Accept-Encoding", "identity")
	last := off + int64(len(b)) - 1
	if int64(len(b)) != f.Length {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", off, last))
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusPartialContent:
		if got, want := resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/", off, last); !strings.HasPrefix(got, want) {
			return fmt.Errorf("answered the range %q, not %s", swarm.Clean(got, 40), want)
		}
	case http.StatusOK: // a server without ranges sends all of the file
		if _, err := io.CopyN(io.Discard, resp.Body, off); err != nil {
			return fmt.Errorf("ended before byte %d: %w", off, err)
		}
	default:
		return errors.New("answered " + resp.Status)
	}
	if _, err := io.ReadFull(resp.Body, b); err != nil {
		return fmt.Errorf("ended within bytes %d to %d: %w", off, last, err)
	}
	return nil
}

// fileURL is where the web seed has a file: the torrent's name and the path within it
// are appended to what ends in a slash, and to every seed of several files (BEP 19).
func (w *webSeed) fileURL(meta *admit.Torrent, f admit.File) string {
	base, query, hasQuery := strings.Cut(w.url, "?")
	folder := len(meta.Files) > 1 || f.Path != meta.Name
	if folder && !strings.HasSuffix(base, "/") {
		base += "/"
	}
	if strings.HasSuffix(base, "/") {
		parts := strings.Split(f.Path, "/")
		for i := range parts {
			// Some servers, S3 among them, read "+" as a space.
			parts[i] = strings.ReplaceAll(url.PathEscape(parts[i]), "+", "%2B")
		}
		base += strings.Join(parts, "/")
	}
	if hasQuery {
		base += "?" + query
	}
	return base
}
