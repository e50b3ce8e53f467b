package monitor_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/monitor"
)

// fakes are the sources of a monitor under test.
type fakes struct {
	samples atomic.Int64 // how often the session was asked
	broken  atomic.Bool  // the trackers cannot be asked
	focus   atomic.Pointer[swarm.InfoHash]
	all     atomic.Bool // what the last sampling was asked for
	slow    time.Duration
}

var asset = swarm.InfoHash{1}

func (p *fakes) Sample(_ time.Time, focus swarm.InfoHash, all bool) []swarm.Swarm {
	<-time.After(p.slow) // of a bubble's own time
	p.focus.Store(&focus)
	p.all.Store(all)
	n := p.samples.Add(1)
	moved := swarm.Transfer{DownRate: 10, UpRate: 20, Downloaded: 100 * n, Uploaded: 200 * n}
	return []swarm.Swarm{
		{InfoHash: asset, Connected: 2, Done: 5, Seeding: true, State: swarm.Complete, Transfer: moved},
		{InfoHash: swarm.InfoHash{2}, Connected: 1, Transfer: moved},
	}
}

func (p *fakes) Trackers(swarm.InfoHash) []swarm.Tracker {
	if p.broken.Load() {
		panic("the tracker list\x1b[2J is gone")
	}
	return []swarm.Tracker{{URL: "http://t.example/announce", State: swarm.Working}}
}

func (*fakes) Turn() uint64 { return 0 }

func (*fakes) Responses() swarm.Responses { return swarm.Responses{Verdict: swarm.Bad} }
func (*fakes) Verdicts() map[swarm.InfoHash]swarm.Judged {
	return map[swarm.InfoHash]swarm.Judged{asset: {Gateway: swarm.Fine}}
}
func (*fakes) Probes() []swarm.Probe { return nil }

