package session

import (
	"testing"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
)

// whenSet runs a test with a clock that is set by an hour and by a year, both ways.
func whenSet(t *testing.T, test func(t *testing.T, by time.Duration)) {
	const year = 365 * 24 * time.Hour
	for _, by := range []time.Duration{time.Hour, -time.Hour, year, -year} {
		t.Run(by.String(), func(t *testing.T) { test(t, by) })
	}
}

// TestRatesOutlastAClockThatIsSet has a thousand bytes arrive each second: no figure is
// ever less than nothing, and a while after the clock was set all of them are right again.
func TestRatesOutlastAClockThatIsSet(t *testing.T) {
	whenSet(t, func(t *testing.T, by time.Duration) {
		const each = 1000
		var (
			w     window
			f     flow
			m     minute
			r     recent
			c     = crowd{start: start()}
			now   = start()
			total int64
		)
		for i := range 300 {
			if now = now.Add(time.Second); i == 100 {
				now = now.Add(by)
			}
			total += each
			slot, latest, long := w.advance(now)
			f.put(slot, total)
			rate := int64(0)
			if long > 0 {
				rate = int64(float64(f.sum(slot, latest)) / long.Seconds())
			}
			lastMinute := m.put(now, swarm.Received{Peers: total}).Peers
			kept := r.put(now, total).Rate(swarm.RecentPoints - 1)
			c.put(now, traffic{}, crowdOf(total, 4))
			point, _ := c.latest().Latest()
			settled := i > 10 && i < 100 || i > 180
			if long < 0 || rate < 0 || rate > each || settled && rate != each {
				t.Fatalf("second %d: %d bytes a second over %v", i, rate, long)
			}
			if lastMinute < 0 || lastMinute > 75*each || settled && i > 90 && lastMinute < 55*each {
				t.Fatalf("second %d: %d bytes in the last minute", i, lastMinute)
			}
			if kept < -1 || kept > each*11/10 || settled && i > 90 && kept < each*9/10 {
				t.Fatalf("second %d: %d bytes a second in the last step", i, kept)
			}
			if point.Ours < 0 || point.Others < 0 || point.Ours > each || settled && (point.Missing || point.Ours != each) {
				t.Fatalf("second %d: the crowd is told %+v", i, point)
			}
			if len(c.points) > 2*crowdPoints {
				t.Fatalf("second %d: %d points", i, len(c.points))
			}
		}
	})
}

func TestAnAnswerAcrossAClockThatIsSetIsNotTimed(t *testing.T) {
	whenSet(t, func(t *testing.T, by time.Duration) {
		var c conn
		var now time.Time
		answer := func(after time.Duration) {
			now = start()
			c.sent(torrent.Request{}, func() time.Time { return now })
			now = now.Add(after)
			c.received(torrent.Request{}, func() time.Time { return now })
		}
		answer(50 * time.Millisecond)
		answer(50*time.Millisecond + by)
		answer(50 * time.Millisecond)
		if got := time.Duration(c.latency.Load()); got != 50*time.Millisecond {
			t.Errorf("the latency is %v", got)
		}
	})
}

// TestAStallIsSeenAfterAClockThatIsSet has a peer that is not asked though it could be.
func TestAStallIsSeenAfterAClockThatIsSet(t *testing.T) {
	whenSet(t, func(t *testing.T, by time.Duration) {
		var c conn
		p := &swarm.Peer{WeWant: swarm.Yes, TheyChoke: swarm.No}
		c.forgotten(p, start())
		nudges := 0
		for i := range 41 { // ten seconds
			if c.forgotten(p, start().Add(by+time.Duration(i)*250*time.Millisecond)) {
				nudges++
			}
		}
		if nudges < 4 || nudges > 6 {
			t.Errorf("%d nudges in ten seconds, want one in %v", nudges, patience)
		}
	})
}

func TestWhatPeersGainCountsAfterAClockThatIsSet(t *testing.T) {
	whenSet(t, func(t *testing.T, by time.Duration) {
		s := crowdOf(0)
		c := conn{since: start()}
		c.gained(&swarm.Peer{Have: 1}, s, start())
		if got := c.gained(&swarm.Peer{Have: 2}, s, start().Add(by)); got != 100 {
			t.Errorf("a piece of 100 bytes is a gain of %d", got)
		}
	})
}
