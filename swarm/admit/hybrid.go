package admit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// tree holds the file tree of a hybrid (BEP 52) against its v1 files. The torrent
// library lays a hybrid out by its tree, everybody else who speaks v1 by its
// files: they must be the same files at the same places, each on the first byte of a piece.
func (r infoReader) tree() error {
	root, given := r.fields["file tree"]
	if !r.t.Hybrid {
		if given {
			return errors.New("file tree: there is one, but no meta version 2")
		}
		return nil
	}
	w := treeWalker{
		files: slices.DeleteFunc(slices.Clone(r.t.Files), func(f File) bool { return f.Pad }),
		align: r.t.PieceLength,
	}
	prefix := []string{r.t.Name}
	if _, single := r.fields["length"]; single {
		prefix = nil // the tree has the one file under its own name
	}
	if err := w.walk(root, prefix); err != nil {
		return fmt.Errorf("file tree: %w", err)
	}
	switch {
	case len(w.files) > 0:
		return fmt.Errorf("file tree: %s is missing", quote(w.files[0].Path))
	case w.offset != int64(r.t.Pieces)*w.align:
		return fmt.Errorf("file tree: its files make %d pieces, the v1 files %d", w.offset/w.align, r.t.Pieces)
	}
	return nil
}

type treeWalker struct {
	files  []File // the v1 files still to come, without padding
	offset int64  // where the next file of the tree begins
	align  int64
}

func (w *treeWalker) walk(v value, path []string) error {
	if !v.is('d') {
		return fmt.Errorf("%s is missing or not a dictionary", quote(strings.Join(path, "/")))
	}
	entries := 0
	for key, sub := range v.fields() {
		if key == "" { // the first key, since keys ascend
			if len(v.dict()) > 1 {
				return fmt.Errorf("%s is a file and a folder", quote(strings.Join(path, "/")))
			}
			return w.file(sub, strings.Join(path, "/"))
		}
		entries++
		if err := w.walk(sub, append(path, key)); err != nil {
			return err
		}
	}
	if entries == 0 {
		return fmt.Errorf("%s is an empty folder", quote(strings.Join(path, "/")))
	}
	return nil
}

func (w *treeWalker) file(v value, path string) error {
	fields := v.dict()
	n, err := fileLength(fields["length"])
	if err != nil {
		return fmt.Errorf("%s: %w", quote(path), err)
	}
	root, _ := fields["pieces root"].string()
	if want := 32; n > 0 && len(root) != want || n == 0 && len(root) != 0 {
		return fmt.Errorf("%s: pieces root: %d bytes, want %d, or none for an empty file", quote(path), len(root), want)
	}
	if len(w.files) == 0 {
		return fmt.Errorf("%s is not among the v1 files", quote(path))
	}
	f := w.files[0]
	if f.Path != path || f.Length != n {
		return fmt.Errorf("%s of %d bytes stands where the v1 files have %s of %d", quote(path), n, quote(f.Path), f.Length)
	}
	if n > 0 && f.Offset != w.offset {
		return fmt.Errorf("%s begins at byte %d, but at %d among the v1 files", quote(path), w.offset, f.Offset)
	}
	w.files = w.files[1:]
	w.offset += (n + w.align - 1) / w.align * w.align
	return nil
}
