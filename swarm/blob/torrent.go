package blob

import (
	"context"
	"io"

	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"

	"swarmtop/swarm"
)

var _ storage.ClientImpl = (*Store)(nil)

// OpenTorrent opens the bytes of a torrent for the torrent client, as [Store.Open]
// does. What the client closes stays known here, until [Store.Forget].
func (s *Store) OpenTorrent(_ context.Context, info *metainfo.Info, hash metainfo.Hash) (storage.TorrentImpl, error) {
	h := swarm.InfoHash(hash)
	f, err := s.open(h, Layout{Length: totalLength(info), PieceLength: info.PieceLength, Hashes: info.Pieces})
	if err != nil {
		return storage.TorrentImpl{}, err
	}
	return storage.TorrentImpl{
		Piece: func(p metainfo.Piece) storage.PieceImpl { return piece{s, h, f, p.Index()} },
		Close: f.letGo,
	}, nil
}

// totalLength sums the v1 file list, whose padding files a hybrid torrent's
// pieces cover too (BEP 47, BEP 52).
func totalLength(info *metainfo.Info) int64 {
	if len(info.Files) == 0 {
		return info.Length
	}
	var n int64
	for _, f := range info.Files {
		n += f.Length
	}
	return n
}

// piece is one piece as the torrent client reads and writes it.
type piece struct {
	store *Store
	hash  swarm.InfoHash
	file  *file
	index int
}

var _ io.WriterTo = piece{}

// ReadAt serves peers: it returns verified bytes only.
func (p piece) ReadAt(b []byte, off int64) (int, error) {
	good, err := p.store.piece(p.hash, p.file, p.index)
	if err != nil {
		return 0, err
	}
	n := copy(b, good[min(off, int64(len(good))):])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (p piece) WriteAt(b []byte, off int64) (int, error) {
	return p.file.writeAt(b, int64(p.index)*p.file.layout.PieceLength+off)
}

// WriteTo writes what is on disk, past the memory of verified pieces: this is what the
// client hashes. It sees the bytes so that it can tell which peer sent wrong ones.
func (p piece) WriteTo(w io.Writer) (written int64, err error) {
	b := hashBlocks.Get().(*[hashBlock]byte)
	defer hashBlocks.Put(b)
	l := p.file.layout
	for size := l.size(p.index); written < size && err == nil; {
		part := b[:min(hashBlock, size-written)]
		if err = p.file.readRaw(part, int64(p.index)*l.PieceLength+written); err == nil {
			var n int
			n, err = w.Write(part)
			written += int64(n)
		}
	}
	return written, err
}

func (p piece) MarkComplete() error { return p.file.complete(p.index) }

func (p piece) MarkNotComplete() error {
	p.file.set(p.index, false)
	return nil
}

func (p piece) Completion() storage.Completion {
	known, have := p.file.state(p.index)
	return storage.Completion{Ok: known, Complete: have}
}
