package ui_test

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/ui/internal/fixture"
)

// at is the healthy screen so long after its time, with so many peers in sum.
func at(after time.Duration, peers int) *swarm.Snapshot {
	return later(healthy(), func(snap *swarm.Snapshot) {
		snap.At = snap.At.Add(after)
		snap.Totals.Peers = peers
	})
}

func TestStepsGoBackAndForthInTheLastMinutes(t *testing.T) {
	onScreen(t, 120, 35, at(0, 1000), func(t *testing.T, s *screen) {
		for i := 1; i <= 5; i++ {
			s.next(at(time.Duration(i)*time.Second, 1000+i))
		}
		s.press("[")
		s.sees("FROZEN 1s", "1004 peers")
		s.press("[", "[")
		s.sees("FROZEN 3s", "1002 peers")
		s.press("]")
		s.sees("FROZEN 2s", "1003 peers")
		s.press("[", "[", "[", "[", "[")
		s.sees("nothing earlier was kept", "1000 peers")
		s.press("f")
		s.sees("1005 peers")
		s.misses("FROZEN")
	})
}

// TestThePastIsBounded shows large snapshots for longer than is kept: what is left
// is of the last minutes.
func TestThePastIsBounded(t *testing.T) {
	snap := fixture.Busy(1000, 500)
	onScreen(t, 120, 35, snap, func(t *testing.T, s *screen) {
		for i := range 900 {
			s.next(later(snap, func(c *swarm.Snapshot) { c.At = c.At.Add(time.Duration(i+1) * time.Second) }))
		}
		for range 900 {
			s.press("[")
		}
		s.sees("nothing earlier was kept")
		s.misses("FROZEN 15m", "FROZEN 14m", "FROZEN 11m")
	})
}

func TestGraphShowsOtherSpans(t *testing.T) {
	onScreen(t, 200, 60, healthy(), func(t *testing.T, s *screen) {
		s.press("t")
		s.sees("the graph shows the last 10m", "last 1")
		s.press("t", "t", "t")
		s.sees("the graph shows the last 24h")
	})
}

func TestDisconnectAndBanAsk(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		h := s.choose("follow.js")
		s.press("x")
		s.sees("no peer is selected")
		s.press("2", "j", "j", "x")
		s.sees("Disconnect a peer", "127.0.0.3:50977", "follow.js")
		s.press("esc")
		s.did()
		s.press("x", "enter")
		s.did("disconnect a peer of " + h.Short())
		s.sees("disconnected 127.0.0.3:50977")
		s.press("X", "y")
		s.did("ban 127.0.0.3:50977")
	})
}

func TestUploadLimitGoesInSteps(t *testing.T) {
	onScreen(t, 160, 45, healthy(), func(t *testing.T, s *screen) {
		s.press("+")
		s.did("limit -1")
		s.press("-", "-")
		s.did("limit 134217728", "limit 67108864")
		s.sees("≤ 64.0 MiB/s")
		s.press("+", "+")
		s.did("limit 134217728", "limit -1")
		s.misses("≤")
		s.next(later(healthy(), func(snap *swarm.Snapshot) { snap.UploadLimit = swarm.Known(int64(20_000)) }))
		s.press("-", "-")
		s.did("limit 16384", "limit 16384")
	})
}

func TestRemovalIsUndone(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		h := s.choose("button.css")
		s.press("d", "d")
		s.did(fmt.Sprintf("remove %s bytes true", h.Short()))
		s.sees("u undoes")
		s.press("u")
		s.did("restore " + h.Short())
		s.press("u")
		s.did()
		s.sees("nothing to undo")
	})
}

func TestClickOnATitleSorts(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.sees("11 swarms · by name ▴")
		click := func() { s.send(tea.MouseClickMsg{X: 31, Y: 3, Button: tea.MouseLeft}) }
		click()
		s.sees("11 swarms · by done ▾")
		click()
		s.sees("11 swarms · by done ▴")
	})
}

func TestHelpAndLogAreSearched(t *testing.T) {
	snap := later(healthy(), func(snap *swarm.Snapshot) {
		snap.Events = []swarm.Event{
			{At: snap.At, Level: swarm.Info, Text: "joined alpha"},
			{At: snap.At, Level: swarm.Warn, Text: "tracker of beta is slow"},
			{At: snap.At, Level: swarm.Error, Text: "disk of gamma is full"},
		}
	})
	onScreen(t, 120, 50, snap, func(t *testing.T, s *screen) {
		s.press("?", "/")
		s.typing("graph")
		s.sees("another span of time")
		s.misses("mask addresses")
		s.press("esc", "/")
		s.typing("chokes us")
		s.sees("d", "we want its pieces, but it chokes us")
		s.typing("!")
		s.sees("Nothing here has")
		s.press("esc")
		s.sees("acknowledge the alarm")
		s.press("esc", "L")
		s.sees("joined alpha", "disk of gamma")
		s.press("w")
		s.misses("joined alpha")
		s.press("w")
		s.misses("beta is slow")
		s.press("w", "/")
		s.typing("BETA")
		s.misses("joined alpha")
		s.sees("tracker of beta is slow")
	})
}
