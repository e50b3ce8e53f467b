package session

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// Spec is a swarm to be added.
type Spec struct {
	Torrent     *admit.Torrent // nil while only the info hash is known
	InfoHash    swarm.InfoHash
	Name        string // shown until the metainfo tells
	Widget      string
	ContentType string // declared; empty for none
	Alias       string // URL path of its only file; empty for none
	Trackers    [][]string
	WebSeeds    []string
	Seed        swarm.Opt[bool]
	Publish     string   // path of the file whose bytes these are; empty if they are to be fetched
	Foreign     bool     // the metainfo came from a public address
	Typed       []string // those of Trackers and WebSeeds that the user named
}

// entry is one swarm of the session.
type entry struct {
	hash    swarm.InfoHash
	added   time.Time
	torrent *torrent.Torrent

	// Owned by the collector:
	last     swarm.Swarm // its latest sample
	window   window
	gone     counters // connections that have ended
	peers    map[*conn]struct{}
	files    []swarm.File
	filesFor [2]string      // the alias and declared type that files was made for
	whole    swarm.Bitfield // all pieces, once the swarm is complete
	checking bool

	mu      sync.Mutex
	record  record
	meta    *admit.Torrent // nil until the info is here and admitted
	failed  string         // why it cannot go on
	trouble string         // why it does not go on now, such as a full disk
	seeds   []*webSeed
	healing bool // a damaged piece is being fetched again
}

func (e *entry) name() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.nameLocked()
}

func (e *entry) nameLocked() string {
	switch {
	case e.meta != nil:
		return swarm.Clean(e.meta.Name, nameCells)
	case e.record.Name != "":
		return swarm.Clean(e.record.Name, nameCells)
	}
	return e.hash.String()
}

func (e *entry) published() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.record.Published != ""
}

func (e *entry) info() (record, *admit.Torrent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.record, e.meta
}

const nameCells = 200

// Add joins a swarm, or publishes one, and tells whether it is new. What is known
// already gains the trackers, web seeds and names of the spec.
func (s *Session) Add(spec Spec) (added bool, err error) {
	if e := s.entry(spec.InfoHash); e != nil {
		return false, s.merge(e, spec)
	}
	r := record{
		InfoHash:    spec.InfoHash,
		Name:        spec.Name,
		Widget:      spec.Widget,
		ContentType: spec.ContentType,
		Alias:       spec.Alias,
		Published:   spec.Publish,
		Trackers:    spec.Trackers,
		WebSeeds:    spec.WebSeeds,
		Foreign:     spec.Foreign,
		Typed:       spec.Typed,
		Seeding:     spec.Seed.Or(s.cfg.Seed),
		Added:       s.cfg.Now(),
	}
	if spec.Torrent != nil {
		if err := s.state.saveMetainfo(spec.InfoHash, admit.EncodeMetainfo(spec.Torrent, nil, nil)); err != nil {
			return false, err
		}
	}
	if spec.Publish != "" {
		if err := s.importFile(spec.InfoHash, spec.Publish); err != nil {
			return false, err
		}
	}
	if err := s.start(&r); err != nil {
		return false, err
	}
	s.state.changed()
	return true, nil
}

func (s *Session) importFile(h swarm.InfoHash, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return s.blobs.Import(h, f)
}

// merge takes over what a repeated source says of a swarm that is here already.
func (s *Session) merge(e *entry, spec Spec) error {
	if spec.Alias != "" {
		s.claimAlias(e, spec.Alias)
	}
	e.mu.Lock()
	r := &e.record
	r.Widget, r.ContentType = or(spec.Widget, r.Widget), or(spec.ContentType, r.ContentType)
	r.Published = or(spec.Publish, r.Published)
	r.Trackers = mergeTiers(r.Trackers, spec.Trackers)
	for _, u := range spec.WebSeeds {
		if !slices.Contains(r.WebSeeds, u) {
			r.WebSeeds = append(slices.Clip(r.WebSeeds), u)
		}
	}
	r.Typed = append(slices.Clip(r.Typed), spec.Typed...)
	seeds := r.WebSeeds
	switchTo, hasSwitch := spec.Seed.Get()
	wantsInfo := e.meta == nil && spec.Torrent != nil
	e.mu.Unlock()

	if wantsInfo {
		if err := e.torrent.SetInfoBytes(spec.Torrent.InfoBytes); err != nil {
			return fmt.Errorf("add %s: %w", spec.InfoHash.Short(), err)
		}
	}
	merged, _ := e.info()
	s.learnTrust(&merged)
	s.addWebSeeds(e, seeds)
	s.announce(e)
	s.state.changed()
	if hasSwitch {
		return s.SetSeeding([]swarm.InfoHash{e.hash}, switchTo)
	}
	return nil
}

