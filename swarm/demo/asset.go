package demo

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"slices"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
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
	for part := range slices.Chunk(data, pieceLength) {
		sum := sha1.Sum(part)
		info.Pieces = append(info.Pieces, sum[:]...)
	}
	b, err := bencode.Marshal(info)
	if err != nil {
		return nil, err
	}
	return bencode.Marshal(metainfo.MetaInfo{InfoBytes: b, Announce: announce, UrlList: webSeeds})
}
