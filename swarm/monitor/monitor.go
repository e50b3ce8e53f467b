// Package monitor samples everything that swarmtop runs, joins what it finds into
// immutable snapshots and publishes them. It is the only reader of the torrent
// client. Readers pull the latest snapshot; a slow one misses some and never
// slows the collection.
package monitor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"swarmtop/swarm"
)

// Session is where the swarms come from.
type Session interface {
	// Sample returns all swarms; focus is the one that is looked at, and all
	// asks that none is taken from the last time. The slice is that of the last call
	// when nothing in it has changed, and is never written to.
	Sample(now time.Time, focus swarm.InfoHash, all bool) []swarm.Swarm
}

// Trackers tells how the trackers of a swarm fare. The slice is that of the last call
// when nothing in it has changed.
type Trackers interface {
	Trackers(h swarm.InfoHash) []swarm.Tracker
	// Turn is another one when something in what Trackers returns may have changed.
	Turn() uint64
}

// Gateway tells what was answered over HTTP.
type Gateway interface {
	Responses() swarm.Responses
	Verdicts() map[swarm.InfoHash]swarm.Judged // Probes is left unknown
}

// Probes tells how the public URLs of assets fare.
type Probes interface {
	Probes() []swarm.Probe
}

// Config names the sources of a monitor.
type Config struct {
	Session  Session
	Trackers Trackers
	Gateway  Gateway
	Probes   Probes
	Log      *Log
	Limit    func() swarm.Opt[int64] // of uploads, in bytes a second; nil when there can be none
	// Failed tells which peers failed; nil when nobody can. The slice is that of the
	// last call when nothing in it has changed.
	Failed func() []swarm.FailedPeer

	GatewayURL string        // base URL; empty when it does not listen
	TrackerURL func() string // announce URL of the embedded tracker; empty while it does not listen
	Demo       bool
	DHT        bool
	Now        func() time.Time
}

// interval is the time between two samplings. When there is so much to sample
// that it takes more than a tenth of that, the time between grows with it.
const (
	interval = 250 * time.Millisecond
	share    = 10
	atRest   = time.Second // between two snapshots while nothing changes but the time
)

// Monitor publishes snapshots.
type Monitor struct {
	cfg     Config
	latest  atomic.Pointer[swarm.Snapshot]
	started time.Time
	history histories
	focus   atomic.Pointer[swarm.InfoHash]
	refresh chan struct{} // capacity one

	swarms    source[[]swarm.Swarm]
	trackers  source[trackers]
	responses source[served]
	probes    source[[]swarm.Probe]

	mu      sync.Mutex
	readers map[chan struct{}]struct{}
}

type served struct {
	responses swarm.Responses
	verdicts  map[swarm.InfoHash]swarm.Judged
}

// New returns a monitor whose first snapshot, of the moment, is taken already.
func New(cfg Config) *Monitor {
	m := &Monitor{cfg: cfg, started: cfg.Now(), history: newHistories(), refresh: make(chan struct{}, 1), readers: map[chan struct{}]struct{}{}}
	m.Focus(swarm.InfoHash{})
	m.swarms.name, m.trackers.name, m.responses.name, m.probes.name = "session", "trackers", "gateway", "probe"
	m.collect(true)
	return m
}

// Latest returns the newest snapshot. It never blocks.
func (m *Monitor) Latest() *swarm.Snapshot { return m.latest.Load() }

// Subscribe returns a channel that holds a token whenever a snapshot came since
// the last one was taken, and the function that ends the subscription.
func (m *Monitor) Subscribe() (wake <-chan struct{}, cancel func()) {
	c := make(chan struct{}, 1)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.readers[c] = struct{}{}
	return c, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.readers, c)
	}
}

// Focus tells which swarm somebody looks at: it is sampled more often than others.
func (m *Monitor) Focus(h swarm.InfoHash) { m.focus.Store(&h) }

// Refresh asks for a snapshot of everything now, as after a command, and returns at once.
func (m *Monitor) Refresh() {
	select {
	case m.refresh <- struct{}{}:
	default:
	}
}

// Run publishes snapshots until ctx ends.
func (m *Monitor) Run(ctx context.Context) error {
	timer := time.NewTimer(interval)
	defer timer.Stop()
	for {
		all := false
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-m.refresh:
			all = true
		}
		began := time.Now() // which no clock that is set changes
		m.collect(all)
		timer.Reset(max(interval, share*time.Since(began)))
	}
}