// start hands a swarm to the client.
func (s *Session) start(r *record) error {
	meta, err := s.storedMetainfo(r)
	if err != nil {
		return err
	}
	opts := torrent.AddTorrentOpts{
		InfoHash:             [20]byte(r.InfoHash),
		DisallowDataUpload:   !r.Seeding,
		DeferStorageOpen:     meta == nil, // an info dictionary from peers passes the gate first
		DisallowDataDownload: meta == nil,
	}
	if meta != nil {
		opts.InfoBytes = meta.InfoBytes
	}
	e := &entry{hash: r.InfoHash, added: r.Added, record: *r, meta: meta, peers: map[*conn]struct{}{}}
	s.mu.Lock()
	if s.swarms[r.InfoHash] != nil {
		s.mu.Unlock()
		return nil
	}
	t, _ := s.client.AddTorrentOpt(opts)
	e.torrent = t
	s.swarms[r.InfoHash] = e
	s.mu.Unlock()
	if r.Alias != "" {
		s.claimAlias(e, r.Alias)
	}

	t.SetOnWriteChunkError(func(err error) { s.writeFailed(e, err) })
	if r.Name != "" {
		t.SetDisplayName(r.Name)
	}
	if meta != nil {
		t.DownloadAll()
	}
	s.learnTrust(r)
	s.addWebSeeds(e, r.WebSeeds)
	s.announce(e)
	s.work.Go(func() error { s.follow(e); return nil })
	return nil
}

func (s *Session) storedMetainfo(r *record) (*admit.Torrent, error) {
	b, err := s.state.loadMetainfo(r.InfoHash)
	if err != nil || b == nil {
		return nil, err
	}
	// What is stored was admitted when it came; only its info dictionary counts here.
	meta, err := admit.Metainfo(b, admit.Typed, s.cfg.Policy)
	if err == nil && meta.InfoHash != r.InfoHash {
		err = errors.New("metainfo on disk has another info hash")
	}
	if err != nil {
		return nil, err
	}
	return &meta, nil
}

// follow waits for what a swarm is to get next: its info dictionary, then its last piece.
func (s *Session) follow(e *entry) {
	if _, meta := e.info(); meta == nil {
		select {
		case <-e.torrent.GotInfo():
		case <-e.torrent.Closed():
			return
		case <-s.quit.Done():
			return
		}
		if err := s.gotInfo(e); err != nil {
			s.fail(e, err)
			return
		}
		e.torrent.DownloadAll()
	}
	select {
	case <-e.torrent.Complete().On():
		s.completed(e)
	case <-e.torrent.Closed():
	case <-s.quit.Done():
	}
}

// gotInfo lets an info dictionary that came from peers through the gate.
func (s *Session) gotInfo(e *entry) error {
	meta, err := admit.Info(e.torrent.Metainfo().InfoBytes)
	if err != nil {
		return fmt.Errorf("metadata refused: %w", err)
	}
	if err := s.state.saveMetainfo(e.hash, admit.EncodeMetainfo(&meta, nil, nil)); err != nil {
		return err
	}
	if err := e.torrent.OpenStorage(s.quit, nil); err != nil {
		return err
	}
	e.mu.Lock()
	e.meta = &meta
	e.mu.Unlock()
	e.torrent.AllowDataDownload()
	s.cfg.Log(swarm.Info, fmt.Sprintf("%s: metadata is here", e.name()))
	return nil
}

// fail puts a swarm to rest that cannot go on.
func (s *Session) fail(e *entry, err error) {
	e.mu.Lock()
	e.failed = swarm.Clean(err.Error(), nameCells)
	e.mu.Unlock()
	e.torrent.DisallowDataDownload()
	s.announcer.SetActive(e.hash, false)
	s.cfg.Log(swarm.Error, fmt.Sprintf("%s: %v", e.name(), err))
}

func (s *Session) completed(e *entry) {
	e.mu.Lock()
	before := e.record.Completed.IsKnown()
	published := e.record.Published != ""
	if !before {
		e.record.Completed = swarm.Known(s.cfg.Now())
	}
	e.mu.Unlock()
	if !before {
		s.state.changed()
		if !published {
			s.announcer.Completed(e.hash)
			s.cfg.Log(swarm.Info, fmt.Sprintf("%s: complete", e.name()))
		}
	}
	s.announcer.SetActive(e.hash, s.active(e))
	if err := s.saveCopy(e); err != nil {
		s.cfg.Log(swarm.Error, fmt.Sprintf("%s: save under its own name: %v", e.name(), err))
	}
}

