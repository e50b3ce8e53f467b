// Package monitor samples everything that swarmtop runs, joins what it finds into
// immutable snapshots and publishes them. It is the only reader of the torrent
// client. Readers pull the latest snapshot; a slow one misses some and never
// slows the collection.
package monitor

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"swarmtop/swarm"
)

// Session is where the swarms come from.
type Session interface {
	// Sample returns all swarms; focus is the one that is looked at, and all
	// asks that none is taken from the last time.
	Sample(now time.Time, focus swarm.InfoHash, all bool) []swarm.Swarm
}

// Trackers tells how the trackers of a swarm fare.
type Trackers interface {
	Trackers(h swarm.InfoHash) []swarm.Tracker
}

// Gateway tells what was answered over HTTP.
type Gateway interface {
	Responses() swarm.Responses
	Verdicts() map[swarm.InfoHash]swarm.Verdict
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
	trackers  source[map[swarm.InfoHash][]swarm.Tracker]
	responses source[served]
	probes    source[[]swarm.Probe]

	mu      sync.Mutex
	readers map[chan struct{}]struct{}
}

type served struct {
	responses swarm.Responses
	verdicts  map[swarm.InfoHash]swarm.Verdict
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
		began := m.cfg.Now()
		m.collect(all)
		timer.Reset(max(interval, share*m.cfg.Now().Sub(began)))
	}
}

// collect takes one snapshot and wakes the readers.
func (m *Monitor) collect(all bool) {
	now := m.cfg.Now()
	m.swarms.sample(m.cfg.Now, func() []swarm.Swarm { return m.cfg.Session.Sample(now, *m.focus.Load(), all) })
	m.trackers.sample(m.cfg.Now, func() map[swarm.InfoHash][]swarm.Tracker {
		all := make(map[swarm.InfoHash][]swarm.Tracker, len(m.swarms.good))
		for i := range m.swarms.good {
			h := m.swarms.good[i].InfoHash
			all[h] = m.cfg.Trackers.Trackers(h)
		}
		return all
	})
	m.responses.sample(m.cfg.Now, func() served {
		return served{m.cfg.Gateway.Responses(), m.cfg.Gateway.Verdicts()}
	})
	m.probes.sample(m.cfg.Now, m.cfg.Probes.Probes)
	m.publish(now)
}

// publish joins the good parts. It copies the swarms before it completes them:
// a stale part may already stand in an earlier snapshot.
func (m *Monitor) publish(now time.Time) {
	s := &swarm.Snapshot{
		Version:   1,
		At:        now,
		Started:   m.started,
		Demo:      m.cfg.Demo,
		Gateway:   m.cfg.GatewayURL,
		Tracker:   m.cfg.TrackerURL(),
		Responses: m.responses.good.responses,
		Probes:    m.probes.good,
		Swarms:    append(make([]swarm.Swarm, 0, len(m.swarms.good)), m.swarms.good...),
		Sources:   []swarm.SourceHealth{m.swarms.health(), m.trackers.health(), m.responses.health(), m.probes.health()},
		Events:    m.cfg.Log.Events(),
	}
	if last := m.latest.Load(); last != nil {
		s.Version = last.Version + 1
	}
	probed := map[swarm.InfoHash]swarm.Verdict{}
	for i := range s.Probes {
		p := &s.Probes[i]
		probed[p.InfoHash] = probed[p.InfoHash].Worst(p.Verdict.Verdict())
	}
	for i := range s.Swarms {
		w := &s.Swarms[i]
		w.Trackers = m.trackers.good[w.InfoHash]
		w.TrackerVerdict = swarm.TrackersVerdict(w.Trackers)
		w.Verdict = m.responses.good.verdicts[w.InfoHash].Worst(probed[w.InfoHash])
		w.State, w.Reason = swarm.Diagnose(w, m.cfg.DHT)
	}
	s.Totals = swarm.Sum(s.Swarms)
	s.Totals.Types = s.Totals.Types.Worst(s.Responses.Verdict)
	s.Totals.Offload = swarm.Offload(s.Swarms)
	s.History, s.LongHistory = m.history.add(now, s.Totals.DownRate, s.Totals.UpRate)
	if m.cfg.Limit != nil {
		s.UploadLimit = m.cfg.Limit()
	}
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
	began := now()
	defer func() {
		s.took = now().Sub(began)
		if r := recover(); r != nil {
			s.err = swarm.Clean(fmt.Sprint(r), 200)
		}
	}()
	s.good = ask()
	s.at, s.err = began, ""
}

func (s *source[T]) health() swarm.SourceHealth {
	return swarm.SourceHealth{Name: s.name, Good: s.at, Duration: s.took, Error: s.err}
}
