package blob

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
)

// file is one torrent's bytes on disk and what is known of each piece.
type file struct {
	layout     Layout
	part, blob string // paths

	mu       sync.Mutex
	known    []bool // the piece was hashed, or is known to be absent
	have     []bool
	missing  int           // pieces not (yet) found good
	unknown  int           // pieces not known yet, good or bad
	finished chan struct{} // closed while none is missing
	w        *os.File      // the part file, open while pieces are written
	sealed   bool          // the bytes are in the blob
	closed   bool

	arrivals map[int]chan struct{} // of pieces that somebody waits for
}

func openFile(part, blob string, l Layout) (*file, error) {
	n := l.count()
	f := &file{layout: l, part: part, blob: blob, known: make([]bool, n), have: make([]bool, n),
		missing: n, unknown: n, finished: make(chan struct{})}
	if n == 0 {
		close(f.finished)
	}
	_, blobErr := os.Stat(blob)
	_, partErr := os.Stat(part)
	f.sealed = blobErr == nil
	if errors.Is(blobErr, os.ErrNotExist) && errors.Is(partErr, os.ErrNotExist) {
		for i := range f.known {
			f.learn(i) // nothing here, so nothing to hash
		}
	} else if blobErr != nil && partErr != nil {
		return nil, errors.Join(blobErr, partErr)
	}
	return f, nil
}

// learn notes that piece i is known. It is called with the lock held or before the file is shared.
func (f *file) learn(i int) {
	if f.known[i] {
		return
	}
	f.known[i] = true
	f.unknown--
}

func (f *file) has(i int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return i >= 0 && i < len(f.have) && f.have[i]
}

func (f *file) state(i int) (known, have bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known[i], f.have[i]
}

func (f *file) whole() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.missing == 0
}

// set notes whether piece i is good and tells whether that is news.
func (f *file) set(i int, good bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.setLocked(i, good)
}

func (f *file) setLocked(i int, good bool) bool {
	news := f.have[i] != good
	switch {
	case news && good:
		if f.missing--; f.missing == 0 {
			close(f.finished)
		}
	case news:
		if f.missing++; f.missing == 1 {
			f.finished = make(chan struct{})
		}
	}
	f.learn(i)
	f.have[i] = good
	if c := f.arrivals[i]; good && c != nil {
		close(c)
		delete(f.arrivals, i)
	}
	return news
}

// unhashed returns the pieces of which nothing is known.
func (f *file) unhashed() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]int, 0, f.unknown)
	for i, known := range f.known {
		if !known {
			all = append(all, i)
		}
	}
	return all
}

// refute notes that piece i is not good on disk, unless it has become so since it was
// known to be unknown.
func (f *file) refute(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.known[i] {
		f.setLocked(i, false)
	}
}

func (f *file) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// doubt has every piece that is here be of unknown completion, though still here.
func (f *file) doubt() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, have := range f.have {
		if have && f.known[i] {
			f.known[i] = false
			f.unknown++
		}
	}
}

// complete notes that piece i was verified. With the last one the part file becomes
// the blob.
func (f *file) complete(i int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.setLocked(i, true)
	if f.missing > 0 || f.sealed {
		return nil
	}
	if err := f.seal(); err != nil {
		return fmt.Errorf("seal %s: %w", f.blob, err)
	}
	return nil
}

// seal does not flush: the client's few hashers would wait for the disk. What a power
// cut takes of a blob is found when it is hashed at the next start, and fetched again.
// It is called with the lock held.
func (f *file) seal() error {
	w, err := f.writer()
	if err != nil {
		return err
	}
	err = errors.Join(w.Chmod(0o444), w.Close())
	f.w = nil
	if err == nil {
		err = os.Rename(f.part, f.blob)
	}
	f.sealed = err == nil
	return err
}

// readRaw fills b from off with whatever is on disk. Bytes that a sparse or short
// file lacks read as zero, as they would in the padding of a hybrid torrent.
func (f *file) readRaw(b []byte, off int64) error {
	f.mu.Lock()
	if f.w != nil {
		defer f.mu.Unlock()
		return readFull(f.w, b, off)
	}
	f.mu.Unlock()
	r, done, err := f.reader()
	if err != nil {
		return err
	}
	defer done()
	return readFull(r, b, off)
}

// reader returns what is on disk; done is called after the last read.
func (f *file) reader() (r io.ReaderAt, done func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := f.part
	if f.sealed {
		path = f.blob
	}
	// Under the lock: a blob that loses a piece is renamed. Not to wait for a writer, should
	// somebody have put a pipe there.
	opened, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	return opened, func() { opened.Close() }, nil
}

func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if err == io.EOF {
		clear(b[n:])
		err = nil
	}
	return err
}

func (f *file) writeAt(b []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w, err := f.writer()
	if err != nil {
		return 0, err
	}
	return w.WriteAt(b, off)
}

// writer returns the part file, opened for writing; a blob that lost a piece
// becomes a part file again. It is called with the lock held.
func (f *file) writer() (*os.File, error) {
	switch {
	case f.closed:
		return nil, os.ErrClosed
	case f.w != nil:
		return f.w, nil
	}
	if f.sealed {
		if err := os.Rename(f.blob, f.part); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		f.sealed = false
	}
	if st, err := os.Lstat(f.part); err == nil && !st.Mode().IsRegular() { // somebody put something else there
		if err := os.RemoveAll(f.part); err != nil {
			return nil, err
		}
	}
	if err := os.Chmod(f.part, 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	w, err := os.OpenFile(f.part, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := w.Truncate(f.layout.Length); err != nil {
		w.Close()
		return nil, err
	}
	f.w = w
	return w, nil
}

func (f *file) close() error {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	return f.letGo()
}

// letGo closes what is open of the file; it is opened again if need be.
func (f *file) letGo() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.w == nil {
		return nil
	}
	w := f.w
	f.w = nil
	return w.Close()
}