// onClock runs a script against a monitor in a bubble of its own time.
func onClock(t *testing.T, p *fakes, script func(t *testing.T, m *monitor.Monitor)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := monitor.New(monitor.Config{
			Session: p, Trackers: p, Gateway: p, Probes: p,
			Log:        monitor.NewLog(time.Now),
			TrackerURL: func() string { return "" },
			Now:        time.Now,
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- m.Run(ctx) }()
		synctest.Wait()
		script(t, m)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// pass lets time go by in the bubble.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestTheFirstSnapshotIsThereBeforeRun(t *testing.T) {
	p := new(fakes)
	m := monitor.New(monitor.Config{Session: p, Trackers: p, Gateway: p, Probes: p, Log: monitor.NewLog(time.Now),
		TrackerURL: func() string { return "" }, Now: time.Now})
	if s := m.Latest(); s == nil || s.Version != 1 || len(s.Swarms) != 2 || !p.all.Load() {
		t.Errorf("the first snapshot is %+v", s)
	}
}

func TestSlowReaderSeesOnlyTheLatest(t *testing.T) {
	p := new(fakes)
	onClock(t, p, func(t *testing.T, m *monitor.Monitor) {
		wake, end := m.Subscribe()
		first := m.Latest()
		held := first.Swarms[0]
		pass(10 * time.Second) // the reader sleeps; nobody waits for it
		if n := p.samples.Load(); n < 40 {
			t.Fatalf("%d samplings in ten seconds: a reader holds them up", n)
		}
		if len(wake) != 1 {
			t.Fatalf("%d tokens wait, want one", len(wake))
		}
		<-wake
		latest := m.Latest()
		if latest.Version < first.Version+40 || latest.Swarms[0].Downloaded != 100*p.samples.Load() {
			t.Errorf("after version %d the reader sees %d", first.Version, latest.Version)
		}
		if first.Swarms[0].Downloaded != held.Downloaded || first.Swarms[0].Verdict != held.Verdict {
			t.Error("a published snapshot has changed")
		}
		end()
		pass(time.Second)
		if len(wake) != 0 {
			t.Error("a token came after the end of the subscription")
		}
	})
}

func TestRefreshPublishesAtOnce(t *testing.T) {
	p := new(fakes)
	onClock(t, p, func(t *testing.T, m *monitor.Monitor) {
		before, at := m.Latest().Version, time.Now()
		m.Focus(asset)
		m.Refresh()
		m.Refresh() // while the first has not been taken
		synctest.Wait()
		if v := m.Latest().Version; v == before || !time.Now().Equal(at) {
			t.Errorf("version %d after %d, %v later", v, before, time.Since(at))
		}
		if !p.all.Load() || *p.focus.Load() != asset {
			t.Errorf("the session was asked for all %v, focus %v", p.all.Load(), p.focus.Load())
		}
	})
}

// TestMuchToSampleIsSampledSeldom keeps the collector under a tenth of a core.
func TestMuchToSampleIsSampledSeldom(t *testing.T) {
	p := &fakes{slow: 100 * time.Millisecond}
	onClock(t, p, func(t *testing.T, _ *monitor.Monitor) {
		before := p.samples.Load()
		pass(11 * time.Second)
		if n := p.samples.Load() - before; n < 9 || n > 11 {
			t.Errorf("%d samplings of 100 ms in eleven seconds, want about ten", n)
		}
	})
}

func TestAFailingSourceKeepsItsLastGoodPart(t *testing.T) {
	p := new(fakes)
	onClock(t, p, func(t *testing.T, m *monitor.Monitor) {
		p.broken.Store(true)
		pass(time.Minute)
		s := m.Latest()
		w := s.Swarm(asset)
		if len(w.Trackers) != 1 || w.TrackerVerdict != swarm.Fine {
			t.Errorf("the trackers are %+v, %v", w.Trackers, w.TrackerVerdict)
		}
		if w.Downloaded != 100*p.samples.Load() {
			t.Error("what does not fail stands still")
		}
		for _, h := range s.Sources {
			if h.Name != "trackers" {
				if h.Stale() || !h.Good.Equal(s.At) {
					t.Errorf("%s: %+v", h.Name, h)
				}
				continue
			}
			if !h.Stale() || s.At.Sub(h.Good) < 59*time.Second || h.Error != "the tracker list[2J is gone" {
				t.Errorf("the failing source is %+v at %v", h, s.At)
			}
		}
		p.broken.Store(false)
		pass(time.Second)
		for _, h := range m.Latest().Sources {
			if h.Stale() {
				t.Errorf("%s is stale after it recovered: %s", h.Name, h.Error)
			}
		}
	})
}

func TestTheHeaderIsTheSumOfTheSwarms(t *testing.T) {
	onClock(t, new(fakes), func(t *testing.T, m *monitor.Monitor) {
		pass(5 * time.Second)
		s := m.Latest()
		var sum swarm.Transfer
		for _, w := range s.Swarms {
			sum = sum.Plus(w.Transfer)
		}
		if s.Totals.Transfer != sum || s.Totals.Peers != 3 || s.Totals.Swarms != 2 || s.Totals.Seeding != 1 || s.Totals.Complete != 1 {
			t.Errorf("totals %+v, the swarms sum up to %+v", s.Totals, sum)
		}
		if s.Totals.Types != swarm.Bad {
			t.Errorf("types are %v although an asset answers a wrong one", s.Totals.Types)
		}
		if h := s.History; h.Step != time.Second || len(h.Down) == 0 || h.Down[0] != 20 || h.Up[len(h.Up)-1] != 40 {
			t.Errorf("history %+v", h)
		}
	})
}

// TestAtRestASnapshotComesOnceASecond holds that while nothing changes but the time
// snapshots are few and share their swarms, and that a change is told at once.
func TestAtRestASnapshotComesOnceASecond(t *testing.T) {
	p := &still{swarms: []swarm.Swarm{{InfoHash: asset, State: swarm.Complete}}}
	synctest.Test(t, func(t *testing.T) {
		log := monitor.NewLog(time.Now)
		m := monitor.New(monitor.Config{Session: p, Trackers: p, Gateway: p, Probes: p, Log: log,
			TrackerURL: func() string { return "" }, Now: time.Now})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- m.Run(ctx) }()
		pass(3 * time.Second)
		before := m.Latest()
		pass(20 * time.Second)
		after := m.Latest()
		if n := after.Version - before.Version; n < 19 || n > 21 {
			t.Errorf("%d snapshots in twenty seconds, want one a second", n)
		}
		if &after.Swarms[0] != &before.Swarms[0] || after.Totals != before.Totals {
			t.Error("what did not change was made anew")
		}
		for i, rate := range after.History.Down {
			if rate != 0 {
				t.Fatalf("point %d of the history is %d: rest is no gap", i, rate)
			}
		}
		changes := []func(){
			func() { p.swarms = []swarm.Swarm{{InfoHash: asset, Connected: 1}} },
			func() { p.trackers = []swarm.Tracker{{URL: "http://t.example", State: swarm.Working}} },
			func() { p.responses.Count++ },
			func() { p.probes = []swarm.Probe{{URL: "http://p.example"}} },
			func() { log.Add(swarm.Info, "a line") },
		}
		for i, change := range changes {
			for m.Latest() != after { // a change comes right after a snapshot
				after = m.Latest()
				pass(250 * time.Millisecond)
			}
			p.change(change)
			pass(250 * time.Millisecond)
			if m.Latest() == after {
				t.Errorf("change %d waits", i)
			}
		}
		cancel()
		<-ended
	})
}

