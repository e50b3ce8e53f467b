package crowd

import (
	"context"
	"crypto/sha1"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"

	"swarmtop/swarm/admit"
)

// block is what peers ask for at a time, in bytes.
const block = 16 << 10

// asset is what is fetched.
type asset struct {
	data     []byte
	torrent  admit.Torrent
	metainfo []byte
}

// newAsset cuts the asset into pieces, as it is published.
func newAsset(cfg Config, announce string) (*asset, error) {
	var hashes []byte
	for part := range slices.Chunk(cfg.Data, int(cfg.PieceLength)) {
		sum := sha1.Sum(part)
		hashes = append(hashes, sum[:]...)
	}
	t, err := admit.Single(cfg.Name, cfg.size(), cfg.PieceLength, hashes)
	if err != nil {
		return nil, err
	}
	return &asset{cfg.Data, t, admit.EncodeMetainfo(&t, [][]string{{announce}}, nil)}, nil
}

// holding is the bytes of the asset in the memory of one peer: the library's
// storage for that one torrent.
type holding struct {
	mu       sync.RWMutex
	length   int64 // of a piece
	data     []byte
	have     []bool
	missing  int           // pieces
	complete chan struct{} // closed when none is missing
}

// newHolding returns a holding that lacks every piece, or none if data is the asset.
func newHolding(size, pieceLength int64, data []byte) *holding {
	h := &holding{length: pieceLength, data: data, have: make([]bool, (size-1)/pieceLength+1), complete: make(chan struct{})}
	if data != nil {
		for i := range h.have {
			h.have[i] = true
		}
		close(h.complete)
		return h
	}
	h.data, h.missing = make([]byte, size), len(h.have)
	return h
}

// OpenTorrent makes a holding a [storage.ClientImpl].
func (h *holding) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{Piece: func(p metainfo.Piece) storage.PieceImpl { return heldPiece{h, p.Index()} }}, nil
}

type heldPiece struct {
	in    *holding
	index int
}

func (p heldPiece) ReadAt(b []byte, off int64) (int, error) {
	p.in.mu.RLock()
	defer p.in.mu.RUnlock()
	n := copy(b, p.in.data[int64(p.index)*p.in.length+off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (p heldPiece) WriteAt(b []byte, off int64) (int, error) {
	p.in.mu.Lock()
	defer p.in.mu.Unlock()
	return copy(p.in.data[int64(p.index)*p.in.length+off:], b), nil
}

func (p heldPiece) MarkComplete() error {
	p.in.mu.Lock()
	defer p.in.mu.Unlock()
	if !p.in.have[p.index] {
		p.in.have[p.index] = true
		if p.in.missing--; p.in.missing == 0 {
			close(p.in.complete)
		}
	}
	return nil
}

// MarkNotComplete leaves a piece that was verified as it is: nobody else writes to this memory.
func (p heldPiece) MarkNotComplete() error { return nil }

func (p heldPiece) Completion() storage.Completion {
	p.in.mu.RLock()
	defer p.in.mu.RUnlock()
	return storage.Completion{Ok: true, Complete: p.in.have[p.index]}
}

// nowhere is the storage of torrents that bring none. It is there because the
// library would otherwise open a database in the working directory.
type nowhere struct{}

func (nowhere) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{}, errors.ErrUnsupported
}
