// Package blob keeps the bytes of torrents on disk, one file a torrent, named by
// info hash: "<hash>.part" while pieces are missing, "<hash>.blob", read-only,
// from the moment every piece is verified.
//
// No byte is trusted for being on disk. What leaves through [Store.ReadAt] or to
// a peer was hashed at this read, or comes from a bounded memory of pieces that
// were. A piece that no longer matches is an error for the reader, is marked as
// missing, and is reported, so that it can be fetched again.
package blob

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"

	"swarmtop/swarm"
)

var (
	// ErrIncomplete says that bytes were asked for whose pieces are not here yet.
	ErrIncomplete = errors.New("not all pieces are here yet")
	// ErrDamaged says that bytes on disk no longer match their hash.
	ErrDamaged = errors.New("bytes on disk do not match their hash")
	// ErrUnknown says that the store holds no such torrent.
	ErrUnknown = errors.New("no such torrent in the store")
)

// Store is a folder of torrents' bytes. It is safe for concurrent use.
type Store struct {
	dir     string
	damaged func(h swarm.InfoHash, piece int, err error)
	cache   *pieceCache

	checking chan struct{} // one for each torrent that is checked at once
	hashing  chan struct{} // one for each piece of them that is hashed at once

	mu    sync.Mutex
	files map[swarm.InfoHash]*file
}

// importing is the pattern of the names that files have while they are copied in.
const importing = ".import-*"

// New returns a store over dir, which it creates and which is its alone. At most cacheBytes of verified
// pieces stay in memory. The function damaged is called, from the goroutine of a
// reader, when a piece that was verified no longer matches; it may be nil.
func New(dir string, cacheBytes int64, damaged func(h swarm.InfoHash, piece int, err error)) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the folder for assets: %w", err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, importing)) // by a process that was killed
	for _, path := range left {
		_ = os.Remove(path)
	}
	if damaged == nil {
		damaged = func(swarm.InfoHash, int, error) {}
	}
	return &Store{
		dir:      dir,
		damaged:  damaged,
		cache:    newPieceCache(cacheBytes),
		checking: make(chan struct{}, checks),
		hashing:  make(chan struct{}, runtime.GOMAXPROCS(0)),
		files:    map[swarm.InfoHash]*file{},
	}, nil
}

// Layout is how a torrent's bytes are cut into pieces and what they hash to (BEP 3).
type Layout struct {
	Length      int64  // of all files, padding included
	PieceLength int64  // of every piece but the last
	Hashes      []byte // SHA-1 of each piece, 20 bytes each
}

func (l Layout) count() int { return len(l.Hashes) / sha1.Size }

// size returns the length of piece i.
func (l Layout) size(i int) int64 {
	return min(l.PieceLength, l.Length-int64(i)*l.PieceLength)
}

func (l Layout) matches(i int, b []byte) bool {
	return sha1.Sum(b) == [sha1.Size]byte(l.Hashes[i*sha1.Size:])
}

// Open has the store know torrent h from now on; one that it knows stays as it is.
// Pieces that may be on disk are of unknown completion until they were hashed, by
// [Store.Check] or by the torrent client.
func (s *Store) Open(h swarm.InfoHash, l Layout) error {
	_, err := s.open(h, l)
	return err
}

func (s *Store) open(h swarm.InfoHash, l Layout) (*file, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.files[h]; f != nil {
		return f, nil
	}
	if want := (l.Length + l.PieceLength - 1) / max(l.PieceLength, 1); int64(l.count()) != want {
		return nil, fmt.Errorf("open %s: %d piece hashes for %d pieces", h.Short(), l.count(), want)
	}
	f, err := openFile(s.partPath(h), s.blobPath(h), l)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", h.Short(), err)
	}
	s.files[h] = f
	return f, nil
}

// Forget ends what [Store.Open] began. The bytes stay on disk.
func (s *Store) Forget(h swarm.InfoHash) {
	s.mu.Lock()
	f := s.files[h]
	delete(s.files, h)
	s.mu.Unlock()
	if f != nil {
		f.close()
	}
	s.cache.drop(h)
}

// Import copies the bytes of r into the store as the torrent h, to be verified
// when the torrent is opened. What the store has of h is kept if it is whole.
func (s *Store) Import(h swarm.InfoHash, r io.Reader) error {
	if _, err := os.Stat(s.blobPath(h)); err == nil {
		return nil
	}
	tmp, err := os.CreateTemp(s.dir, importing)
	if err != nil {
		return fmt.Errorf("import %s: %w", h.Short(), err)
	}
	defer os.Remove(tmp.Name())
	_, err = io.Copy(tmp, r)
	err = errors.Join(err, tmp.Chmod(0o444), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), s.blobPath(h))
	}
	if err != nil {
		return fmt.Errorf("import %s: %w", h.Short(), err)
	}
	return syncDir(s.dir)
}

// Remove deletes the bytes of h. It is no error if there are none.
func (s *Store) Remove(h swarm.InfoHash) error {
	s.Forget(h)
	var errs []error
	for _, p := range []string{s.partPath(h), s.blobPath(h)} {
		if err := os.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// ReadAt fills b with the bytes of torrent h that begin at off. Every one of them
// belongs to a piece that was hashed. It returns [ErrIncomplete] or [ErrDamaged],
// wrapped, when a piece is missing or no longer matches, and io.EOF at the end.
func (s *Store) ReadAt(h swarm.InfoHash, b []byte, off int64) (n int, err error) {
	f := s.file(h)
	if f == nil {
		return 0, fmt.Errorf("read %s: %w", h.Short(), ErrUnknown)
	}
	for n < len(b) {
		if off >= f.layout.Length {
			return n, io.EOF
		}
		i := int(off / f.layout.PieceLength)
		piece, err := s.piece(h, f, i)
		if err != nil {
			return n, fmt.Errorf("read %s, piece %d: %w", h.Short(), i, err)
		}
		c := copy(b[n:], piece[off-int64(i)*f.layout.PieceLength:])
		n += c
		off += int64(c)
	}
	return n, nil
}

// piece returns the verified bytes of one piece; they are shared and must not be changed.
func (s *Store) piece(h swarm.InfoHash, f *file, i int) ([]byte, error) {
	if !f.has(i) {
		return nil, ErrIncomplete
	}
	if b := s.cache.get(h, i); b != nil {
		return b, nil
	}
	b := make([]byte, f.layout.size(i))
	err := f.readRaw(b, int64(i)*f.layout.PieceLength)
	if err == nil && !f.layout.matches(i, b) {
		err = ErrDamaged
	}
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return nil, err // says nothing of the bytes
	}
	if err != nil {
		if f.set(i, false) {
			s.damaged(h, i, err)
		}
		return nil, fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	s.cache.put(h, i, b)
	return b, nil
}

// DropUnused forgets verified pieces in memory that nobody has read again since they
// came or since the call before, and tells how many bytes that were.
func (s *Store) DropUnused() (bytes int64) { return s.cache.dropUnused() }

func (s *Store) file(h swarm.InfoHash) *file {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[h]
}

func (s *Store) partPath(h swarm.InfoHash) string { return filepath.Join(s.dir, h.String()+".part") }
func (s *Store) blobPath(h swarm.InfoHash) string { return filepath.Join(s.dir, h.String()+".blob") }

// syncDir makes a rename in dir outlast a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
