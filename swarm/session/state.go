package session

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
	"golang.org/x/sync/errgroup"

	"swarmtop/swarm"
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
	dir   string
	lock  *flock.Flock
	dirty chan struct{} // capacity one: something changed since the last save

	saving    sync.Mutex
	mu        sync.Mutex
	unflushed map[string]struct{} // metainfo files that a power cut could still take
}

func openState(dir string) (*stateFolder, error) {
	if err := os.MkdirAll(filepath.Join(dir, "metainfo"), 0o700); err != nil {
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
	return &stateFolder{dir: dir, lock: l, dirty: make(chan struct{}, 1), unflushed: map[string]struct{}{}}, nil
}

func (f *stateFolder) close() error {
	return errors.Join(os.Truncate(f.lock.Path(), 0), f.lock.Close())
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
	// saveQuiet is how long nothing has to change for a save to follow another at once.
	saveQuiet = 10 * time.Millisecond
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
		f.gather(ctx, (saveShare-1)*time.Since(began))
	}
}

// gather returns once nothing has changed for a moment, after longest at the latest.
func (f *stateFolder) gather(ctx context.Context, longest time.Duration) {
	over := time.After(longest)
	quiet := time.NewTimer(saveQuiet)
	defer quiet.Stop()
	for more := false; ; more = true {
		select {
		case <-f.dirty:
			quiet.Reset(saveQuiet)
			continue
		case <-quiet.C:
		case <-over:
		case <-ctx.Done():
		}
		if more {
			f.changed()
		}
		return
	}
}

func (f *stateFolder) recordsPath() string { return filepath.Join(f.dir, "swarms.json") }

func (f *stateFolder) metainfoPath(h swarm.InfoHash) string {
	return filepath.Join(f.dir, "metainfo", h.String()+".torrent")
}

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
	b, err := json.MarshalIndent(records, "", "\t")
	if err == nil {
		err = f.flushMetainfo()
	}
	if err == nil {
		err = renameio.WriteFile(f.recordsPath(), b, 0o600, renameio.WithTempDir(f.dir))
	}
	if err == nil {
		err = syncPath(f.dir)
	}
	if err != nil {
		return fmt.Errorf("save the list of swarms: %w", err)
	}
	return nil
}

// syncPath makes a file's bytes, or the renames in a folder, outlast a power cut.
func syncPath(path string) error {
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

// saveMetainfo puts metainfo into place. It outlasts a power cut once a list that
// names it is saved: until then nobody would miss it.
func (f *stateFolder) saveMetainfo(h swarm.InfoHash, b []byte) error {
	path := f.metainfoPath(h)
	err := os.WriteFile(path+".new", b, 0o600)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("save the metainfo of %s: %w", h.Short(), err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unflushed[path] = struct{}{}
	return nil
}

// flushes is how many files are flushed at once, so that they share the disk's turns.
const flushes = 32

// flushMetainfo makes what was saved outlast a power cut.
func (f *stateFolder) flushMetainfo() error {
	f.mu.Lock()
	paths := slices.Collect(maps.Keys(f.unflushed))
	clear(f.unflushed)
	f.mu.Unlock()
	if len(paths) == 0 {
		return nil
	}
	var all errgroup.Group
	all.SetLimit(flushes)
	for _, path := range paths {
		all.Go(func() error {
			if err := syncPath(path); !errors.Is(err, fs.ErrNotExist) { // else it was removed meanwhile
				return err
			}
			return nil
		})
	}
	err := all.Wait()
	if err == nil {
		err = syncPath(filepath.Join(f.dir, "metainfo"))
	}
	if err != nil { // all of them again next time
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, path := range paths {
			f.unflushed[path] = struct{}{}
		}
	}
	return err
}

func (f *stateFolder) loadMetainfo(h swarm.InfoHash) ([]byte, error) {
	b, err := os.ReadFile(f.metainfoPath(h))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

func (f *stateFolder) removeMetainfo(h swarm.InfoHash) error {
	err := os.Remove(f.metainfoPath(h))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
