package demo

import (
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
)

// pieceLength is that of every asset in the demo, in bytes: short, so that even
// a script has pieces to watch.
const pieceLength = 16 << 10

// asset is what a peer has to know of a swarm in order to join it.
type asset struct {
	hash   metainfo.Hash
	info   []byte // bencoded
	size   int64
	pieces int
}

func parseAsset(b []byte) (*asset, error) {
	mi, err := metainfo.Load(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	info, err := mi.UnmarshalInfo()
	if err != nil {
		return nil, err
	}
	if !info.HasV1() {
		return nil, fmt.Errorf("%s has no version 1 pieces", info.BestName())
	}
	return &asset{mi.HashInfoBytes(), mi.InfoBytes, info.TotalLength(), info.NumPieces()}, nil
}

// makeMetainfo returns the metainfo (BEP 3) of one file, with its web seeds (BEP 19).
func makeMetainfo(name string, data []byte, announce string, webSeeds []string) ([]byte, error) {
	info := metainfo.Info{Name: name, Length: int64(len(data)), PieceLength: pieceLength}
	for rest := data; len(rest) > 0; {
		n := min(pieceLength, len(rest))
		sum := sha1.Sum(rest[:n])
		info.Pieces = append(info.Pieces, sum[:]...)
		rest = rest[n:]
	}
	b, err := bencode.Marshal(info)
	if err != nil {
		return nil, err
	}
	return bencode.Marshal(metainfo.MetaInfo{InfoBytes: b, Announce: announce, UrlList: webSeeds})
}

// holding is the bytes of one asset in the memory of one peer. It is the
// library's storage for that one torrent.
type holding struct {
	mu       sync.RWMutex
	data     []byte
	have     []bool
	missing  int           // pieces
	complete chan struct{} // closed when none is missing
}

// newHolding returns a holding that lacks every piece.
func newHolding(a *asset) *holding {
	return &holding{
		data:     make([]byte, a.size),
		have:     make([]bool, a.pieces),
		missing:  a.pieces,
		complete: make(chan struct{}),
	}
}

// fullHolding returns a holding that lacks nothing, since data is the asset.
func fullHolding(a *asset, data []byte) *holding {
	h := &holding{data: data, have: make([]bool, a.pieces), complete: make(chan struct{})}
	for i := range h.have {
		h.have[i] = true
	}
	close(h.complete)
	return h
}

// held returns how many pieces are here and verified.
func (h *holding) held() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.have) - h.missing
}

// OpenTorrent makes a holding a [storage.ClientImpl].
func (h *holding) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{
		Piece: func(p metainfo.Piece) storage.PieceImpl { return heldPiece{h, p.Index(), p.Offset()} },
	}, nil
}

// nowhere is the storage of torrents that bring none. It is there because the
// library would otherwise open a database in the working directory.
type nowhere struct{}

func (nowhere) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{}, errors.ErrUnsupported
}

type heldPiece struct {
	in     *holding
	index  int
	offset int64
}

func (p heldPiece) ReadAt(b []byte, off int64) (int, error) {
	p.in.mu.RLock()
	defer p.in.mu.RUnlock()
	n := copy(b, p.in.data[p.offset+off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (p heldPiece) WriteAt(b []byte, off int64) (int, error) {
	p.in.mu.Lock()
	defer p.in.mu.Unlock()
	return copy(p.in.data[p.offset+off:], b), nil
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
