// Package session owns the torrent client: it adds and removes swarms, turns
// seeding on and off, keeps what must outlast the process in the state folder,
// serves verified bytes to the gateway, and samples the client for the monitor.
//
// The state folder holds "lock" (one process at a time), "swarms.json" (which
// swarms there are and how their switches stand), "metainfo.journal" (their metainfo,
// see package journal) and the bytes, in "assets/", as package blob lays them out.
//
// What is written survives kill -9 and a power cut in this order: metainfo is flushed,
// and the bytes of what is published are flushed and renamed into place, before the list
// names them, and the list is replaced whole. What is removed is marked in the list until
// its bytes are gone. What came from peers is not flushed: it is hashed at every start,
// and what a power cut took of the last half minute is fetched again. The lock is the
// kernel's and ends with the process. The tracker's state and the ports, whose loss costs
// little, are replaced whole.
package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/torrent"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/blob"
)

// Announcer is told which swarms want to be known to trackers.
type Announcer interface {
	Add(h swarm.InfoHash, own []string, tiers [][]string, active bool)
	Remove(h swarm.InfoHash)
	SetActive(h swarm.InfoHash, active bool)
	Completed(h swarm.InfoHash)
}

// Config is what a session needs to know.
type Config struct {
	Dir        string // the state folder
	SaveDir    string // finished assets also go here under their own names; empty for nowhere
	PeerListen string // host:port for BitTorrent peers; port 0 takes a free one
	MaxPeers   int    // connections with peers at once; 0 for 2000
	CacheBytes int64  // verified bytes kept in memory
	DHT        bool   // distributed hash table (BEP 5), never for private torrents
	LSD        bool   // local service discovery (BEP 14), never for private torrents
	NoPEX      bool   // no peer exchange (BEP 11); private torrents have none in any case
	Seed       bool   // the seeding switch of swarms that come without one; false turns all others off at start too

	// DHTNodes are where the search of the DHT begins; the well-known nodes if nil.
	DHTNodes []netip.AddrPort

	// OwnTrackers returns the trackers that are announced to, each on its own, for what
	// is published and for what came without trackers. Published metainfo carries
	// them as tiers.
	OwnTrackers func(published bool) []string
	// WebSeedFor returns the public URL at which an asset that was published here can be
	// fetched (BEP 19), or "" when there is none.
	WebSeedFor func(swarm.Asset) string
	// Describe returns the content type and the URL path by which an asset is served.
	Describe func(swarm.Asset) (contentType, urlPath string)

	// Ended is called whenever a swarm has completed or failed, and must not block; may be nil.
	Ended func()

	Policy admit.Policy
	Now    func() time.Time
	Log    func(swarm.Level, string)
}

// Session is a running torrent client and its state folder.
type Session struct {
	cfg       Config
	client    *torrent.Client
	listener  *listener
	slots     places // one for each connection with a peer
	dht       []*dht.Server
	blobs     *blob.Store
	state     *stateFolder
	announcer Announcer
	port      uint16
	peerID    [20]byte
	conns     connRegistry
	awaiting  awaiting
	bans      *bans
	failures  failures
	doors     doors
	idle      atomic.Int64   // when there was no use for peers last, in nanoseconds since 1970
	work      errgroup.Group // goroutines that follow single swarms
	quit      context.Context
	stop      context.CancelFunc
	up        *rate.Limiter
	inside    inside                               // the swarms that the client holds
	company   int                                  // see there; another one in tests
	turns     chan struct{}                        // one for each swarm that begins to download
	focus     atomic.Pointer[swarm.InfoHash]       // the swarm that is looked at
	after     func(time.Duration) <-chan time.Time // time.After, but in tests

	// Owned by the collector:
	turn      int
	sampled   []swarm.Swarm // what Sample returned last
	order     []*entry      // as Sample returns them
	orderedAt int           // comings of that order
	crowded   int           // how many of them have a crowd; −1 while that is not known

	nextRedial atomic.Int64  // when redialDue has something to look at, Unix time in nanoseconds
	changes    atomic.Uint64 // that Sample has found
	unwritable atomic.Int64  // when a write of bytes failed last, Unix time in nanoseconds

	final sync.Mutex // held while a removal is undone or made final; taken before mu

	mu      sync.RWMutex
	stored  []record // of the state folder, those that could not be started
	swarms  map[swarm.InfoHash]*entry
	comings int                         // grows with each swarm that comes or goes
	removed map[swarm.InfoHash]*removal // for as long as that can be undone
	alias   map[string]swarm.InfoHash   // by the alias of the swarm's only file
	trust   map[string]admit.Trust      // of the URLs of trackers and web seeds
}

// ErrInUse says that another process holds the state folder.
var ErrInUse = errors.New("state folder is in use")

