package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
)

// corpus is a set of swarms of one file each.
type corpus struct {
	data     string // folder of the files
	torrents string // folder of their metainfo
	hashes   []metainfo.Hash
	paths    []string // of the metainfo files
}

// makeCorpus writes n files of size bytes and metainfo that names the tracker.
func makeCorpus(dir string, n int, size, pieceLength int64, announce string) (*corpus, error) {
	c := &corpus{data: filepath.Join(dir, "data"), torrents: filepath.Join(dir, "torrents")}
	for _, d := range []string{c.data, c.torrents} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, err
		}
	}
	noise := rand.NewChaCha8([32]byte{1})
	for i := range n {
		if err := c.add(assetName(i), noise, size, pieceLength, announce); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func assetName(i int) string { return fmt.Sprintf("asset-%05d.bin", i) }

func (c *corpus) add(name string, noise *rand.ChaCha8, size, pieceLength int64, announce string) error {
	path := filepath.Join(c.data, name)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	block := make([]byte, 1<<20)
	for left := size; left > 0; {
		part := block[:min(left, int64(len(block)))]
		_, _ = noise.Read(part) // never fails
		if _, err := f.Write(part); err != nil {
			return err
		}
		left -= int64(len(part))
	}
	if err := f.Close(); err != nil {
		return err
	}
	info := metainfo.Info{PieceLength: pieceLength}
	if err := info.BuildFromFilePath(path); err != nil {
		return err
	}
	m := metainfo.MetaInfo{Announce: announce}
	if m.InfoBytes, err = bencode.Marshal(info); err != nil {
		return err
	}
	path = filepath.Join(c.torrents, name+".torrent")
	f, err = os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	c.hashes, c.paths = append(c.hashes, m.HashInfoBytes()), append(c.paths, path)
	return m.Write(f)
}
