package blob_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"

	"swarmtop/swarm"
	"swarmtop/swarm/blob"
)

const pieceLength = 16 << 10

var hash = metainfo.Hash{1, 2, 3}

// asset returns bytes and the info dictionary that describes them.
func asset(size int) ([]byte, *metainfo.Info) {
	data := make([]byte, size)
	r := rand.NewChaCha8([32]byte{7})
	_, _ = r.Read(data)
	info := &metainfo.Info{Name: "asset", PieceLength: pieceLength, Length: int64(size)}
	for p := data; len(p) > 0; p = p[min(len(p), pieceLength):] {
		sum := sha1.Sum(p[:min(len(p), pieceLength)])
		info.Pieces = append(info.Pieces, sum[:]...)
	}
	return data, info
}

func open(t *testing.T, s *blob.Store, info *metainfo.Info) storage.TorrentImpl {
	t.Helper()
	impl, err := s.OpenTorrent(t.Context(), info, hash)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = impl.Close() })
	return impl
}

func newStore(t *testing.T, dir string, cache int64, damaged func(swarm.InfoHash, int, error)) *blob.Store {
	t.Helper()
	s, err := blob.New(dir, cache, damaged)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// write writes all pieces the way the client does: blocks in any order, then the verdict.
func write(t *testing.T, impl storage.TorrentImpl, info *metainfo.Info, data []byte) {
	t.Helper()
	for _, i := range rand.Perm(info.NumPieces()) {
		p := impl.Piece(info.Piece(i))
		b := data[i*pieceLength : min(len(data), (i+1)*pieceLength)]
		if _, err := p.WriteAt(b, 0); err != nil {
			t.Fatal(err)
		}
		if err := p.MarkComplete(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLastPieceTurnsThePartIntoAReadOnlyBlob(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, dir, 1<<20, nil)
	data, info := asset(3*pieceLength + 100)
	write(t, open(t, s, info), info, data)

	path := filepath.Join(dir, hash.HexString()+".blob")
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, data) {
		t.Fatalf("blob differs from what was written (%v)", err)
	}
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o444 {
		t.Errorf("blob has mode %v, want read-only", st.Mode())
	}
	if _, err := os.Stat(filepath.Join(dir, hash.HexString()+".part")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("part file is still there: %v", err)
	}
	if !s.Whole(swarm.InfoHash(hash)) {
		t.Error("Whole is false")
	}
}

func TestReadAtReturnsAnyRangeOfVerifiedBytes(t *testing.T) {
	for _, cache := range []int64{0, 1 << 20} {
		s := newStore(t, t.TempDir(), cache, nil)
		data, info := asset(5*pieceLength + 1)
		write(t, open(t, s, info), info, data)
		for range 200 {
			off := rand.IntN(len(data))
			b := make([]byte, rand.IntN(len(data)-off)+1)
			if n, err := s.ReadAt(swarm.InfoHash(hash), b, int64(off)); n != len(b) || err != nil {
				t.Fatalf("ReadAt(%d bytes at %d) = %d, %v", len(b), off, n, err)
			}
			if !bytes.Equal(b, data[off:off+len(b)]) {
				t.Fatalf("wrong bytes at %d", off)
			}
		}
		b := make([]byte, 10)
		if n, err := s.ReadAt(swarm.InfoHash(hash), b, int64(len(data)-4)); n != 4 || err != io.EOF {
			t.Errorf("read past the end = %d, %v; want 4, EOF", n, err)
		}
	}
}

func TestMissingPieceIsAnErrorAndNeighboursAreServed(t *testing.T) {
	s := newStore(t, t.TempDir(), 1<<20, nil)
	data, info := asset(3 * pieceLength)
	impl := open(t, s, info)
	p := impl.Piece(info.Piece(2))
	if _, err := p.WriteAt(data[2*pieceLength:], 0); err != nil {
		t.Fatal(err)
	}
	if err := p.MarkComplete(); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, pieceLength)
	if _, err := s.ReadAt(swarm.InfoHash(hash), b, 2*pieceLength); err != nil || !bytes.Equal(b, data[2*pieceLength:]) {
		t.Errorf("the piece that is here: %v", err)
	}
	if _, err := s.ReadAt(swarm.InfoHash(hash), b, 0); !errors.Is(err, blob.ErrIncomplete) {
		t.Errorf("a piece that is not here: %v, want ErrIncomplete", err)
	}
}

// TestDamageOnDiskNeverLeaves changes the blob in every way under an open store.
func TestDamageOnDiskNeverLeaves(t *testing.T) {
	damage := map[string]func(path string) error{
		"flipped": func(path string) error {
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.WriteAt([]byte{0xff, 0xfe, 0xfd}, pieceLength+5)
			return err
		},
		"truncated": func(path string) error { return os.Truncate(path, pieceLength+1) },
		"deleted":   os.Remove,
		"swapped": func(path string) error {
			other, _ := asset(2 * pieceLength)
			clear(other)
			if err := os.Remove(path); err != nil {
				return err
			}
			return os.WriteFile(path, other, 0o444)
		},
	}
	for name, change := range damage {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var reported atomic.Int32
			s := newStore(t, dir, 0, func(_ swarm.InfoHash, piece int, err error) {
				if piece == 1 && err != nil {
					reported.Add(1)
				}
			})
			data, info := asset(2 * pieceLength)
			impl := open(t, s, info)
			write(t, impl, info, data)
			path := filepath.Join(dir, hash.HexString()+".blob")
			if err := os.Chmod(path, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			// The memory of verified pieces always keeps the latest one; push piece 1 out of it.
			b := make([]byte, pieceLength)
			_, _ = s.ReadAt(swarm.InfoHash(hash), b, 0)

			if _, err := s.ReadAt(swarm.InfoHash(hash), b, pieceLength); !errors.Is(err, blob.ErrDamaged) {
				t.Fatalf("ReadAt of damaged bytes: %v, want ErrDamaged", err)
			}
			if _, err := impl.Piece(info.Piece(1)).ReadAt(b, 0); err == nil {
				t.Error("a peer would have got damaged bytes")
			}
			if reported.Load() != 1 {
				t.Errorf("damage was reported %d times, want once", reported.Load())
			}
			if c := impl.Piece(info.Piece(1)).Completion(); !c.Ok || c.Complete {
				t.Errorf("damaged piece has completion %+v, want known and missing", c)
			}

			// It heals by being written again.
			for i := range info.NumPieces() {
				p := impl.Piece(info.Piece(i))
				if _, err := p.WriteAt(data[i*pieceLength:(i+1)*pieceLength], 0); err != nil {
					t.Fatal(err)
				}
				if err := p.MarkComplete(); err != nil {
					t.Fatal(err)
				}
			}
			all := make([]byte, len(data))
			if _, err := s.ReadAt(swarm.InfoHash(hash), all, 0); err != nil || !bytes.Equal(all, data) {
				t.Errorf("after healing: %v", err)
			}
			if on, err := os.ReadFile(path); err != nil || !bytes.Equal(on, data) {
				t.Errorf("blob after healing: %v", err)
			}
		})
	}
}