// New takes hold of the state folder and listens for peers. The caller then calls
// [Session.Resume], runs [Session.Run], and must call [Session.Close] in any case.
func New(cfg Config) (*Session, error) {
	state, err := openState(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s := &Session{
		cfg:      cfg,
		state:    state,
		swarms:   map[swarm.InfoHash]*entry{},
		alias:    map[string]swarm.InfoHash{},
		trust:    map[string]admit.Trust{},
		peerID:   newPeerID(),
		after:    time.After,
		slots:    make(places, cmp.Or(cfg.MaxPeers, maxPeers)),
		up:       rate.NewLimiter(rate.Inf, limiterBurst),
		awaiting: newAwaiting(),
		company:  company,
		inside:   inside{all: map[*entry]struct{}{}},
		turns:    make(chan struct{}, turns),
		bans:     &bans{nets: blocklist(cfg.Policy.Deny)},
	}
	s.quit, s.stop = context.WithCancel(context.Background())
	if s.stored, err = state.load(); err != nil {
		return nil, errors.Join(err, state.close())
	}
	s.blobs, err = blob.New(filepath.Join(cfg.Dir, "assets"), cfg.CacheBytes, s.pieceDamaged)
	if err == nil {
		err = s.startClient()
	}
	if err != nil {
		return nil, errors.Join(err, state.close())
	}
	return s, nil
}

func (s *Session) startClient() error {
	host, portText, err := net.SplitHostPort(s.cfg.PeerListen)
	if err != nil {
		return fmt.Errorf("peer address %q: %w", s.cfg.PeerListen, err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return fmt.Errorf("peer address %q: the port must be a number from 0 to 65535", s.cfg.PeerListen)
	}
	s.conns.over = s.failures.over
	config := s.clientConfig(host, int(port))
	if s.listener, err = s.listen(s.cfg.PeerListen, config); err == nil {
		s.client, err = torrent.NewClient(config)
	}
	if err != nil {
		if s.listener != nil {
			s.listener.Close()
		}
		return fmt.Errorf("listen for peers on %s: %w", s.cfg.PeerListen, err)
	}
	s.client.AddListener(s.listener)
	s.client.AddDialer(s.dialer(config))
	s.port = uint16(s.client.LocalPort())
	if s.cfg.DHT {
		err = s.startDHT(host, config)
	}
	if err != nil {
		return errors.Join(append(s.client.Close(), err, s.listener.Close())...)
	}
	return nil
}

// Port returns the port on which peers can reach this session.
func (s *Session) Port() uint16 { return s.port }

// PeerID returns the id by which peers and trackers know this session (BEP 3, BEP 20).
func (s *Session) PeerID() [20]byte { return s.peerID }

// Resume adds every swarm of the state folder, in the state in which it was left,
// and tells a of them and of all that follows. It returns how many there were.
func (s *Session) Resume(a Announcer) int {
	s.announcer = a
	n := len(s.stored)
	left := slices.DeleteFunc(s.stored, func(r record) bool {
		if r.Removed { // the process ended before its bytes went
			s.purge(&r)
			n--
			return true
		}
		r.Seeding = r.Seeding && s.cfg.Seed
		s.readmit(&r)
		err := s.resume(&r)
		if err != nil {
			s.cfg.Log(swarm.Error, fmt.Sprintf("resume %s: %v", r.InfoHash.Short(), err))
		}
		return err == nil
	})
	s.stored = append([]record(nil), left...) // nothing holds those that have swarms now
	return n
}

// Publishes tells, before Resume, whether the state folder holds something that
// was published here.
func (s *Session) Publishes() bool {
	return slices.ContainsFunc(s.stored, func(r record) bool { return r.Published != "" })
}

// Run keeps the session until ctx ends.
func (s *Session) Run(ctx context.Context) error {
	redialled := make(chan struct{})
	go func() {
		defer close(redialled)
		s.redial(ctx)
	}()
	defer func() { <-redialled }()
	s.state.run(ctx, s.records, func(err error) { s.cfg.Log(swarm.Error, err.Error()) })
	return nil
}

// Save writes down what was changed before, so that it outlasts a crash. What cannot be
// written now is tried again, and told of, by itself.
func (s *Session) Save() {
	if s.state.saveNow(s.records) != nil {
		s.state.changed()
	}
}

// DropUnused forgets bytes in memory that nobody has read again since they came or
// since the call before, and tells how many.
func (s *Session) DropUnused() (bytes int64) { return s.blobs.DropUnused() }

// Close stops the client, writes what is not written yet, and lets go of the
// state folder.
func (s *Session) Close() error {
	s.stop()
	s.stopDHT()
	errs := append(s.client.Close(), s.listener.Close())
	s.work.Wait()
	errs = append(errs, s.state.save(s.records()), s.state.close())
	return errors.Join(errs...)
}

// Has tells whether the session takes part in the swarm.
func (s *Session) Has(h swarm.InfoHash) bool { return s.entry(h) != nil }

// Len returns the number of swarms.
func (s *Session) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.swarms)
}

// Published tells whether the swarm's bytes came from this machine.
func (s *Session) Published(h swarm.InfoHash) bool {
	e := s.entry(h)
	return e != nil && e.published()
}

// Progress returns what an announce tells of a swarm, in bytes; left is −1 while
// the size is unknown (BEP 3). The last result is false for a swarm that is not here.
func (s *Session) Progress(h swarm.InfoHash) (uploaded, downloaded, left int64, ok bool) {
	e := s.entry(h)
	if e == nil {
		return 0, 0, 0, false
	}
	m := e.moved()
	return m.up, m.down, s.missing(e), true
}

// AllEnded tells whether every swarm has completed or failed.
func (s *Session) AllEnded() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, e := range s.swarms {
		if !s.blobs.Whole(e.hash) && !e.hasFailed() {
			return false
		}
	}
	return true
}

func (s *Session) entry(h swarm.InfoHash) *entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.swarms[h]
}

func (s *Session) entries() []*entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]*entry, 0, len(s.swarms))
	for _, e := range s.swarms {
		all = append(all, e)
	}
	return all
}

// pieceDamaged is called by the store from the goroutine of a reader.
func (s *Session) pieceDamaged(h swarm.InfoHash, piece int, err error) {
	e := s.entry(h)
	if e == nil {
		return
	}
	s.cfg.Log(swarm.Error, fmt.Sprintf("%s: piece %d on disk is damaged, fetching it again: %v", e.name(), piece, err))
	s.work.Go(func() error { s.heal(e, piece); return nil })
}