// collect samples, and publishes what is new. While nothing is, a snapshot comes only
// as often as ages are told.
func (m *Monitor) collect(all bool) {
	now := m.cfg.Now()
	was := m.parts()
	m.swarms.sample(m.cfg.Now, func() []swarm.Swarm { return m.cfg.Session.Sample(now, *m.focus.Load(), all) })
	m.trackers.sample(m.cfg.Now, m.sampleTrackers)
	m.responses.sample(m.cfg.Now, func() served {
		return served{m.cfg.Gateway.Responses(), m.cfg.Gateway.Verdicts()}
	})
	m.probes.sample(m.cfg.Now, m.cfg.Probes.Probes)
	s, changed := m.join(now, was)
	s.History, s.LongHistory = m.history.add(now, s.Totals.DownRate, s.Totals.UpRate)
	if last := m.latest.Load(); changed || all || now.Sub(last.At) >= atRest-interval/2 || now.Before(last.At) {
		m.publish(s)
	}
}

// join makes a snapshot of the good parts, and tells whether it differs from the last
// one by more than the time. was is what the parts were then. It copies the swarms
// before it completes them: a stale part may already stand in an earlier snapshot.
func (m *Monitor) join(now time.Time, was parts) (s *swarm.Snapshot, changed bool) {
	s = &swarm.Snapshot{
		Version:   1,
		At:        now,
		Started:   m.started,
		Demo:      m.cfg.Demo,
		Gateway:   m.cfg.GatewayURL,
		Tracker:   m.cfg.TrackerURL(),
		Responses: m.responses.good.responses,
		Probes:    m.probes.good,
		Sources:   []swarm.SourceHealth{m.swarms.health(), m.trackers.health(), m.responses.health(), m.probes.health()},
		Events:    m.cfg.Log.Events(),
	}
	if m.cfg.Limit != nil {
		s.UploadLimit = m.cfg.Limit()
	}
	if m.cfg.Failed != nil {
		s.Failed = m.cfg.Failed()
	}
	last := m.latest.Load()
	if last != nil {
		s.Version = last.Version + 1
	}
	if last != nil && m.parts().same(was) {
		s.Swarms, s.Totals = last.Swarms, last.Totals
		return s, s.Tracker != last.Tracker || s.UploadLimit != last.UploadLimit || len(s.Events) != len(last.Events) ||
			len(s.Events) > 0 && s.Events[len(s.Events)-1] != last.Events[len(last.Events)-1] ||
			!slices.EqualFunc(s.Sources, last.Sources, alike) || !sameSlice(s.Failed, last.Failed)
	}
	m.complete(s)
	return s, true
}

// complete gives a snapshot its swarms, and them what other sources know of them.
func (m *Monitor) complete(s *swarm.Snapshot) {
	s.Swarms = append(make([]swarm.Swarm, 0, len(m.swarms.good)), m.swarms.good...)
	probed := map[swarm.InfoHash]swarm.Verdict{}
	for i := range s.Probes {
		p := &s.Probes[i]
		probed[p.InfoHash] = probed[p.InfoHash].Worst(p.Verdict.Verdict())
	}
	for i := range s.Swarms {
		w := &s.Swarms[i]
		w.Trackers = m.trackers.good.of[w.InfoHash]
		w.TrackerVerdict = swarm.TrackersVerdict(w.Trackers)
		w.Judged = m.responses.good.verdicts[w.InfoHash]
		w.Judged.Probes = probed[w.InfoHash]
		w.Verdict = w.Judged.Verdict()
		w.State, w.Reason = swarm.Diagnose(w, m.cfg.DHT)
	}
	s.Totals = swarm.Sum(s.Swarms)
	s.Totals.Types = s.Totals.Types.Worst(s.Responses.Verdict)
	s.Totals.Offload = swarm.Offload(s.Swarms)
}

// publish makes a snapshot the latest and wakes the readers.
func (m *Monitor) publish(s *swarm.Snapshot) {
	m.latest.Store(s)
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.readers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// source is one of the things sampled: its last good part and how it fared.
type source[T any] struct {
	name string
	good T
	at   time.Time
	took time.Duration
	err  string
}

// sample asks the source. One that panics is noted as failed and keeps its last good part.
func (s *source[T]) sample(now func() time.Time, ask func() T) {
	at, began := now(), time.Now()
	defer func() {
		s.took = time.Since(began)
		if r := recover(); r != nil {
			s.err = swarm.Clean(fmt.Sprint(r), 200)
		}
	}()
	s.good = ask()
	s.at, s.err = at, ""
}

func (s *source[T]) health() swarm.SourceHealth {
	return swarm.SourceHealth{Name: s.name, Good: s.at, Duration: s.took, Error: s.err}
}