func TestWhatIsOnDiskIsUnknownUntilHashed(t *testing.T) {
	dir := t.TempDir()
	data, info := asset(2 * pieceLength)
	s := newStore(t, dir, 1<<20, nil)
	if err := s.Import(swarm.InfoHash(hash), bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	impl := open(t, s, info)
	p := impl.Piece(info.Piece(0))
	if c := p.Completion(); c.Ok {
		t.Fatalf("completion before hashing: %+v, want unknown", c)
	}
	b := make([]byte, 1)
	if _, err := s.ReadAt(swarm.InfoHash(hash), b, 0); !errors.Is(err, blob.ErrIncomplete) {
		t.Errorf("read before hashing: %v, want ErrIncomplete", err)
	}
	sum := sha1.New()
	if _, err := p.(io.WriterTo).WriteTo(sum); err != nil || string(sum.Sum(nil)) != string(info.Pieces[:20]) {
		t.Errorf("what the client hashes: %v, %x", err, sum.Sum(nil))
	}
}

func TestNothingOnDiskNeedsNoHashing(t *testing.T) {
	s := newStore(t, t.TempDir(), 1<<20, nil)
	_, info := asset(pieceLength)
	if c := open(t, s, info).Piece(info.Piece(0)).Completion(); !c.Ok || c.Complete {
		t.Errorf("completion %+v, want known and missing", c)
	}
}

func TestRemoveDeletesTheBytes(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, dir, 1<<20, nil)
	data, info := asset(pieceLength)
	write(t, open(t, s, info), info, data)
	if err := s.Remove(swarm.InfoHash(hash)); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := s.ReadAt(swarm.InfoHash(hash), make([]byte, 1), 0); !errors.Is(err, blob.ErrUnknown) {
		t.Errorf("read after removal: %v, want ErrUnknown", err)
	}
}

func TestInfoWithTooFewHashesIsRefused(t *testing.T) {
	s := newStore(t, t.TempDir(), 0, nil)
	_, info := asset(2 * pieceLength)
	info.Pieces = info.Pieces[:20]
	if _, err := s.OpenTorrent(context.Background(), info, hash); err == nil {
		t.Error("opened a torrent with a hash for one of two pieces")
	}
}

func TestHalfImportOfAKilledProcessGoesAtTheNextStart(t *testing.T) {
	dir := t.TempDir()
	half := filepath.Join(dir, ".import-1")
	if err := os.WriteFile(half, []byte("<!doct"), 0o600); err != nil {
		t.Fatal(err)
	}
	newStore(t, dir, 0, nil)
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was left of an import is still there: %v", err)
	}
}
