package ui_test

import (
	"testing"

	"swarmtop/ui/internal/fixture"
)

func TestFailedPeersAreAViewOfTheirOwn(t *testing.T) {
	onScreen(t, 160, 45, fixture.Degraded(), func(t *testing.T, s *screen) {
		s.choose("follow.js")
		s.press("2")
		s.sees("F 8 failed")
		s.press("F")
		s.sees("Peers that failed", "✗ bad pieces", "refused", "other swarm", "left early")
		s.misses("127.0.0.3:50977") // of those connected
		s.press("j", "enter")
		s.sees("Peer 127.0.0.32:6881: refused", "nothing listens at its address", "connection refused", "14")
		s.press("esc", "y")
		if s.clipboard != "127.0.0.32:6881" {
			t.Errorf("copied %q, want the address", s.clipboard)
		}
		s.press("x") // it is not connected
		s.sees("no peer is selected")
		s.press("X")
		s.sees("Ban a peer", "127.0.0.32:6881", "until swarmtop ends")
		s.did()
		s.press("y")
		s.did("ban 127.0.0.32:6881")
		s.press("F")
		s.sees("127.0.0.3:50977")
	})
}

func TestFailedPeersAreFilteredAndMasked(t *testing.T) {
	onScreen(t, 160, 45, fixture.Degraded(), func(t *testing.T, s *screen) {
		s.choose("follow.js")
		s.press("2", "F", "/")
		s.typing("refused")
		s.press("enter")
		s.sees("127.0.0.32", "1 failed with “refused”")
		s.misses("127.0.0.33:6882")
		s.press("esc", "P")
		s.sees("bad pieces")
		s.misses("127.0.0.3", "2001:db8")
	})
}
