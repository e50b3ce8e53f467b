package session

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// Assets returns every file of every swarm whose metainfo is here, ordered by
// widget, path and info hash. Padding files are left out.
func (s *Session) Assets() []swarm.Asset {
	var all []swarm.Asset
	for _, e := range s.entries() {
		all = append(all, s.assetsOf(e)...)
	}
	slices.SortFunc(all, func(a, b swarm.Asset) int {
		if c := strings.Compare(a.Widget, b.Widget); c != 0 {
			return c
		}
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return slices.Compare(a.InfoHash[:], b.InfoHash[:])
	})
	return all
}

// Turn is another one when something in what [Session.Assets] returns may have
// changed, as far as [Session.Sample] has seen it.
func (s *Session) Turn() uint64 { return s.changes.Load() }

// Files returns the assets of one swarm, in the order of its metainfo.
func (s *Session) Files(h swarm.InfoHash) []swarm.Asset {
	if e := s.entry(h); e != nil {
		return s.assetsOf(e)
	}
	return nil
}

// Asset returns the file of a swarm whose path, which begins with the torrent's name, is path.
func (s *Session) Asset(h swarm.InfoHash, path string) (swarm.Asset, bool) {
	e := s.entry(h)
	if e == nil {
		return swarm.Asset{}, false
	}
	r, meta := e.info()
	if meta == nil {
		return swarm.Asset{}, false
	}
	for i, f := range meta.Files {
		if f.Path == path && !f.Pad {
			return s.asset(e, r, meta, i), true
		}
	}
	return swarm.Asset{}, false
}

// AssetAt returns the asset whose alias is the URL path.
func (s *Session) AssetAt(alias string) (swarm.Asset, bool) {
	s.mu.RLock()
	e := s.swarms[s.alias[alias]]
	s.mu.RUnlock()
	if e == nil {
		return swarm.Asset{}, false
	}
	r, meta := e.info()
	if meta == nil || r.Alias != alias {
		return swarm.Asset{}, false
	}
	return s.asset(e, r, meta, 0), true
}

// ToCome tells of a swarm whose metadata is still to come.
func (s *Session) ToCome(h swarm.InfoHash) bool {
	e := s.entry(h)
	if e == nil {
		return false
	}
	_, meta := e.info()
	return meta == nil
}

// ToComeAt returns the swarm whose alias is the URL path, if its metadata is still to come.
func (s *Session) ToComeAt(alias string) (swarm.InfoHash, bool) {
	s.mu.RLock()
	h, ok := s.alias[alias]
	s.mu.RUnlock()
	return h, ok && s.ToCome(h)
}

// claimAlias gives a URL path to a swarm. One that has it already loses it: the
// latest release of an asset is what its path serves.
func (s *Session) claimAlias(e *entry, alias string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if was := s.swarms[s.alias[alias]]; was != nil && was != e {
		was.mu.Lock()
		was.record.Alias = ""
		was.mu.Unlock()
	}
	e.mu.Lock()
	if old := e.record.Alias; old != alias && s.alias[old] == e.hash {
		delete(s.alias, old)
	}
	e.record.Alias = alias
	e.mu.Unlock()
	s.alias[alias] = e.hash
}

func (s *Session) assetsOf(e *entry) []swarm.Asset {
	r, meta := e.info()
	if meta == nil {
		return nil
	}
	all := make([]swarm.Asset, 0, len(meta.Files))
	for i, f := range meta.Files {
		if !f.Pad {
			all = append(all, s.asset(e, r, meta, i))
		}
	}
	return all
}

// asset describes file i of a swarm. The declared type and the alias are those of
// the swarm's only file: a manifest names one asset a swarm.
func (s *Session) asset(e *entry, r record, meta *admit.Torrent, i int) swarm.Asset {
	f := meta.Files[i]
	a := swarm.Asset{
		InfoHash:  e.hash,
		Index:     i,
		Path:      f.Path,
		Offset:    f.Offset,
		Size:      f.Length,
		Widget:    r.Widget,
		Published: r.Published != "",
		Trusted:   r.Trusted,
		Complete:  s.blobs.Holds(e.hash, f.Offset, f.Length),
	}
	if len(meta.Files) == 1 {
		a.ContentType, a.Alias = r.ContentType, r.Alias
	}
	return a
}

