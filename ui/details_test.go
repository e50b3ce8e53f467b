package ui_test

import (
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/ui/internal/fixture"
)

func TestEnterShowsAllOfASwarm(t *testing.T) {
	onScreen(t, 120, 60, fixture.Degraded(), func(t *testing.T, s *screen) {
		h := s.choose("follow.js")
		s.press("enter")
		s.sees(h.String(), "piece 7 missing", "http://127.0.0.1:8913/widgets/follow.js", "text/javascript", "magnet:?xt=urn:btih:"+h.String(), "answered 503")
		s.press("y")
		if !strings.Contains(s.clipboard, h.String()) || strings.Contains(s.clipboard, "\x1b") {
			t.Errorf("copied %q", s.clipboard)
		}
		s.press("esc")
		s.misses("magnet:?")
	})
}

func TestEnterShowsAllOfAPeer(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.choose("follow.js")
		s.press("2", "j", "j", "enter")
		s.sees("Peer 127.0.0.3:50977", "libtorrent 0.13.8", "it connected to us", "pieces")
		gone := later(healthy(), func(snap *swarm.Snapshot) { snap.Swarms[7].Peers = nil })
		s.next(gone)
		s.sees("Peer 127.0.0.3:50977", "it is gone")
	})
}

func TestEnterOnAPieceTellsWhoHasIt(t *testing.T) {
	onScreen(t, 200, 60, healthy(), func(t *testing.T, s *screen) {
		s.choose("follow.js")
		s.press("3", "right", "right", "enter")
		s.sees("Piece 2 of follow.js", "32,768 to 49,151", "127.0.0.2:50000", "✓ yes, verified")
	})
	onScreen(t, 200, 60, healthy(), func(t *testing.T, s *screen) {
		s.choose("big-font-文字-collection.woff2")
		s.press("3", "down", "enter")
		s.sees("Pieces ", "#")
	})
}

func TestDetailsScrollToTheirEnd(t *testing.T) {
	onScreen(t, 80, 24, healthy(), func(t *testing.T, s *screen) {
		s.choose("follow.js")
		s.press("enter")
		s.misses("magnet:?")
		s.press("G")
		s.sees("magnet:?")
	})
}

func TestDetailsOfNothingSaySo(t *testing.T) {
	onScreen(t, 120, 35, fixture.Empty(), func(t *testing.T, s *screen) {
		for _, pane := range []string{"1", "2", "3", "4", "5"} {
			s.press(pane, "enter")
			s.sees("there is no swarm yet: a adds one")
		}
	})
}

// TestEnterAmongResponsesThatGoByShowsTheLatest presses it before one is selected.
func TestEnterAmongResponsesThatGoByShowsTheLatest(t *testing.T) {
	snap := healthy()
	latest := snap.Responses.Tail[len(snap.Responses.Tail)-1]
	onScreen(t, 120, 35, snap, func(t *testing.T, s *screen) {
		s.press("5", "enter")
		s.sees(latest.Method+" "+latest.Path, "first byte")
	})
}
