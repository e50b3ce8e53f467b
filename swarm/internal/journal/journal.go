// Package journal keeps small values under info hashes in one file to which it only
// appends, such as the metainfo of thousands of swarms: a file of its own for each costs
// the file system some hundred times as much.
package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"swarmtop/swarm"
)

// Journal is such a file. Its methods are safe for concurrent use.
type Journal struct {
	mu    sync.Mutex
	file  *os.File
	at    map[swarm.InfoHash]span
	end   int64 // where the next entry goes
	dirty bool  // a power cut could still take something
}

// span is where a value lies in the file.
type span struct{ off, length int64 }

// Open opens the journal at path, or begins it there. What a crash or damage has made
// unreadable is left out, and what counts no more is dropped from the file.
func Open(path string) (*Journal, error) {
	j, dead, err := open(path)
	if err != nil || !dead {
		return j, err
	}
	if err := errors.Join(j.rewrite(path), j.Close()); err != nil {
		return nil, fmt.Errorf("tidy up %s: %w", path, err)
	}
	j, _, err = open(path)
	return j, err
}

func open(path string) (j *Journal, dead bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	j = &Journal{file: f, at: map[swarm.InfoHash]span{}}
	if dead, err = j.read(); err != nil {
		return nil, false, errors.Join(fmt.Errorf("read %s: %w", path, err), f.Close())
	}
	return j, dead, nil
}

// Put keeps a value, at most Most bytes, in the place of one that is there.
func (j *Journal) Put(h swarm.InfoHash, value []byte) error {
	if len(value) > Most {
		return fmt.Errorf("%d bytes are more than a journal takes, %d", len(value), Most)
	}
	entry := append(head(h, int64(len(value))), value...)
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.append(entry); err != nil {
		return err
	}
	j.at[h] = span{j.end - int64(len(value)), int64(len(value))}
	return nil
}

// Get returns a value, nil if there is none.
func (j *Journal) Get(h swarm.InfoHash) ([]byte, error) {
	j.mu.Lock()
	at, ok := j.at[h]
	j.mu.Unlock()
	if !ok {
		return nil, nil
	}
	b := make([]byte, at.length)
	if _, err := j.file.ReadAt(b, at.off); err != nil && !(err == io.EOF && len(b) == 0) {
		return nil, err
	}
	return b, nil
}

// Delete forgets a value; its bytes leave the file when it is opened next.
func (j *Journal) Delete(h swarm.InfoHash) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, ok := j.at[h]; !ok {
		return nil
	}
	if err := j.append(head(h, gone)); err != nil {
		return err
	}
	delete(j.at, h)
	return nil
}

// append is called with the lock held.
func (j *Journal) append(entry []byte) error {
	if _, err := j.file.WriteAt(entry, j.end); err != nil {
		return errors.Join(err, j.file.Truncate(j.end)) // what came of it is no entry
	}
	j.end += int64(len(entry))
	j.dirty = true
	return nil
}

// Flush makes what was put and deleted before outlast a power cut.
func (j *Journal) Flush() error {
	j.mu.Lock()
	dirty := j.dirty
	j.dirty = false
	j.mu.Unlock()
	if !dirty {
		return nil
	}
	err := j.file.Sync()
	if err != nil { // again next time
		j.mu.Lock()
		j.dirty = true
		j.mu.Unlock()
	}
	return err
}

// Close closes the file without flushing it.
func (j *Journal) Close() error { return j.file.Close() }
