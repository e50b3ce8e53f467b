package ui_test

import (
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/ui"
	"swarmtop/ui/internal/fixture"
)

func TestCrowdOfTheSelectedSwarm(t *testing.T) {
	onScreen(t, 120, 35, fixture.Healthy(), func(t *testing.T, s *screen) {
		s.press("g", "c")
		s.sees("Crowd of big-font", "leechers", "Arrivals above · departures below", "last 6m")
		s.press("t")
		s.sees("last 18m")
		s.next(later(fixture.Healthy(), func(snap *swarm.Snapshot) { snap.Swarms = snap.Swarms[:1] }))
		s.sees("Crowd of big-font", "Arrivals above") // it is gone, and stays as it was last
		s.press("c")
		s.misses("Crowd of")
		s.next(later(fixture.Healthy(), func(snap *swarm.Snapshot) { snap.Swarms[0].Crowd = swarm.Crowd{} }))
		s.press("G", "k", "k", "k", "k", "c")
		s.sees("Crowd of button.html", "Nobody has come yet.")
	})
}

func TestCrowdOfAWidgetAsksForOneSwarm(t *testing.T) {
	onScreen(t, 120, 35, fixture.Healthy(), func(t *testing.T, s *screen) {
		s.press("g", "j", "c")
		s.misses("Crowd of")
		s.sees("select one swarm")
	})
}

// TestASCIIScreenHasNothingElse holds that a terminal that can show no more gets no
// more, on every screen, dialogs included.
func TestASCIIScreenHasNothingElse(t *testing.T) {
	console := func(name string) string { return map[string]string{"TERM": "linux", "LANG": "en_GB.UTF-8"}[name] }
	for name, o := range map[string]ui.Options{"console": {Getenv: console}, "asked for": {Symbols: "ascii"}} {
		for _, size := range [][2]int{{80, 24}, {200, 60}, {30, 5}} {
			s := newScreen(t, fixture.Degraded(), o)
			s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			for _, key := range []string{"2", "3", "4", "5", "1", "z", "z", "c", "c", "?", "esc", "L", "esc", "enter", "esc", "a"} {
				s.send(keyPress(key))
				v := s.model.View()
				for i, r := range v.Content + v.WindowTitle {
					if r >= utf8.RuneSelf {
						t.Fatalf("%s, %v after %s: %q at %d", name, size, key, r, i)
					}
				}
			}
		}
	}
}

func TestUnknownSymbolsAreRefused(t *testing.T) {
	if _, err := ui.New(&feed{snap: healthy()}, &recorder{}, ui.Options{Symbols: "runes"}); err == nil {
		t.Error("New takes any symbols")
	}
}