// Metainfo returns the .torrent bytes of a swarm: for what is published here with
// our own trackers and web seed, else with those that it came with.
func (s *Session) Metainfo(h swarm.InfoHash) ([]byte, bool) {
	e := s.entry(h)
	if e == nil {
		return nil, false
	}
	r, meta := e.info()
	if meta == nil {
		return nil, false
	}
	trackers, seeds := r.Trackers, r.WebSeeds
	if r.Published != "" {
		var own [][]string
		for _, u := range s.cfg.OwnTrackers(true) {
			own = append(own, []string{u})
		}
		trackers = mergeTiers(own, trackers)
		if u := s.cfg.WebSeedFor(s.asset(e, r, meta, 0)); u != "" {
			seeds = append(slices.Clone(seeds), u)
		}
	}
	return admit.EncodeMetainfo(meta, trackers, seeds), true
}

// Open returns the bytes of an asset. Every read returns bytes whose hash was
// checked, or an error that wraps [blob.ErrIncomplete] or [blob.ErrDamaged].
func (s *Session) Open(a swarm.Asset) (interface {
	io.ReaderAt
	io.Closer
}, error) {
	if s.entry(a.InfoHash) == nil {
		return nil, fmt.Errorf("open %s: no such swarm", a.InfoHash.Short())
	}
	return content{s, a}, nil
}

type content struct {
	s     *Session
	asset swarm.Asset
}

// Close does nothing: a content holds no file open.
func (c content) Close() error { return nil }

func (c content) ReadAt(b []byte, off int64) (int, error) {
	if c.s.quit.Err() != nil {
		return 0, fmt.Errorf("read %s: the session is closed", c.asset.InfoHash.Short())
	}
	if off < 0 || off >= c.asset.Size {
		return 0, io.EOF
	}
	short := int64(len(b)) > c.asset.Size-off
	if short {
		b = b[:c.asset.Size-off]
	}
	n, err := c.s.blobs.ReadAt(c.asset.InfoHash, b, c.asset.Offset+off)
	if err == nil && short {
		err = io.EOF
	}
	return n, err
}

// saveCopy writes the files of a complete swarm into the folder of --save. A file
// that is there already with other bytes is kept: the new one gets the first
// digits of the info hash in its name.
func (s *Session) saveCopy(e *entry) error {
	if s.cfg.SaveDir == "" || e.published() {
		return nil
	}
	var errs []error
	for _, a := range s.assetsOf(e) {
		c := content{s, a}
		path := filepath.Join(s.cfg.SaveDir, filepath.FromSlash(a.Path))
		same, err := sameBytes(path, c)
		switch {
		case errors.Is(err, fs.ErrNotExist): // the name is free
		case err != nil:
			errs = append(errs, err)
			continue
		case same:
			continue
		default:
			ext := filepath.Ext(path)
			path = strings.TrimSuffix(path, ext) + "." + e.hash.Short() + ext
		}
		errs = append(errs, writeCopy(path, c))
	}
	return errors.Join(errs...)
}

func writeCopy(path string, c content) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if _, err := io.Copy(f, io.NewSectionReader(c, 0, c.asset.Size)); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

// sameBytes tells whether the file at path holds what c does; the error is set when it cannot be read.
func sameBytes(path string, c content) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() != c.asset.Size {
		return false, err
	}
	const block = 64 << 10
	a, b := make([]byte, block), make([]byte, block)
	for off := int64(0); off < c.asset.Size; off += block {
		n := min(block, c.asset.Size-off)
		if _, err := f.ReadAt(a[:n], off); err != nil {
			return false, err
		}
		if _, err := c.ReadAt(b[:n], off); err != nil {
			return false, err
		}
		if string(a[:n]) != string(b[:n]) {
			return false, nil
		}
	}
	return true, nil
}