// still are sources of which nothing changes unless the test changes it.
type still struct {
	mu        sync.Mutex
	swarms    []swarm.Swarm
	trackers  []swarm.Tracker
	responses swarm.Responses
	probes    []swarm.Probe
	turn      uint64
}

func (p *still) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn++
	f()
}

// held reads a field of the sources.
func held[T any](p *still, field *T) T {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *field
}

func (p *still) Sample(time.Time, swarm.InfoHash, bool) []swarm.Swarm { return held(p, &p.swarms) }
func (p *still) Trackers(swarm.InfoHash) []swarm.Tracker              { return held(p, &p.trackers) }
func (p *still) Turn() uint64                                         { return held(p, &p.turn) }
func (p *still) Responses() swarm.Responses                           { return held(p, &p.responses) }
func (*still) Verdicts() map[swarm.InfoHash]swarm.Judged              { return nil }
func (p *still) Probes() []swarm.Probe                                { return held(p, &p.probes) }

func TestTheLogIsBoundedAndClean(t *testing.T) {
	log := monitor.NewLog(time.Now)
	for i := range 2000 {
		log.Add(swarm.Warn, fmt.Sprintf("line %d\x1b\a of %s", i, strings.Repeat("x", 1000)))
	}
	events := log.Events()
	if len(events) != 500 || !strings.HasPrefix(events[499].Text, "line 1999 of xxx") {
		t.Fatalf("%d lines, the last %.40q", len(events), events[len(events)-1].Text)
	}
	for _, e := range events {
		if len(e.Text) > 4*300 {
			t.Fatalf("a line of %d bytes", len(e.Text))
		}
	}
	held := events[0]
	for range 2000 {
		log.Add(swarm.Info, "more")
	}
	if events[0] != held {
		t.Error("what was handed out has changed")
	}
}

// BenchmarkRefresh measures from the wish to the snapshot.
func BenchmarkRefresh(b *testing.B) {
	p := new(fakes)
	m := monitor.New(monitor.Config{Session: p, Trackers: p, Gateway: p, Probes: p, Log: monitor.NewLog(time.Now),
		TrackerURL: func() string { return "" }, Now: time.Now})
	wake, end := m.Subscribe()
	defer end()
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	for b.Loop() {
		m.Refresh()
		<-wake
	}
	cancel()
	<-ended
}
