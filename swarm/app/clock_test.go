package app

import (
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
)

// machine is a machine whose clock can be set and which can be suspended.
type machine struct {
	*clock
	ran, slept, set time.Duration
	said            []string
}

func newMachine() *machine {
	base := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	const before = 3 * time.Hour
	m := &machine{}
	m.clock = &clock{
		base:      base,
		elapsed:   func() time.Duration { return m.ran },
		suspended: func() (time.Duration, bool) { return before + m.slept, true },
		wall:      func() time.Time { return base.Add(m.ran + m.slept + m.set) },
		before:    before,
	}
	return m
}

func (m *machine) look() {
	m.clock.look(func(_ swarm.Level, text string) { m.said = append(m.said, text) })
}

func TestASuspensionCountsButForTheTracker(t *testing.T) {
	m := newMachine()
	m.ran += time.Minute
	m.look()
	if got := m.Now().Sub(m.base); got != time.Minute || len(m.said) > 0 {
		t.Errorf("after a minute awake the clock says %v, and %q", got, m.said)
	}
	m.slept += 8 * time.Hour
	m.look()
	m.look()
	if got := m.Now().Sub(m.base); got != 8*time.Hour+time.Minute {
		t.Errorf("after a night the clock says %v", got)
	}
	if got := m.Awake().Sub(m.base); got != time.Minute {
		t.Errorf("after a night the tracker's clock says %v", got)
	}
	if len(m.said) != 1 || m.said[0] != "this machine was suspended for 8h0m0s" {
		t.Errorf("it said %q", m.said)
	}
}

// TestASetClockChangesNothing sets the clock of the machine by an hour and a year, both ways.
func TestASetClockChangesNothing(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour, 365 * 24 * time.Hour, -365 * 24 * time.Hour} {
		m := newMachine()
		m.set, m.ran = by, time.Minute
		m.look()
		m.look()
		if got := m.Now().Sub(m.base); got != time.Minute {
			t.Errorf("set by %v: a minute is %v", by, got)
		}
		if len(m.said) != 1 || !strings.Contains(m.said[0], "set by "+by.String()) {
			t.Errorf("set by %v: it said %q, want it once", by, m.said)
		}
	}
}

func TestTheClockBeginsWithTheMachines(t *testing.T) {
	c := newClock()
	if apart := time.Since(c.Now()).Abs(); apart > time.Minute {
		t.Errorf("it is %v apart", apart)
	}
}
