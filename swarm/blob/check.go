package blob

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmtop/swarm"
)

const (
	// checks is how many torrents are checked at once: each has a file open meanwhile.
	checks = 64
	// hashBlock is how many bytes of a piece are read at once to be hashed.
	hashBlock = 128 << 10
	// descriptorPause is how long to wait for a file descriptor when there is none.
	descriptorPause = 100 * time.Millisecond
)

// hashBlocks are buffers of that size.
var hashBlocks = sync.Pool{New: func() any { return new([hashBlock]byte) }}

// Check hashes the pieces of torrent h that may be on disk and of which it is not known
// whether they are good. It fails when ctx ends, when the store does not know h, and when the
// last piece is there and the bytes cannot be moved to where whole ones are. It ends, with
// nothing known of the rest, when h is forgotten.
func (s *Store) Check(ctx context.Context, h swarm.InfoHash) error {
	f := s.file(h)
	if f == nil {
		return fmt.Errorf("check %s: %w", h.Short(), ErrUnknown)
	}
	select {
	case s.checking <- struct{}{}:
		defer func() { <-s.checking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	todo := f.unhashed()
	if len(todo) == 0 {
		return nil
	}
	r, done, err := f.reader()
	for errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(descriptorPause):
		}
		r, done, err = f.reader()
	}
	if err != nil { // what cannot be read is not there
		for _, i := range todo {
			f.refute(i)
		}
		return nil
	}
	defer done()
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	for _, i := range todo {
		if f.isClosed() {
			break
		}
		select {
		case s.hashing <- struct{}{}:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), all.Wait())
		}
		all.Go(func() error {
			defer func() { <-s.hashing }()
			if !f.layout.holds(r, i) {
				f.refute(i)
				return nil
			}
			return f.complete(i)
		})
	}
	return all.Wait()
}

// Recheck hashes every piece of torrent h that is here once more.
func (s *Store) Recheck(ctx context.Context, h swarm.InfoHash) error {
	if f := s.file(h); f != nil {
		f.doubt()
		s.cache.drop(h)
	}
	return s.Check(ctx, h)
}

// holds tells whether r has the right bytes of piece i.
func (l Layout) holds(r io.ReaderAt, i int) bool {
	b := hashBlocks.Get().(*[hashBlock]byte)
	defer hashBlocks.Put(b)
	sum := sha1.New()
	off, end := int64(i)*l.PieceLength, int64(i)*l.PieceLength+l.size(i)
	for off < end {
		part := b[:min(hashBlock, end-off)]
		if readFull(r, part, off) != nil {
			return false
		}
		sum.Write(part)
		off += int64(len(part))
	}
	return [sha1.Size]byte(sum.Sum(nil)) == [sha1.Size]byte(l.Hashes[i*sha1.Size:])
}
