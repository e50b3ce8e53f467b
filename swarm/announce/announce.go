// Package announce tells trackers of our swarms and remembers how each announce
// went: HTTP(S) by BEP 3, 7, 23, 24 and 31, UDP by BEP 15 and 41, tiers by BEP 12,
// scrapes by BEP 48.
//
// Of a torrent's own trackers every swarm asks one at a time, and beside them each
// of ours. One queue ordered by due time and a bounded number of requests under
// way serve all swarms; there is no goroutine or timer for a swarm.
package announce

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"swarmtop/swarm"
)

// StopTimeout bounds the flush of `stopped` announces at the end of [Announcer.Run].
const StopTimeout = 1500 * time.Millisecond

const (
	maxInFlight     = 64 // requests under way; a silent tracker holds one for requestTimeout
	maxDoubtful     = 48 // of them, to hosts that have not answered yet, so that others need not wait for those
	maxPerHost      = 16
	maxUnproved     = 4 // requests under way to a host that has not answered yet
	requestTimeout  = 15 * time.Second
	slowAfter       = 2 * time.Second
	historyLength   = 60
	maxErrorCells   = 400
	wantPeers       = 50
	maxPeersTaken   = 500 // of one answer
	defaultInterval = 30 * time.Minute
	maxInterval     = 24 * time.Hour
	publicGap       = time.Minute     // least time between two regular announces
	loopbackGap     = 2 * time.Second // the same for a tracker on this machine
	shortestBackOff = 5 * time.Second
	longestBackOff  = 30 * time.Minute
)

// Swarms is what the announcer needs of whoever owns the swarms. Its methods
// are called by several goroutines at once, without any lock of the announcer held.
type Swarms interface {
	// Progress tells how far a swarm is; false when it is not known.
	Progress(swarm.InfoHash) (Progress, bool)
	// FoundPeers takes the addresses of an answer, which counts so many leechers, and
	// returns how many of the addresses were new.
	FoundPeers(h swarm.InfoHash, peers []netip.AddrPort, leechers swarm.Opt[int]) (added int)
}

// Progress is what an announce says of a transfer, in bytes.
type Progress struct {
	Uploaded, Downloaded int64
	Left                 int64 // −1 while the metadata is missing
}

// Config holds what an [Announcer] is made of. Swarms and Client must be set.
type Config struct {
	Swarms    Swarms
	PeerID    [20]byte
	Port      uint16 // on which we listen for peers
	UserAgent string

	// Client returns the client for a tracker's URL as it was added. An
	// [admit.AddressError] of it is an outcome of its own. Clients that share a
	// transport keep connections alive. Redirects are bounded here as well.
	Client func(rawURL string) *http.Client

	// Resolve returns the address of a UDP tracker, guarded like Client. With
	// nil, UDP trackers are disabled.
	Resolve func(ctx context.Context, rawURL string) (netip.AddrPort, error)

	Now func() time.Time          // time.Now if nil
	Log func(swarm.Level, string) // a tracker starts to fail or works again; may be nil
}

// Announcer announces swarms to their trackers. All methods may be called from
// any goroutine, before and during [Announcer.Run].
type Announcer struct {
	cfg   Config
	proto map[string]protocol // by URL scheme
	udp   *udpProtocol
	wake  chan struct{}

	mu       sync.Mutex
	members  map[swarm.InfoHash]*member
	turn     uint64 // grows with each change of what a member's view tells
	hosts    map[string]*host
	future   queue              // entries by due time
	ready    map[*host]struct{} // hosts with due entries
	inFlight int
	doubtful int
	quitting bool
	running  sync.WaitGroup

	wakeScrapes chan struct{}
	scrapers    map[string]*scraper // by announce URL
	scraping    int                 // scrapes under way
}

// New returns an announcer without swarms. Nothing is sent before [Announcer.Run].
func New(cfg Config) *Announcer {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = func(swarm.Level, string) {}
	}
	web := &httpProtocol{client: cfg.Client, userAgent: cfg.UserAgent}
	udp := newUDP(cfg.Resolve, cfg.Now)
	proto := map[string]protocol{"http": web, "https": web}
	if cfg.Resolve != nil {
		proto["udp"] = udp
	}
	return &Announcer{
		cfg:     cfg,
		proto:   proto,
		udp:     udp,
		wake:    make(chan struct{}, 1),
		members: make(map[swarm.InfoHash]*member),
		hosts:   make(map[string]*host),
		ready:   make(map[*host]struct{}),

		wakeScrapes: make(chan struct{}, 1),
		scrapers:    make(map[string]*scraper),
	}
}

