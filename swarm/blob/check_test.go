package blob_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/blob"
)

// known returns a store that knows an asset of three pieces and a bit, of whose bytes
// on disk put has taken care.
func known(t *testing.T, put func(t *testing.T, path string, data []byte)) (*blob.Store, swarm.InfoHash) {
	t.Helper()
	dir, h := t.TempDir(), swarm.InfoHash(hash)
	s := newStore(t, dir, 1<<20, nil)
	data, info := asset(3*pieceLength + 100)
	put(t, filepath.Join(dir, hash.HexString()), data)
	if err := s.Open(h, blob.Layout{Length: info.Length, PieceLength: info.PieceLength, Hashes: info.Pieces}); err != nil {
		t.Fatal(err)
	}
	return s, h
}

func written(suffix string, change func([]byte) []byte) func(*testing.T, string, []byte) {
	return func(t *testing.T, path string, data []byte) {
		t.Helper()
		if err := os.WriteFile(path+suffix, change(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCheckFindsWhatIsGoodOnDisk(t *testing.T) {
	for name, c := range map[string]struct {
		put  func(*testing.T, string, []byte)
		have int
	}{
		"a whole blob":             {written(".blob", func(b []byte) []byte { return b }), 4},
		"all of a part file":       {written(".part", func(b []byte) []byte { return b }), 4},
		"a flipped byte":           {written(".blob", func(b []byte) []byte { b[pieceLength] ^= 1; return b }), 3},
		"cut off":                  {written(".blob", func(b []byte) []byte { return b[:2*pieceLength+1] }), 2},
		"nothing":                  {func(*testing.T, string, []byte) {}, 0},
		"a folder":                 {func(t *testing.T, path string, _ []byte) { makes(t, os.Mkdir(path+".blob", 0o700)) }, 0},
		"a pipe that nobody feeds": {func(t *testing.T, path string, _ []byte) { makes(t, syscall.Mkfifo(path+".blob", 0o600)) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, h := known(t, c.put)
			if err := s.Check(t.Context(), h); err != nil {
				t.Fatal(err)
			}
			have := swarm.NewBitfield(4)
			s.Have(h, have)
			if have.Count() != c.have || !s.Checked(h) || s.Whole(h) != (c.have == 4) {
				t.Errorf("%d pieces, checked %v, whole %v; want %d", have.Count(), s.Checked(h), s.Whole(h), c.have)
			}
			select {
			case <-s.Finished(h):
				if c.have < 4 {
					t.Error("finished, with pieces missing")
				}
			default:
				if c.have == 4 {
					t.Error("not finished")
				}
			}
		})
	}
}

func makes(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRecheckFindsWhatWasLostSince(t *testing.T) {
	var path string
	s, h := known(t, func(t *testing.T, p string, data []byte) {
		t.Helper()
		path = p + ".blob"
		written(".blob", func(b []byte) []byte { return b })(t, p, data)
	})
	if err := s.Check(t.Context(), h); err != nil || !s.Whole(h) || s.Missing(h) != 0 {
		t.Fatalf("%v, whole %v", err, s.Whole(h))
	}
	b, err := os.ReadFile(path)
	makes(t, err)
	b[3*pieceLength] ^= 1
	makes(t, os.WriteFile(path, b, 0o600))
	if err := s.Recheck(t.Context(), h); err != nil || s.Whole(h) || s.Missing(h) != 100 {
		t.Errorf("%v, whole %v, %d bytes missing, want 100", err, s.Whole(h), s.Missing(h))
	}
}

func TestCheckEndsWithItsContext(t *testing.T) {
	s, h := known(t, written(".blob", func(b []byte) []byte { return b }))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Check(ctx, h); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := s.Check(t.Context(), h); err != nil || !s.Whole(h) {
		t.Errorf("afterwards: %v, whole %v", err, s.Whole(h))
	}
	if err := s.Check(t.Context(), swarm.InfoHash{1}); !errors.Is(err, blob.ErrUnknown) {
		t.Errorf("of a torrent that it does not know: %v", err)
	}
}
