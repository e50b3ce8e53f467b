package held_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"

	"swarmtop/swarm/internal/held"
)

const pieceLength = 16

// open gives an asset of 40 bytes, three pieces, to a client.
func open(t *testing.T, a *held.Asset) func(index int) storage.PieceImpl {
	t.Helper()
	info := &metainfo.Info{Length: 40, PieceLength: pieceLength, Pieces: make([]byte, 3*20)}
	opened, err := a.OpenTorrent(t.Context(), info, metainfo.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	return func(index int) storage.PieceImpl { return opened.Piece(info.Piece(index)) }
}

func isComplete(a *held.Asset) bool {
	select {
	case <-a.Complete():
		return true
	default:
		return false
	}
}

func TestAnAssetIsCompleteOnceEveryPieceIs(t *testing.T) {
	want := []byte("0123456789abcdef0123456789ABCDEF01234567")
	a := held.Missing(int64(len(want)), pieceLength)
	piece := open(t, a)
	for n, index := range []int{2, 0, 1} {
		if isComplete(a) || a.Pieces() != n {
			t.Fatalf("with %d pieces: complete %v, %d pieces", n, isComplete(a), a.Pieces())
		}
		p, part := piece(index), want[index*pieceLength:min((index+1)*pieceLength, len(want))]
		if k, err := p.WriteAt(part, 0); k != len(part) || err != nil {
			t.Fatalf("write piece %d: %d, %v", index, k, err)
		}
		if p.Completion().Complete {
			t.Errorf("piece %d is complete before it is verified", index)
		}
		for range 2 { // the second time changes nothing
			if err := p.MarkComplete(); err != nil || !p.Completion().Complete {
				t.Errorf("piece %d: %v, %+v", index, err, p.Completion())
			}
		}
	}
	if !isComplete(a) || a.Pieces() != 3 || !bytes.Equal(a.Bytes(), want) {
		t.Errorf("complete %v, %d pieces, %q", isComplete(a), a.Pieces(), a.Bytes())
	}
}

func TestAWholeAssetIsThereFromTheStart(t *testing.T) {
	data := []byte("0123456789abcdef0123456789ABCDEF01234567")
	a := held.Whole(data, pieceLength)
	piece := open(t, a)
	if !isComplete(a) || a.Pieces() != 3 || !piece(2).Completion().Complete {
		t.Errorf("complete %v, %d pieces", isComplete(a), a.Pieces())
	}
	got := make([]byte, 10)
	if n, err := piece(2).ReadAt(got, 3); n != 5 || err != io.EOF || string(got[:n]) != "34567" {
		t.Errorf("read %q, %v", got[:n], err)
	}
}

func TestNowhereHasNoRoom(t *testing.T) {
	if _, err := (held.Nowhere{}).OpenTorrent(t.Context(), nil, metainfo.Hash{}); err == nil {
		t.Error("a torrent was opened")
	}
}