// Add takes up a swarm with trackers of our own, each of which is announced to
// whatever the others do, and with the torrent's tiers (BEP 12). Each tier is
// shuffled once. Adding a swarm again appends the trackers that it did not have and
// sets active, which means: it still downloads, or seeding is on.
func (a *Announcer) Add(h swarm.InfoHash, own []string, tiers [][]string, active bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.quitting {
		return
	}
	m := a.members[h]
	if m == nil {
		m = &member{hash: h, key: rand.Uint32()}
		a.members[h] = m
	}
	m.removed = false
	a.addTrackers(m, own, tiers)
	a.activate(m, active)
	a.pokeScrapes()
}

// activate sets whether m is announced, and plans accordingly.
func (a *Announcer) activate(m *member, active bool) {
	now := a.cfg.Now()
	if active && !m.active {
		for l := range m.lists() {
			l.next = now
		}
	}
	m.active = active
	a.plan(m, now)
	a.poke()
}

// Remove forgets a swarm and sends `stopped` to the trackers that know of it.
func (a *Announcer) Remove(h swarm.InfoHash) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if m := a.members[h]; m != nil {
		m.removed = true
		a.activate(m, false)
	}
}

// SetActive tells whether a swarm still downloads or is seeded. Trackers that
// know of it get `stopped` when that ends, and `started` when it begins again.
func (a *Announcer) SetActive(h swarm.InfoHash, active bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if m := a.members[h]; m != nil && !m.removed && m.active != active && !a.quitting {
		a.activate(m, active)
	}
}

// Completed sends `completed`, once, to the trackers that saw the swarm start.
// It is for a download that ends, not for a swarm that was complete from the start.
func (a *Announcer) Completed(h swarm.InfoHash) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.members[h]
	if m == nil || m.completed {
		return
	}
	m.completed = true
	for e := range m.entries() {
		e.completing = e.started || e.flight != nil && e.flight.event == eventStarted
	}
	a.plan(m, a.cfg.Now())
	a.poke()
}

// Reannounce asks the trackers of the given swarms now, back-off or not, as far
// as the minimum interval allows it: for each swarm one of the torrent's and each of
// our own. It returns how many are asked, how many are held back, and when the
// first of the latter may be asked again.
func (a *Announcer) Reannounce(hashes ...swarm.InfoHash) (asked, held int, next time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.cfg.Now()
	for _, h := range hashes {
		m := a.members[h]
		if m == nil || !m.active {
			continue
		}
		for l := range m.lists() {
			switch at, ok := l.hasten(now); {
			case !ok:
			case at.After(now):
				held++
				if next.IsZero() || at.Before(next) {
					next = at
				}
			default:
				asked++
			}
		}
		a.plan(m, now)
	}
	a.poke()
	return asked, held, next
}

// Trackers returns what is known of a swarm's trackers, our own first, then by tier. The slice is
// shared and must not be changed; it is made anew only after a change.
func (a *Announcer) Trackers(h swarm.InfoHash) []swarm.Tracker {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.members[h]
	if m == nil || m.removed {
		return nil
	}
	if m.view == nil {
		m.view = m.render()
	}
	return m.view
}

// Turn is another one when something in what [Announcer.Trackers] returns may have changed.
func (a *Announcer) Turn() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.turn
}

// changed notes that the view of a member is out of date.
func (a *Announcer) changed(m *member) {
	m.view = nil
	a.turn++
}

// Run announces until ctx ends, then flushes `stopped` within [StopTimeout].
func (a *Announcer) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer a.udp.close()
	defer a.running.Wait()
	defer cancel()
	a.running.Go(func() { a.scrapeLoop(ctx) })
	a.loop(ctx, work)

	a.quit()
	bound, release := context.WithTimeout(work, StopTimeout)
	defer release()
	a.loop(bound, work)
	return nil
}

// poke makes the loop look at the queue again.
func (a *Announcer) poke() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}
