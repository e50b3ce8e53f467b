package admit

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"swarmtop/swarm"
)

// Info admits a bare info dictionary, as peers send it (BEP 9). The caller
// compares its InfoHash with the one that was asked for.
func Info(b []byte) (Torrent, error) {
	if len(b) > MaxAnswer {
		return Torrent{}, fmt.Errorf("info: %d bytes, the limit is %d", len(b), MaxAnswer)
	}
	v, err := check(slices.Clone(b))
	if err != nil {
		return Torrent{}, fmt.Errorf("info: %w", err)
	}
	return admitInfo(v)
}

// admitInfo reads an info dictionary that it may keep.
func admitInfo(v value) (Torrent, error) {
	if !v.is('d') {
		return Torrent{}, fmt.Errorf("info: %s is not a dictionary", quote(v))
	}
	t := Torrent{InfoBytes: v, InfoHash: sha1.Sum(v)}
	r := infoReader{t: &t, fields: v.dict()}
	if err := r.read(); err != nil {
		return Torrent{}, fmt.Errorf("info: %w", err)
	}
	return t, nil
}

type infoReader struct {
	t      *Torrent
	fields map[string]value
}

func (r infoReader) read() error {
	steps := []func() error{r.version, r.name, r.pieces, r.files, r.count, r.tree, r.rest, r.library}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// version refuses what has no v1 part (BEP 52).
func (r infoReader) version() error {
	v, given := r.fields["meta version"]
	if !given {
		return nil
	}
	n, ok := v.integer()
	switch {
	case !ok || n != 1 && n != 2:
		return fmt.Errorf("meta version: %s is neither 1 nor 2", quote(v))
	case n == 2 && r.fields["pieces"] == nil:
		return errors.New("meta version: a torrent of BitTorrent v2 only (BEP 52) has no v1 piece hashes and no v1 info hash, by which swarms are named here; v1 and hybrid torrents work")
	}
	r.t.Hybrid = n == 2
	return nil
}

func (r infoReader) name() error {
	for _, key := range []string{"name", "name.utf-8"} {
		v, given := r.fields[key]
		if !given {
			continue
		}
		name, ok := v.string()
		if !ok {
			return fmt.Errorf("%s: %s is not a string", key, quote(v))
		}
		if err := checkPart(name); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		r.t.Name = string(name) // the UTF-8 one wins, as in the torrent library
	}
	if r.fields["name"] == nil {
		return errors.New("name: missing")
	}
	return nil
}

// checkPart accepts what is safe as one part of a path.
func checkPart(part []byte) error {
	switch s := string(part); {
	case s == "":
		return errors.New("empty")
	case len(s) > maxPart:
		return fmt.Errorf("%d bytes, the limit is %d", len(s), maxPart)
	case s == "." || s == ".." || s == "-":
		return fmt.Errorf("%q is not allowed", s)
	case strings.ContainsAny(s, `/\`):
		return fmt.Errorf("%s has a path separator", quote(s))
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("%s has a control character", quote(s))
	}
	return nil
}

func (r infoReader) pieces() error {
	length, ok := r.fields["piece length"].integer()
	if !ok {
		return notA("piece length", r.fields["piece length"], "an integer")
	}
	if err := CheckPieceLength(length); err != nil {
		return fmt.Errorf("piece length: %w", err)
	}
	hashes, ok := r.fields["pieces"].string()
	switch {
	case !ok:
		return notA("pieces", r.fields["pieces"], "a string")
	case len(hashes)%20 != 0:
		return fmt.Errorf("pieces: %d bytes, not a multiple of 20", len(hashes))
	case len(hashes)/20 > MaxPieces:
		return fmt.Errorf("pieces: %d pieces, the limit is %d", len(hashes)/20, MaxPieces)
	}
	r.t.PieceLength, r.t.Pieces, r.t.hashes = length, len(hashes)/20, hashes
	return nil
}

// CheckPieceLength accepts a power of two within the limits, in bytes.
func CheckPieceLength(n int64) error {
	if n < MinPieceLength || n > MaxPieceLength || n&(n-1) != 0 {
		return fmt.Errorf("%d is not a power of two from %d to %d", n, MinPieceLength, MaxPieceLength)
	}
	return nil
}

// files reads the one file or the many, and sums the lengths.
func (r infoReader) files() error {
	length, single := r.fields["length"]
	list, multi := r.fields["files"]
	switch {
	case single == multi:
		return fmt.Errorf("length, files: %s, want exactly one of the two", map[bool]string{true: "both are there", false: "neither is there"}[single])
	case single:
		n, err := fileLength(length)
		if err != nil {
			return err
		}
		r.t.Files = []File{{Path: r.t.Name, Length: n}}
		r.t.Length = n
		return nil
	case !list.is('l'):
		return fmt.Errorf("files: %s is not a list", quote(list))
	}
	seen := map[string]bool{}
	for item := range list.items() {
		i := len(r.t.Files)
		if i == MaxFiles {
			n := 0
			for range list.items() {
				n++
			}
			return fmt.Errorf("files: %d files, the limit is %d", n, MaxFiles)
		}
		f, err := r.file(item)
		if err == nil && !f.Pad {
			err = claim(seen, f.Path)
		}
		if err == nil && r.t.Length+f.Length > maxLength {
			err = fmt.Errorf("length: with its %d bytes together %d, the limit is %d", f.Length, r.t.Length+f.Length, int64(maxLength))
		}
		if err != nil {
			return fmt.Errorf("files[%d]: %w", i, err)
		}
		f.Offset = r.t.Length
		r.t.Length += f.Length
		r.t.Files = append(r.t.Files, f)
	}
	if len(r.t.Files) == 0 {
		return errors.New("files: empty")
	}
	return nil
}

// claim marks path as a file and its parents as folders, and fails where
// another file has claimed one of them as the other, or the same path.
func claim(seen map[string]bool, path string) error {
	const folder, file = false, true
	for i := range len(path) {
		if path[i] != '/' {
			continue
		}
		if seen[path[:i]] == file {
			return fmt.Errorf("path: %s is a file and a folder", quote(path[:i]))
		}
		seen[path[:i]] = folder
	}
	if _, taken := seen[path]; taken {
		return fmt.Errorf("path: %s stands twice", quote(path))
	}
	seen[path] = file
	return nil
}

func fileLength(v value) (int64, error) {
	n, ok := v.integer()
	if !ok {
		return 0, notA("length", v, "an integer")
	}
	if n < 0 || n > maxLength {
		return 0, fmt.Errorf("length: %d is not from 0 to %d", n, int64(maxLength))
	}
	return n, nil
}

func (r infoReader) file(v value) (File, error) {
	if !v.is('d') {
		return File{}, fmt.Errorf("%s is not a dictionary", quote(v))
	}
	fields := v.dict()
	n, err := fileLength(fields["length"])
	if err != nil {
		return File{}, err
	}
	path := ""
	for _, key := range []string{"path", "path.utf-8"} {
		if list, given := fields[key]; given || key == "path" {
			if path, err = r.path(list); err != nil {
				return File{}, fmt.Errorf("%s: %w", key, err)
			}
		}
	}
	attr, _ := fields["attr"].string()
	return File{Path: path, Length: n, Pad: slices.Contains(attr, 'p')}, nil
}

func (r infoReader) path(list value) (string, error) {
	if !list.is('l') {
		if list == nil {
			return "", errors.New("missing")
		}
		return "", fmt.Errorf("%s is not a list", quote(list))
	}
	parts := []string{r.t.Name}
	for item := range list.items() {
		part, ok := item.string()
		if !ok {
			return "", fmt.Errorf("the part %s is not a string", quote(item))
		}
		if err := checkPart(part); err != nil {
			return "", err
		}
		if len(parts) == maxParts {
			return "", fmt.Errorf("%s has more than %d parts, the limit", quote(strings.Join(parts, "/")), maxParts)
		}
		parts = append(parts, string(part))
	}
	if len(parts) == 1 {
		return "", errors.New("empty")
	}
	return strings.Join(parts, "/"), nil
}

// count holds the number of piece hashes against the length.
func (r infoReader) count() error {
	t := r.t
	if t.Length == 0 {
		return errors.New("length: 0 bytes, nothing to share")
	}
	if want := (t.Length + t.PieceLength - 1) / t.PieceLength; want != int64(t.Pieces) {
		return fmt.Errorf("pieces: %d, but %d bytes in pieces of %d make %d", t.Pieces, t.Length, t.PieceLength, want)
	}
	return nil
}

func (r infoReader) rest() error {
	if v, given := r.fields["private"]; given {
		n, ok := v.integer()
		if !ok {
			return fmt.Errorf("private: %s is not an integer", quote(v))
		}
		r.t.Private = n != 0
	}
	r.t.S3Bucket = text(r.fields["x-amz-bucket"])
	r.t.S3Key = text(r.fields["x-amz-key"])
	return nil
}

// library asks the torrent library whether it can read the dictionary, since it
// will be asked again where a failure is not ours to handle.
func (r infoReader) library() error {
	var info metainfo.Info
	if err := bencode.Unmarshal(r.t.InfoBytes, &info); err != nil {
		return fmt.Errorf("the torrent library cannot read it: %s", swarm.Clean(err.Error(), 200))
	}
	return nil
}

// notA says that a field is missing or of another kind than it has to be.
func notA(field string, v value, kind string) error {
	if v == nil {
		return fmt.Errorf("%s: missing", field)
	}
	return fmt.Errorf("%s: %s is not %s", field, quote(v), kind)
}

// text returns the string that v is, cut at a limit; of another kind, nothing.
func text(v value) string {
	s, _ := v.string()
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.ToValidUTF8(string(s), "\uFFFD")
}
