package catalog

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"swarmtop/swarm/admit"
)

const (
	maxFolderFiles = 10_000
	wantPieces     = 1024 // about this many pieces at most, as long as the piece length allows
)

var errEmpty = errors.New("empty, nothing to share")

// PieceLength returns the smallest piece length, in bytes, that makes at most wantPieces
// of size bytes: a crowd is the faster the more pieces it can trade, as the README tells.
func PieceLength(size int64) int64 {
	n := int64(admit.MinPieceLength)
	for n < admit.MaxPieceLength && n*wantPieces < size {
		n *= 2
	}
	return n
}

// publish hashes the file f, whose absolute path is full. The same name, bytes
// and piece length make the same info hash. A length of 0 lets the size decide.
func publish(ctx context.Context, f *os.File, full string, length int64) (Entry, error) {
	info, err := f.Stat()
	if err != nil {
		return Entry{}, bare(err)
	}
	if info.Size() == 0 {
		return Entry{}, errEmpty
	}
	if length == 0 {
		length = PieceLength(info.Size())
	}
	if err := admit.CheckPieceLength(length); err != nil {
		return Entry{}, fmt.Errorf("piece_length: %w", err)
	}
	if n := (info.Size()-1)/length + 1; n > admit.MaxPieces {
		return Entry{}, fmt.Errorf("%d bytes in pieces of %d make %d pieces, the limit is %d; set a larger piece_length", info.Size(), length, n, admit.MaxPieces)
	}
	hashes, err := hashPieces(ctx, f, info.Size(), length)
	if err != nil {
		return Entry{}, err
	}
	t, err := admit.Single(filepath.Base(full), info.Size(), length, hashes)
	if err != nil {
		return Entry{}, err
	}
	return Entry{Torrent: &t, InfoHash: t.InfoHash, Name: t.Name, LocalFile: full}, nil
}

// hashPieces returns the SHA-1 of each piece of the size bytes that r must have, no more and no less.
func hashPieces(ctx context.Context, r io.Reader, size, length int64) ([]byte, error) {
	var hashes []byte
	h := sha1.New()
	buf := make([]byte, min(length, 256<<10))
	for left := size; left > 0; {
		piece := min(left, length)
		h.Reset()
		for in := piece; in > 0; {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			part := buf[:min(in, int64(len(buf)))]
			if _, err := io.ReadFull(r, part); err != nil {
				return nil, changed(err)
			}
			h.Write(part)
			in -= int64(len(part))
		}
		hashes = h.Sum(hashes)
		left -= piece
	}
	if _, err := io.ReadFull(r, buf[:1]); err != io.EOF {
		return nil, changed(err)
	}
	return hashes, nil
}

// changed tells that a file has another length than it had, unless err tells of something else.
func changed(err error) error {
	if err == nil || err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("it changed while it was read; try again when it is complete")
	}
	return bare(err)
}

// folder publishes each file of a folder and of the folders in it, as one widget
// that is named after the folder. Hidden files are no part of it, nor is
// what a symbolic link points to outside of the folder.
func folder(ctx context.Context, dir string, length int64) ([]Entry, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, bare(err))
	}
	defer root.Close()
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	w := folderWalk{ctx: ctx, root: root, dir: abs, length: length, seen: map[string]string{}}
	if err := fs.WalkDir(root.FS(), ".", w.visit); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	switch {
	case len(w.entries) > 0:
		w.entries[0].Notes = append(w.entries[0].Notes, w.notes...)
	case len(w.errs) == 0:
		return nil, fmt.Errorf("%s: no file to publish in this folder, %d left out", dir, len(w.notes))
	}
	return w.entries, errors.Join(w.errs...)
}

type folderWalk struct {
	ctx     context.Context
	root    *os.Root
	dir     string // absolute
	length  int64
	seen    map[string]string // info hash → path
	entries []Entry
	notes   []string
	errs    []error
}

func (w *folderWalk) visit(rel string, d fs.DirEntry, err error) error {
	if ctxErr := w.ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	full := filepath.Join(w.dir, filepath.FromSlash(rel))
	if err != nil {
		if rel == "." {
			return bare(err)
		}
		w.errs = append(w.errs, fmt.Errorf("%s: %w", full, bare(err)))
		return nil
	}
	if rel != "." && strings.HasPrefix(path.Base(rel), ".") {
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	if d.IsDir() {
		return nil
	}
	info, err := w.root.Stat(filepath.FromSlash(rel)) // follows links, but not out of the folder
	if err != nil || !info.Mode().IsRegular() {
		w.note(full, "not a file of this folder, left out")
		return nil
	}
	if len(w.entries) == maxFolderFiles {
		return fmt.Errorf("more than %d files; publish a smaller folder", maxFolderFiles)
	}
	return w.add(rel, full)
}

func (w *folderWalk) add(rel, full string) error {
	f, err := w.root.Open(filepath.FromSlash(rel))
	if err != nil {
		w.errs = append(w.errs, fmt.Errorf("%s: %w", full, bare(err)))
		return nil
	}
	defer f.Close()
	e, err := publish(w.ctx, f, full, w.length)
	switch {
	case w.ctx.Err() != nil:
		return w.ctx.Err()
	case errors.Is(err, errEmpty):
		w.note(full, "empty, left out")
		return nil
	case err != nil:
		w.errs = append(w.errs, fmt.Errorf("%s: %w", full, err))
		return nil
	}
	if first, twice := w.seen[e.InfoHash.String()]; twice {
		w.note(full, "the same name and bytes as "+first+", one swarm serves both")
		return nil
	}
	w.seen[e.InfoHash.String()] = full
	e.Name, e.Widget = rel, filepath.Base(w.dir)
	w.entries = append(w.entries, e)
	return nil
}

func (w *folderWalk) note(file, text string) { w.notes = append(w.notes, file+": "+text) }
