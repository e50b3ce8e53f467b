package session

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
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
	Publish     string          // path of the file whose bytes these are; empty if they are to be fetched
	Foreign     bool            // the metainfo came from a public address
	Trusted     swarm.Opt[bool] // whether the manifest calls it so; unknown when no manifest names it
	Typed       []string        // those of Trackers and WebSeeds that the user named

	URLs     swarm.Opt[[]string] // public URLs of its only file; unknown when no manifest names it
	Manifest string              // the file that names it and from then on decides its path, type and widget; empty for none
}

// entry is one swarm of the session.
type entry struct {
	hash   swarm.InfoHash
	added  time.Time
	called chan struct{}                   // capacity one: there is reason to enter the client
	over   chan struct{}                   // closed when the session leaves the swarm
	client atomic.Pointer[torrent.Torrent] // nil while the client does not hold it, see enter

	entering sync.Mutex // held while it enters or leaves the client; taken before permits
	permits  sync.Mutex // held while the library's switches are turned; taken before mu
	allowed  allowed    // guarded by permits

	// Owned by the collector:
	last     *swarm.Swarm // its latest sample, in what Sample returned last; nil before the first
	looked   time.Time    // of its latest look
	motion   *motion      // nil while nothing has ever moved, nor could have
	peers    map[*conn]struct{}
	files    []swarm.File
	filesFor [2]string      // the alias and declared type that files was made for
	whole    swarm.Bitfield // all pieces, once the swarm is complete
	checking bool
	brought  brought
	ways     []swarm.Discovery // of the last sample
	traffic  traffic           // of the last sample
	recent   recent
	crowd    *crowd // nil while none is kept
	seen     signs  // what the last sample depends on
	still    bool   // it holds as long as those do

	mu      sync.Mutex // never held in a call of the library
	record  record
	meta    *admit.Torrent // nil until the info is here and admitted
	failed  string         // why it cannot go on
	trouble string         // why it does not go on now, such as a full disk
	seeds   []*webSeed
	known   known
	past    moved     // before the client held it this time
	earned  bool      // it lacked pieces when it entered, and has not been found in company since it is whole
	quiet   time.Time // when it was last seen in company, or entered
	healing bool      // a damaged piece is being fetched again
}

func newEntry(r *record, meta *admit.Torrent) *entry {
	return &entry{hash: r.InfoHash, added: r.Added, record: *r, meta: meta, peers: map[*conn]struct{}{},
		called: make(chan struct{}, 1), over: make(chan struct{})}
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

func (e *entry) hasFailed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failed != ""
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

// SetSeeding turns the uploads of swarms on or off, at once and with connections
// kept. With nothing left to download, trackers are told stopped or started.
func (s *Session) SetSeeding(hashes []swarm.InfoHash, on bool) error {
	for _, h := range hashes {
		e := s.entry(h)
		if e == nil {
			return fmt.Errorf("seeding of %s: no such swarm", h.Short())
		}
		s.setSeeding(e, on)
		s.announcer.SetActive(h, s.active(e))
	}
	s.state.changed()
	return nil
}

func (s *Session) setSeeding(e *entry, on bool) {
	e.mu.Lock()
	e.record.Seeding = on
	e.mu.Unlock()
	if on {
		s.wake(e)
	}
	e.permit()
}

// announce tells the announcer of a swarm's trackers.
func (s *Session) announce(e *entry) {
	r, _ := e.info()
	var own []string
	if r.Published != "" || len(r.Trackers) == 0 {
		own = s.cfg.OwnTrackers(r.Published != "")
	}
	s.announcer.Add(e.hash, own, r.Trackers, s.active(e))
	if s.entry(e.hash) == nil { // it was removed meanwhile
		s.announcer.Remove(e.hash)
	}
}

// records returns what the state folder is to keep: every swarm, and those that
// could not be started and wait for a better day, and those whose bytes are still to go.
func (s *Session) records() []record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := slices.Clone(s.stored)
	for _, e := range s.swarms {
		r, _ := e.info()
		all = append(all, r)
	}
	for _, left := range s.removed {
		if left.record.Removed {
			all = append(all, left.record)
		}
	}
	return all
}
