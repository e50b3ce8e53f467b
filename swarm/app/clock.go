package app

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"swarmtop/swarm"
)

// clock tells the time to all parts. It begins with that of the machine and counts
// on from there: setting the machine's clock, by an hour or a year, is told of in the
// event log and changes no age, no countdown and no expiry. The time for which the
// machine was suspended counts, once it is noticed.
type clock struct {
	base      time.Time
	elapsed   func() time.Duration         // since base, without suspensions; no clock that is set changes it
	suspended func() (time.Duration, bool) // since the machine started; false where nobody knows
	wall      func() time.Time             // what the machine's clock says
	before    time.Duration                // suspended before base
	asleep    atomic.Int64                 // nanoseconds suspended since base, as noticed last
	apart     time.Duration                // of the machine's clock and ours, as told last
}

const (
	clockTick = time.Second
	// clockStep is how long a suspension is, or by how much the machine's clock was
	// set, at least, to be told of.
	clockStep = 5 * time.Second
)

func newClock() *clock {
	base := time.Now()
	c := &clock{base: base, elapsed: func() time.Duration { return time.Since(base) }, suspended: suspended, wall: time.Now}
	c.before, _ = c.suspended()
	return c
}

// Now is the time for all but what runs only while the machine does.
func (c *clock) Now() time.Time { return c.Awake().Add(time.Duration(c.asleep.Load())) }

// Awake is the time without suspensions. The embedded tracker counts by it: while
// it could hear nobody, nobody was silent.
func (c *clock) Awake() time.Time { return c.base.Add(c.elapsed()) }

// run notices suspensions and set clocks until ctx ends.
func (c *clock) run(ctx context.Context, log func(swarm.Level, string)) {
	tick := time.NewTicker(clockTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.look(log)
		}
	}
}

func (c *clock) look(log func(swarm.Level, string)) {
	if total, known := c.suspended(); known {
		now := total - c.before
		if gap := now - time.Duration(c.asleep.Swap(int64(now))); gap >= clockStep {
			log(swarm.Info, fmt.Sprintf("this machine was suspended for %s", gap.Round(time.Second)))
		}
	}
	apart := c.wall().Round(0).Sub(c.Now().Round(0)) // without the monotonic readings
	if set := apart - c.apart; set.Abs() >= clockStep {
		c.apart = apart
		log(swarm.Warn, fmt.Sprintf("the clock of this machine was set by %s; the times here go on as before until swarmtop is started again", set.Round(time.Second)))
	}
}
