package blob_test

import (
	"bytes"
	"errors"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/blob"
)

func TestPieceThatWasPutIsHeldAndWhoeverWaitsLearnsOfIt(t *testing.T) {
	data, info := asset(3*pieceLength - 5)
	dir := t.TempDir()
	s := newStore(t, dir, 0, nil)
	impl := open(t, s, info)
	h := swarm.InfoHash(hash)
	arrived := s.Arrival(h, 1)
	if again := s.Arrival(h, 1); again != arrived {
		t.Error("two that wait for one piece have two channels")
	}
	wrong := bytes.Clone(data[pieceLength : 2*pieceLength])
	wrong[3] ^= 1
	for _, b := range [][]byte{wrong, wrong[:9], nil} {
		if err := s.Put(h, 1, b); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("%d other bytes: %v", len(b), err)
		}
	}
	select {
	case <-arrived:
		t.Fatal("a wrong piece arrived")
	default:
	}
	if err := s.Put(h, 1, data[pieceLength:2*pieceLength]); err != nil {
		t.Fatal(err)
	}
	<-arrived
	<-s.Arrival(h, 1) // also for one that comes late
	for _, c := range []struct {
		off, n int64
		want   bool
	}{
		{pieceLength, pieceLength, true}, {pieceLength + 5, 1, true}, {0, 0, true}, {0, 1, false},
		{pieceLength - 1, 2, false}, {2*pieceLength - 1, 2, false}, {10 * pieceLength, 1, false},
	} {
		if got := s.Holds(h, c.off, c.n); got != c.want {
			t.Errorf("holds %d bytes at %d: %v", c.n, c.off, got)
		}
	}
	got := make([]byte, 10)
	if _, err := s.ReadAt(h, got, pieceLength+7); err != nil || !bytes.Equal(got, data[pieceLength+7:][:10]) {
		t.Errorf("read %q, %v", got, err)
	}
	for _, i := range []int{0, 2} {
		if err := s.Put(h, i, data[i*pieceLength:min((i+1)*pieceLength, len(data))]); err != nil {
			t.Fatal(err)
		}
	}
	if !s.Whole(h) {
		t.Error("it is not whole with all pieces put")
	}
	if c := impl.Piece(info.Piece(2)).Completion(); !c.Ok || !c.Complete {
		t.Errorf("the client is told %+v", c)
	}
}

func TestNothingIsPutOrAwaitedWhereThereIsNoPiece(t *testing.T) {
	_, info := asset(pieceLength)
	s := newStore(t, t.TempDir(), 0, nil)
	open(t, s, info)
	for _, c := range []struct {
		h swarm.InfoHash
		i int
	}{{swarm.InfoHash(hash), 1}, {swarm.InfoHash(hash), -1}, {swarm.InfoHash{9}, 0}} {
		if err := s.Put(c.h, c.i, nil); !errors.Is(err, blob.ErrUnknown) {
			t.Errorf("%v %d: %v", c.h.Short(), c.i, err)
		}
		if s.Arrival(c.h, c.i) != nil || s.Holds(swarm.InfoHash{9}, 0, 0) {
			t.Errorf("%v %d is awaited", c.h.Short(), c.i)
		}
	}
}
