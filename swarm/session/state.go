package session

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"

	"swarmtop/swarm"
	"swarmtop/swarm/internal/journal"
)

// record is what the state folder keeps of a swarm besides its metainfo and bytes.
type record struct {
	InfoHash    swarm.InfoHash       `json:"info_hash"`
	Name        string               `json:"name"`
	Widget      string               `json:"widget,omitempty"`
	ContentType string               `json:"content_type,omitempty"`
	Alias       string               `json:"alias,omitempty"`
	URLs        []string             `json:"urls,omitempty"`      // the public ones
	Formerly    []formerURL          `json:"formerly,omitempty"`  // URLs that a later release has taken over
	Published   string               `json:"published,omitempty"` // the file that was published
	Trackers    [][]string           `json:"trackers,omitempty"`
	WebSeeds    []string             `json:"web_seeds,omitempty"`
	Foreign     bool                 `json:"foreign,omitempty"`  // its metainfo came from a public address
	Trusted     bool                 `json:"trusted,omitempty"`  // called so in the manifest
	Typed       []string             `json:"typed,omitempty"`    // trackers and web seeds that the user named
	Manifest    string               `json:"manifest,omitempty"` // the file that names it
	Resting     bool                 `json:"resting,omitempty"`  // its manifest names it no more
	Seeding     bool                 `json:"seeding"`
	Removed     bool                 `json:"removed,omitempty"` // left, and its bytes are to go
	Added       time.Time            `json:"added"`
	Completed   swarm.Opt[time.Time] `json:"completed"`
}

// stateFolder is the part of the state folder that tells which swarms there are.
type stateFolder struct {
	dir      string
	lock     *flock.Flock
	dirty    chan struct{} // capacity one: something changed since the last save
	metainfo *journal.Journal
	saving   sync.Mutex
}

func openState(dir string) (*stateFolder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the state folder: %w", err)
	}
	path := filepath.Join(dir, "lock")
	l := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the state folder: %w", err)
	}
	if !ok {
		by := ""
		if pid, _ := os.ReadFile(path); len(pid) > 0 {
			by = " by process " + strings.TrimSpace(string(pid))
		}
		return nil, fmt.Errorf("%w%s: %s (choose another one with --state)", ErrInUse, by, dir)
	}
	if err := os.WriteFile(path, fmt.Appendln(nil, os.Getpid()), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the state folder: %w", err), l.Unlock())
	}
	f := &stateFolder{dir: dir, lock: l, dirty: make(chan struct{}, 1)}
	if f.metainfo, err = journal.Open(filepath.Join(dir, "metainfo.journal")); err == nil {
		err = f.adopt()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the state folder: %w", err), l.Unlock())
	}
	return f, nil
}

func (f *stateFolder) close() error {
	return errors.Join(f.metainfo.Close(), os.Truncate(f.lock.Path(), 0), f.lock.Close())
}

// changed asks for a save soon; it never blocks.
func (f *stateFolder) changed() {
	select {
	case f.dirty <- struct{}{}:
	default:
	}
}

const (
	// saveRetry is how long to wait before a failed save, as on a full disk, is tried again.
	saveRetry = 5 * time.Second
	// saveShare bounds the time that saves take, to one part in so many, while much changes.
	saveShare = 20
)

// run saves what records returns whenever something has changed, until ctx ends.
// Changes that come while a save is under way, or soon after, share the next one. A
// save that fails is reported once and tried again until it succeeds.
func (f *stateFolder) run(ctx context.Context, records func() []record, failed func(error)) {
	var retry <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.dirty:
		case <-retry:
		}
		began := time.Now()
		err := f.saveNow(records)
		if err != nil && retry == nil {
			failed(err)
		}
		retry = nil
		if err != nil {
			retry = time.After(saveRetry)
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After((saveShare - 1) * time.Since(began)):
		}
	}
}

func (f *stateFolder) recordsPath() string { return filepath.Join(f.dir, "swarms.json") }

// saveNow is save for one caller at a time.
func (f *stateFolder) saveNow(records func() []record) error {
	f.saving.Lock()
	defer f.saving.Unlock()
	return f.save(records())
}

// save writes all records at once: after a crash either the old or the new ones are
// there, and after a power cut too the metainfo that they name.
func (f *stateFolder) save(records []record) error {
	slices.SortFunc(records, func(a, b record) int {
		return cmp.Or(a.Added.Compare(b.Added), slices.Compare(a.InfoHash[:], b.InfoHash[:]))
	})
	b, err := encode(records)
	if err == nil {
		err = f.metainfo.Flush()
	}
	if err == nil {
		err = renameio.WriteFile(f.recordsPath(), b, 0o600, renameio.WithTempDir(f.dir))
	}
	if err == nil {
		err = syncFolder(f.dir)
	}
	if err != nil {
		return fmt.Errorf("save the list of swarms: %w", err)
	}
	return nil
}

// encode writes a JSON array, a record a line.
func encode(records []record) ([]byte, error) {
	all := []byte{'['}
	for i := range records {
		b, err := json.Marshal(&records[i])
		if err != nil {
			return nil, err
		}
		if i > 0 {
			all = append(all, ',')
		}
		all = append(append(all, '\n'), b...)
	}
	return append(all, "\n]\n"...), nil
}

// syncFolder makes the renames in a folder outlast a power cut.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (f *stateFolder) load() ([]record, error) {
	b, err := os.ReadFile(f.recordsPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var records []record
	if err == nil {
		err = json.Unmarshal(b, &records)
	}
	if err != nil {
		return nil, fmt.Errorf("read the list of swarms, %s: %w", f.recordsPath(), err)
	}
	return records, nil
}

// saveMetainfo keeps metainfo. It outlasts a power cut once a list that names it is
// saved: until then nobody would miss it.
func (f *stateFolder) saveMetainfo(h swarm.InfoHash, b []byte) error {
	old, err := f.metainfo.Get(h)
	if err != nil || !bytes.Equal(old, b) {
		err = f.metainfo.Put(h, b)
	}
	if err != nil {
		return fmt.Errorf("save the metainfo of %s: %w", h.Short(), err)
	}
	return nil
}

// adopt takes over the metainfo that earlier versions kept in a file for each swarm.
func (f *stateFolder) adopt() error {
	dir := filepath.Join(f.dir, "metainfo")
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, file := range files {
		name, ok := strings.CutSuffix(file.Name(), ".torrent")
		h, bad := swarm.ParseInfoHash(name)
		if !ok || bad != nil {
			continue
		}
		b, failed := os.ReadFile(filepath.Join(dir, file.Name()))
		if failed == nil {
			failed = f.saveMetainfo(h, b)
		}
		err = errors.Join(err, failed)
	}
	if err == nil {
		err = f.metainfo.Flush()
	}
	if err == nil {
		err = os.RemoveAll(dir)
	}
	return err
}