// heal follows a swarm that was complete and lost a piece until it is complete again.
func (s *Session) heal(e *entry, piece int) {
	e.mu.Lock()
	busy := e.healing
	e.healing = true
	e.mu.Unlock()
	e.torrent.Piece(piece).UpdateCompletion()
	if busy {
		return
	}
	s.announcer.SetActive(e.hash, s.active(e))
	select {
	case <-e.torrent.Complete().On():
		s.announcer.SetActive(e.hash, s.active(e))
		s.cfg.Log(swarm.Info, fmt.Sprintf("%s: whole again", e.name()))
	case <-e.torrent.Closed():
	case <-s.quit.Done():
	}
	e.mu.Lock()
	e.healing = false
	e.mu.Unlock()
}

// active tells whether trackers ought to count us: something is missing, or is given.
func (s *Session) active(e *entry) bool {
	r, _ := e.info()
	return r.Seeding || !e.torrent.Complete().Bool()
}

// writeRetry is how long to wait after a failed write, as on a full disk, before the next try.
const writeRetry = 5 * time.Second

func (s *Session) writeFailed(e *entry, err error) {
	e.mu.Lock()
	first := e.trouble == ""
	e.trouble = swarm.Clean("cannot write to disk: "+err.Error(), nameCells)
	e.mu.Unlock()
	if !first {
		return
	}
	e.torrent.DisallowDataDownload()
	s.cfg.Log(swarm.Error, fmt.Sprintf("%s: cannot write to disk, trying again every %s: %v", e.name(), writeRetry, err))
	s.work.Go(func() error {
		select {
		case <-time.After(writeRetry):
		case <-s.quit.Done():
			return nil
		case <-e.torrent.Closed():
			return nil
		}
		e.mu.Lock()
		e.trouble = ""
		e.mu.Unlock()
		e.torrent.AllowDataDownload()
		return nil
	})
}

// Remove leaves a swarm. Its bytes and metainfo go too if bytesToo is set, else a
// later Add finds the bytes again.
func (s *Session) Remove(h swarm.InfoHash, bytesToo bool) error {
	s.mu.Lock()
	e := s.swarms[h]
	delete(s.swarms, h)
	if e != nil {
		r, _ := e.info()
		if s.alias[r.Alias] == h {
			delete(s.alias, r.Alias)
		}
	}
	s.mu.Unlock()
	if e == nil {
		return fmt.Errorf("remove %s: no such swarm", h.Short())
	}
	s.announcer.Remove(h)
	e.torrent.Drop()
	s.conns.forget(e.torrent)
	s.state.changed()
	if !bytesToo {
		return nil
	}
	return errors.Join(s.blobs.Remove(h), s.state.removeMetainfo(h))
}

// SetSeeding turns the uploads of swarms on or off, at once and with connections
// kept. With nothing left to download, trackers are told stopped or started.
func (s *Session) SetSeeding(hashes []swarm.InfoHash, on bool) error {
	for _, h := range hashes {
		e := s.entry(h)
		if e == nil {
			return fmt.Errorf("seeding of %s: no such swarm", h.Short())
		}
		e.mu.Lock()
		e.record.Seeding = on
		e.mu.Unlock()
		if on {
			e.torrent.AllowDataUpload()
		} else {
			e.torrent.DisallowDataUpload()
		}
		s.announcer.SetActive(h, s.active(e))
	}
	s.state.changed()
	return nil
}

// announce tells the announcer of a swarm's trackers.
func (s *Session) announce(e *entry) {
	r, _ := e.info()
	var own []string
	if r.Published != "" || len(r.Trackers) == 0 {
		own = s.cfg.OwnTrackers()
	}
	s.announcer.Add(e.hash, own, r.Trackers, s.active(e))
}

// records returns what the state folder is to keep: every swarm, and those that
// could not be started and wait for a better day.
func (s *Session) records() []record {
	all := slices.Clone(s.stored)
	for _, e := range s.entries() {
		r, _ := e.info()
		all = append(all, r)
	}
	return all
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func mergeTiers(have, more [][]string) [][]string {
	seen := map[string]bool{}
	for _, tier := range have {
		for _, u := range tier {
			seen[u] = true
		}
	}
	for _, tier := range more {
		var fresh []string
		for _, u := range tier {
			if !seen[u] {
				seen[u] = true
				fresh = append(fresh, u)
			}
		}
		if fresh != nil {
			have = append(have, fresh)
		}
	}
	return have
}
