// Package held keeps the bytes of one asset in memory for one torrent client: the
// storage of peers that come and go within this process.
package held

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
)

// Asset is the library's storage for one torrent, a [storage.ClientImpl].
type Asset struct {
	length   int64 // of a piece
	complete chan struct{}

	mu      sync.RWMutex // guards what follows
	data    []byte
	have    []bool
	missing int // pieces
}

// Missing returns an asset of size bytes that lacks every piece.
func Missing(size, pieceLength int64) *Asset {
	pieces := int((size-1)/pieceLength + 1)
	return &Asset{length: pieceLength, complete: make(chan struct{}), data: make([]byte, size), have: make([]bool, pieces), missing: pieces}
}

// Whole returns the asset that lacks nothing, since data is its bytes.
func Whole(data []byte, pieceLength int64) *Asset {
	a := &Asset{length: pieceLength, complete: make(chan struct{}), data: data}
	for range slices.Chunk(data, int(pieceLength)) {
		a.have = append(a.have, true)
	}
	close(a.complete)
	return a
}

// Complete is closed once no piece is missing.
func (a *Asset) Complete() <-chan struct{} { return a.complete }

// Pieces returns how many pieces are here and verified.
func (a *Asset) Pieces() int {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return len(a.have) - a.missing
}

// Bytes returns the asset once it is complete; before, what has come of it.
func (a *Asset) Bytes() []byte {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.data
}

// OpenTorrent is called by the client that the asset is given to.
func (a *Asset) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{Piece: func(p metainfo.Piece) storage.PieceImpl { return piece{a, p.Index()} }}, nil
}

type piece struct {
	of    *Asset
	index int
}

func (p piece) from(off int64) []byte { return p.of.data[int64(p.index)*p.of.length+off:] }

func (p piece) ReadAt(b []byte, off int64) (int, error) {
	p.of.mu.RLock()
	defer p.of.mu.RUnlock()
	n := copy(b, p.from(off))
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (p piece) WriteAt(b []byte, off int64) (int, error) {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	return copy(p.from(off), b), nil
}

func (p piece) MarkComplete() error {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	if !p.of.have[p.index] {
		p.of.have[p.index] = true
		if p.of.missing--; p.of.missing == 0 {
			close(p.of.complete)
		}
	}
	return nil
}

// MarkNotComplete leaves a piece that was verified as it is: nobody else writes to this memory.
func (p piece) MarkNotComplete() error { return nil }

func (p piece) Completion() storage.Completion {
	p.of.mu.RLock()
	defer p.of.mu.RUnlock()
	return storage.Completion{Ok: true, Complete: p.of.have[p.index]}
}

// Nowhere is the storage of torrents that bring none. It is there because the
// library would otherwise open a database in the working directory.
type Nowhere struct{}

// OpenTorrent refuses.
func (Nowhere) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{}, errors.ErrUnsupported
}
