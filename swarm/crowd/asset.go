package crowd

import (
	"crypto/sha1"
	"slices"

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
