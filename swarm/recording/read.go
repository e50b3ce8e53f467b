package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"reflect"
	"sort"
	"time"

	"github.com/klauspost/compress/zstd"

	"swarmtop/swarm"
)

// block is where one stands in the file.
type block struct {
	offset int64
	first  int // number of its first snapshot, from 0
	at     time.Time
}

// index tells what a file holds.
type index struct {
	blocks  []block
	count   int   // of whole snapshots
	end     int64 // of the last whole segment
	damaged bool  // more follows, and it is not just a segment that was cut off
}

// indexOf reads a file from its beginning to the end of its last whole segment.
func indexOf(file io.ReaderAt, size int64) (*index, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(file, 0, size), 64<<10)
	begin, err := in.Peek(len(header))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, plainly(err)
	}
	if err := checkHeader(string(begin)); err != nil {
		return nil, err
	}
	if _, err := in.Discard(len(header)); err != nil {
		return nil, plainly(err)
	}
	x := &index{end: int64(len(header))}
	room := 0 // of the block
	var b [headSize]byte
	for inside := 0; ; inside++ {
		switch _, err := io.ReadFull(in, b[:]); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return x, nil
		case err != nil:
			return nil, plainly(err)
		}
		h := readHead(b[:])
		if h.begins {
			inside, room = 0, maxBlock
		}
		room -= h.unpacked
		end := x.end + headSize + int64(h.size)
		switch {
		case end > size && h.size <= maxSnapshot+maxShape:
			return x, nil // cut off
		case room < 0, h.unpacked > maxSnapshot, inside == blockSnapshots, len(x.blocks) == maxBlocks && h.begins:
			x.damaged = true
			return x, nil
		}
		sum := crc32.New(castagnoli)
		sum.Write(b[:headSize-4])
		if _, err := io.CopyN(sum, in, int64(h.size)); err != nil {
			return nil, plainly(err)
		}
		if sum.Sum32() != h.sum {
			x.damaged = end < size // a crash may leave a last segment that is long enough but not whole
			return x, nil
		}
		if h.begins {
			x.blocks = append(x.blocks, block{x.end, x.count, h.at})
		}
		x.end = end
		x.count++
	}
}

// Reader reads the snapshots of a recording in any order. It keeps one block
// unpacked, and nothing else of the file. It is for one goroutine.
type Reader struct {
	file  *os.File
	index *index
	size  int64
	zstd  *zstd.Decoder

	block  int      // that is unpacked; −1 for none
	raw    [][]byte // its snapshots
	decode decoder
}

// Open opens a recording. A file that is none, of another version, or without one
// whole snapshot is an error.
func Open(name string) (*Reader, error) {
	r, err := open(name)
	if err != nil {
		return nil, fmt.Errorf("replay %s: %w", name, err)
	}
	return r, nil
}

func open(name string) (r *Reader, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, plainly(err)
	}
	r = &Reader{file: file, block: -1}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return r, plainly(err)
	}
	if !info.Mode().IsRegular() {
		return r, errors.New("not a regular file")
	}
	r.size = info.Size()
	if r.index, err = indexOf(file, r.size); err != nil {
		return r, err
	}
	if len(r.index.blocks) == 0 {
		return r, ErrEmpty
	}
	r.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(maxBlock), zstd.WithDecoderMaxWindow(2*window))
	return r, err
}

// Count returns the number of whole snapshots, 1 or more.
func (r *Reader) Count() int { return r.index.count }

// Find returns the number of the last snapshot that was taken at a time or before
// it, in a recording whose clock was never set back; 0 if there is none.
func (r *Reader) Find(at time.Time) int {
	blocks := r.index.blocks
	b := max(sort.Search(len(blocks), func(k int) bool { return blocks[k].at.After(at) })-1, 0)
	heads, err := r.heads(b)
	if err != nil {
		return blocks[b].first
	}
	n := sort.Search(len(heads), func(k int) bool { return heads[k].at.After(at) })
	return blocks[b].first + max(n-1, 0)
}

