package recording

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"

	"github.com/gofrs/flock"
	"github.com/klauspost/compress/zstd"

	"swarmtop/swarm"
)

// disk is what a Writer needs of its file.
type disk interface {
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
	Close() error
}

// Writer appends snapshots to a file. It is for one goroutine.
type Writer struct {
	file disk
	lock *flock.Flock
	end  int64 // of the last whole segment
	torn bool  // something stands behind end

	encode encoder
	shape  []byte

	zstd   *zstd.Encoder
	packed bytes.Buffer
	raw    []byte
	inside int // snapshots in the block; 0 to begin another one
	size   int // of the block, unpacked
}

// Create opens a recording to append to, and makes it (mode 0600) if there is
// none. A file that is no recording of this version, that is damaged before its
// end, or that another process records to is an error and is left as it is. What a
// crash left of a last segment is cut off.
func Create(name string) (*Writer, error) {
	w, err := create(name)
	if err != nil {
		return nil, fmt.Errorf("record to %s: %w", name, err)
	}
	return w, nil
}

func create(name string) (w *Writer, err error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	w = &Writer{lock: flock.New(name, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))}
	locked, err := w.lock.TryLock()
	if err != nil {
		return nil, plainly(err)
	}
	if !locked {
		return nil, errors.New("another swarmtop records to it")
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return w, plainly(err)
	}
	w.file = file
	info, err := file.Stat()
	if err != nil {
		return w, plainly(err)
	}
	if err := w.begin(info.Size()); err != nil {
		return w, err
	}
	encode, s, err := encoderOf(reflect.TypeFor[swarm.Snapshot]())
	if err != nil {
		return w, err
	}
	if w.shape, err = json.Marshal(s); err != nil {
		return w, err
	}
	w.encode = encode
	w.zstd, err = zstd.NewWriter(&w.packed, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
		zstd.WithWindowSize(window), zstd.WithEncoderCRC(false))
	return w, err
}

// begin finds the end of what the file holds, or gives an empty one its first line.
func (w *Writer) begin(size int64) error {
	if size == 0 {
		if _, err := w.file.WriteAt([]byte(header), 0); err != nil {
			return plainly(err)
		}
		w.end = int64(len(header))
		return nil
	}
	x, err := indexOf(w.file, size)
	if err != nil {
		return err
	}
	if x.damaged {
		return fmt.Errorf("%w after %d of its %d bytes: name another file", ErrDamaged, x.end, size)
	}
	w.end, w.torn = x.end, x.end < size
	return w.mend()
}

// mend cuts off what stands behind the last whole segment.
func (w *Writer) mend() error {
	if !w.torn {
		return nil
	}
	if err := w.file.Truncate(w.end); err != nil {
		return plainly(err)
	}
	w.torn = false
	return nil
}

// errLarge is returned for a snapshot that no reader would take.
var errLarge = fmt.Errorf("the snapshot has more than %d MiB", maxSnapshot>>20)

// Write appends a snapshot. After an error the file holds what it held before, or
// does so again once a later Write succeeds.
func (w *Writer) Write(s *swarm.Snapshot) (err error) {
	if err := w.mend(); err != nil {
		return err
	}
	if w.inside == blockSnapshots || w.size >= blockBytes {
		w.inside = 0
	}
	w.raw = w.raw[:0]
	if w.inside == 0 {
		w.raw = append(binary.AppendUvarint(w.raw, uint64(len(w.shape))), w.shape...)
	}
	w.raw = w.encode(w.raw, reflect.ValueOf(s).Elem())
	if len(w.raw) > maxSnapshot {
		w.raw = nil
		return errLarge
	}
	inside := w.inside
	begins := inside == 0
	w.packed.Reset()
	if begins {
		w.size = 0
		w.zstd.Reset(&w.packed)
	}
	w.inside = 0 // until all has gone well: what failed ends the block
	if _, err := w.zstd.Write(w.raw); err != nil {
		return err
	}
	if err := w.zstd.Flush(); err != nil {
		return err
	}
	h := head{begins: begins, size: w.packed.Len(), unpacked: len(w.raw), at: s.At}
	segment := append(h.bytes(w.packed.Bytes()), w.packed.Bytes()...)
	if _, err := w.file.WriteAt(segment, w.end); err != nil {
		w.torn = true
		return errors.Join(plainly(err), w.mend())
	}
	w.end += int64(len(segment))
	w.size += len(w.raw)
	w.inside = inside + 1
	return nil
}

// Close ends the recording.
func (w *Writer) Close() error {
	var err error
	if w.file != nil {
		err = w.file.Close()
	}
	return errors.Join(err, w.lock.Close())
}

// plainly drops the operation and the name from an error of the file, which the caller tells.
func plainly(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
