package blob_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/blob"
)

// What was read stays in memory while it is read again, and no longer.
func TestPieceLeavesMemoryWhenNobodyReadsIt(t *testing.T) {
	data, info := asset(pieceLength)
	dir := t.TempDir()
	s := newStore(t, dir, 1<<20, nil)
	open(t, s, info)
	h := swarm.InfoHash(hash)
	if err := s.Put(h, 0, data); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, h.String()+".blob"), 0); err != nil { // so that only memory has it
		t.Fatal(err)
	}
	got := make([]byte, len(data))
	for range 3 {
		if _, err := s.ReadAt(h, got, 0); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("read: %v", err)
		}
		s.DropUnused()
	}
	s.DropUnused()
	if _, err := s.ReadAt(h, got, 0); !errors.Is(err, blob.ErrDamaged) {
		t.Errorf("read after it was not used: %v, want ErrDamaged", err)
	}
}