// Lost returns how many bytes at the end of the file are not played: they are
// damaged, or were cut off.
func (r *Reader) Lost() int64 { return r.size - r.index.end }

// Close closes the file.
func (r *Reader) Close() error {
	if r.zstd != nil {
		r.zstd.Close()
	}
	return r.file.Close()
}

// Snapshot returns snapshot i, from 0.
func (r *Reader) Snapshot(i int) (*swarm.Snapshot, error) {
	s, err := r.snapshot(i)
	if err != nil {
		return nil, fmt.Errorf("snapshot %d of %d: %w", i+1, r.index.count, err)
	}
	return s, nil
}

func (r *Reader) snapshot(i int) (*swarm.Snapshot, error) {
	blocks := r.index.blocks
	at := sort.Search(len(blocks), func(k int) bool { return blocks[k].first > i }) - 1
	if at < 0 || i >= r.index.count {
		return nil, errors.New("there is none")
	}
	if err := r.unpack(at); err != nil {
		return nil, err
	}
	return decodeSnapshot(r.decode, r.raw[i-blocks[at].first])
}

// decodeSnapshot reads one snapshot, and checks it.
func decodeSnapshot(decode decoder, raw []byte) (*swarm.Snapshot, error) {
	s := new(swarm.Snapshot)
	in := &input{b: raw, room: maxMemory}
	decode(in, reflect.ValueOf(s).Elem())
	if in.err != nil {
		return nil, in.err
	}
	if len(in.b) > 0 {
		return nil, fmt.Errorf("%w: a snapshot is longer than it says", ErrDamaged)
	}
	return s, check(s)
}

// unpack makes a block ready.
func (r *Reader) unpack(at int) error {
	if at == r.block {
		return nil
	}
	r.block, r.raw = -1, nil
	heads, err := r.heads(at)
	if err != nil {
		return err
	}
	var payloads []io.Reader
	offset := r.index.blocks[at].offset
	for _, h := range heads {
		payloads = append(payloads, io.NewSectionReader(r.file, offset+headSize, int64(h.size)))
		offset += headSize + int64(h.size)
	}
	if err := r.zstd.Reset(bufio.NewReader(io.MultiReader(payloads...))); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	raw := make([][]byte, len(heads))
	for i, h := range heads {
		var b bytes.Buffer // grows with what comes, whatever the head says
		if _, err := io.CopyN(&b, r.zstd, int64(h.unpacked)); err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		raw[i] = b.Bytes()
	}
	decode, rest, err := learn(raw[0])
	if err != nil {
		return err
	}
	raw[0] = rest
	r.block, r.raw, r.decode = at, raw, decode
	return nil
}

// heads reads those of a block's segments.
func (r *Reader) heads(at int) ([]head, error) {
	last := r.index.count
	if at+1 < len(r.index.blocks) {
		last = r.index.blocks[at+1].first
	}
	heads := make([]head, last-r.index.blocks[at].first)
	offset := r.index.blocks[at].offset
	for i := range heads {
		var b [headSize]byte
		if _, err := r.file.ReadAt(b[:], offset); err != nil {
			return nil, plainly(err)
		}
		heads[i] = readHead(b[:])
		offset += headSize + int64(heads[i].size)
	}
	return heads, nil
}

// learn takes the shape from the beginning of a block's first snapshot.
func learn(raw []byte) (decode decoder, rest []byte, err error) {
	in := &input{b: raw}
	n := in.uint()
	if n > maxShape {
		return nil, nil, fmt.Errorf("%w: a shape of %d bytes", ErrDamaged, n)
	}
	text := in.take(n)
	if in.err != nil {
		return nil, nil, in.err
	}
	s := new(shape)
	if err := json.Unmarshal(text, s); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if s.Kind != recordKind {
		return nil, nil, fmt.Errorf("%w: a block does not hold snapshots", ErrDamaged)
	}
	decode, err = decoderOf(s, reflect.TypeFor[swarm.Snapshot]())
	return decode, in.b, err
}
