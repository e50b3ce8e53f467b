package ui_test

import (
	"regexp"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/ui/internal/fixture"
)

// negative is a span of time that runs backwards.
var negative = regexp.MustCompile(`(^|[^\w.])[-−]\d+(\.\d+)?(h\d+m\d+s|m\d+s|[smhd]\b)`)

// TestNoAgeIsNegativeWhenTheClockIsSet sets the clock by an hour and by a year, both
// ways, between two snapshots, and looks at every pane, its details and the log.
func TestNoAgeIsNegativeWhenTheClockIsSet(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, by := range []time.Duration{time.Hour, -time.Hour, year, -year} {
		for name, snap := range map[string]*swarm.Snapshot{"healthy": healthy(), "degraded": fixture.Degraded(), "poisoned": fixture.Poisoned()} {
			t.Run(name+" "+by.String(), func(t *testing.T) {
				onScreen(t, 200, 60, snap, func(t *testing.T, s *screen) {
					s.press("f")
					s.next(later(snap, func(c *swarm.Snapshot) { c.At = c.At.Add(by) }))
					s.sees("FROZEN")
					if found := negative.FindString(s.text()); found != "" {
						t.Errorf("frozen, the screen shows %q:\n%s", found, s.text())
					}
					s.press("[")
					for _, keys := range [][]string{{"1"}, {"2", "j"}, {"3"}, {"4", "j"}, {"5", "j"}, {"6"}, {"f"}, {"1", "j"}, {"2", "j"}, {"4", "j"}, {"5", "j"}, {"6", "j"}} {
						s.press(keys...)
						for range 2 {
							if found := negative.FindString(s.text()); found != "" {
								t.Errorf("after %v the screen shows %q:\n%s", keys, found, s.text())
							}
							s.press("enter")
						}
						s.press("esc")
					}
				})
			})
		}
	}
}

// TestAMessageGoesWhenTheClockIsSetBack holds that it does not stay for a year.
func TestAMessageGoesWhenTheClockIsSetBack(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.press("x")
		s.sees("no peer is selected")
		s.next(later(healthy(), func(c *swarm.Snapshot) { c.At = c.At.AddDate(-1, 0, 0) }))
		s.misses("no peer is selected")
	})
}
