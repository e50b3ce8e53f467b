package monitor_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/monitor"
)

// setter is a session during whose sampling the clock is set.
type setter struct {
	fakes
	by, jumped atomic.Int64
}

func (p *setter) Sample(now time.Time, focus swarm.InfoHash, all bool) []swarm.Swarm {
	p.jumped.Add(p.by.Swap(0))
	return p.fakes.Sample(now, focus, all)
}

// TestSnapshotsGoOnWhenTheClockIsSet sets it by an hour and a year, both ways, and in
// the midst of a sampling, which then seems to have taken as long.
func TestSnapshotsGoOnWhenTheClockIsSet(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, by := range []time.Duration{time.Hour, -time.Hour, year, -year} {
		t.Run(by.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &setter{}
				now := func() time.Time { return time.Now().Add(time.Duration(p.jumped.Load())) }
				log := monitor.NewLog(now)
				m := monitor.New(monitor.Config{Session: p, Trackers: p, Gateway: p, Probes: p, Log: log,
					TrackerURL: func() string { return "" }, Now: now})
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- m.Run(ctx) }()
				pass(5 * time.Second)
				p.by.Store(int64(by))
				pass(10 * time.Second)
				log.Add(swarm.Info, "after")
				before := p.samples.Load()
				pass(10 * time.Second)
				if n := p.samples.Load() - before; n < 35 || n > 45 {
					t.Errorf("%d samplings in ten seconds, want four a second", n)
				}
				s := m.Latest()
				if age := now().Sub(s.At); age < 0 || age > time.Second {
					t.Errorf("the latest snapshot is %v old", age)
				}
				for _, h := range s.Sources {
					if age := s.At.Sub(h.Good); h.Duration < 0 || h.Duration > time.Second || age < 0 || age > time.Second {
						t.Errorf("%s took %v and is %v old", h.Name, h.Duration, age)
					}
				}
				if n := len(s.History.Down); n > 600 || s.History.Down[n-1] != 20 || len(s.Events) != 1 {
					t.Errorf("%d points, the last %d, %d events", n, s.History.Down[n-1], len(s.Events))
				}
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
