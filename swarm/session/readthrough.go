package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
	"swarmtop/swarm/blob"
)

const (
	// readAhead is how many bytes beyond a read are wanted before the rest of an asset.
	readAhead = 1 << 20
	// peersFirst is how long peers that have a piece may take before web seeds are asked too.
	peersFirst = time.Second
	// seedRetry is how long to wait before the web seeds that failed are asked again.
	seedRetry = 2 * time.Second
	// seedFetches is how many pieces are fetched from web seeds at once, of all swarms.
	seedFetches = 16
)

var errClosed = errors.New("the reader is closed")

// Fetch returns the bytes of an asset that is not complete. A read waits until its
// pieces are here and verified, or until ctx ends; they are asked for before all
// others, and of web seeds at once where no connected peer has them. The interest
// ends with ctx or Close, which may come while a read is under way.
func (s *Session) Fetch(ctx context.Context, a swarm.Asset) (interface {
	io.ReaderAt
	io.Closer
	Origin() swarm.Origin // the furthest that bytes were fetched from for this reader
}, error) {
	e := s.entry(a.InfoHash)
	if e == nil {
		return nil, fmt.Errorf("fetch from %s: no such swarm", a.InfoHash.Short())
	}
	_, meta := e.info()
	if meta == nil {
		return nil, fmt.Errorf("fetch from %s: no metadata yet", a.InfoHash.Short())
	}
	r := &reader{content: content{s, a}, entry: e, pieceLength: meta.PieceLength, origin: swarm.FromBlob}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	return r, nil
}

// reader is the bytes of one asset for one that can wait.
type reader struct {
	content
	entry       *entry
	pieceLength int64
	ctx         context.Context
	cancel      context.CancelCauseFunc

	mu       sync.Mutex     // held during a read
	interest torrent.Reader // nil until something was missing
	of       *torrent.Torrent
	origin   swarm.Origin
}

// Origin tells where the bytes read so far came from.
func (r *reader) Origin() swarm.Origin {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.origin
}

// Close ends a read that waits and the interest in the pieces.
func (r *reader) Close() error {
	r.cancel(errClosed)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.interest == nil {
		return nil
	}
	return r.interest.Close()
}

// ReadAt implements [io.ReaderAt]. Reads come one after the other.
func (r *reader) ReadAt(b []byte, off int64) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		n, err := r.content.ReadAt(b, off)
		if !errors.Is(err, blob.ErrIncomplete) && !errors.Is(err, blob.ErrDamaged) {
			return n, err
		}
		piece := int((r.asset.Offset + off + int64(n)) / r.pieceLength)
		if err := r.wait(piece); err != nil {
			return n, fmt.Errorf("wait for piece %d of %s: %w", piece, r.asset.InfoHash.Short(), err)
		}
	}
}

// wait returns when a piece is here.
func (r *reader) wait(piece int) error {
	arrived := r.s.blobs.Arrival(r.asset.InfoHash, piece)
	if arrived == nil {
		return blob.ErrUnknown
	}
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	r.prefer(piece)
	key := awaitedKey{r.entry.hash, piece}
	r.s.await(r.entry, key)
	defer func() { r.origin = max(r.origin, r.s.unawait(key)) }()
	select {
	case <-arrived:
		return nil
	case <-r.ctx.Done():
		return context.Cause(r.ctx)
	case <-r.entry.over:
		return errors.New("the swarm was removed")
	}
}

// prefer makes the torrent client ask for a piece, and those after it, first. Its
// reader does so from its first read on: that one does not wait.
func (r *reader) prefer(piece int) {
	t := r.s.enter(r.entry)
	if t == nil {
		return
	}
	if r.of != t {
		if r.interest != nil {
			r.interest.Close()
		}
		r.of, r.interest = t, t.NewReader()
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		r.interest.SetContext(ended)
		r.interest.SetReadahead(readAhead)
	}
	var one [1]byte
	if _, err := r.interest.Seek(int64(piece)*r.pieceLength, io.SeekStart); err == nil {
		_, _ = r.interest.Read(one[:]) // fails where the piece is missing
	}
}

// awaitedKey names a piece that readers wait for.
type awaitedKey struct {
	hash  swarm.InfoHash
	piece int
}

// awaited is what goes on for those that wait for a piece.
type awaited struct {
	readers  int
	fromSeed bool               // a web seed sent of it
	cancel   context.CancelFunc // of asking the web seeds; nil when there are none
}

// awaiting is the pieces that readers wait for.
type awaiting struct {
	slots chan struct{} // one for each piece that is fetched from a web seed

	mu     sync.Mutex
	pieces map[awaitedKey]*awaited
}

func newAwaiting() awaiting {
	return awaiting{slots: make(chan struct{}, seedFetches), pieces: map[awaitedKey]*awaited{}}
}

// await counts in a reader that waits; the first has the web seeds asked for all.
func (s *Session) await(e *entry, key awaitedKey) {
	seeds := e.hasSeeds()
	s.awaiting.mu.Lock() // the library's callbacks want it
	defer s.awaiting.mu.Unlock()
	w := s.awaiting.pieces[key]
	if w == nil {
		w = &awaited{}
		s.awaiting.pieces[key] = w
		if seeds {
			var ctx context.Context
			ctx, w.cancel = context.WithCancel(s.quit)
			s.work.Go(func() error { s.fetchFromSeeds(ctx, e, key); return nil })
		}
	}
	w.readers++
}

// unawait counts the reader out and tells where the piece came from, so far. With
// the last reader the web seeds are let go.
func (s *Session) unawait(key awaitedKey) swarm.Origin {
	s.awaiting.mu.Lock()
	defer s.awaiting.mu.Unlock()
	w := s.awaiting.pieces[key]
	w.readers--
	if w.readers == 0 {
		delete(s.awaiting.pieces, key)
		if w.cancel != nil {
			w.cancel()
		}
	}
	if w.fromSeed {
		return swarm.FromWebSeed
	}
	return swarm.FromSwarm
}

// note records that a web seed sends a piece that is waited for.
func (a *awaiting) note(key awaitedKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if w := a.pieces[key]; w != nil {
		w.fromSeed = true
	}
}

// received is called by the library, under its lock, for every block that it keeps.
func (a *awaiting) received(e torrent.ReceivedUsefulDataEvent) {
	if _, isPeer := e.Peer.TryAsPeerConn(); !isPeer {
		a.note(awaitedKey{swarm.InfoHash(e.Peer.Torrent().InfoHash()), int(e.Message.Index)})
	}
}
