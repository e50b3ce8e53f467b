package ui_test

import (
	"strings"
	"testing"

	"swarmtop/swarm"
)

func TestSpaceTogglesTheSelectedSwarmAndUndoTakesItBack(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		h := s.choose("button.css")
		s.press("space")
		s.did("seeding false " + h.Short())
		s.sees("seeding off: button.css, copies ", " · u undoes")

		s.press("u")
		s.did("seeding true " + h.Short())
		s.sees("undone: seeding on: button.css")

		s.press("u")
		s.did()
		s.sees("nothing to undo")
	})
}

func TestTurningOffTheLastCopySaysSo(t *testing.T) {
	alone := later(healthy(), func(snap *swarm.Snapshot) {
		w := &snap.Swarms[2]
		w.Peers, w.WebSeeds, w.Connected = nil, nil, 0
		w.Pieces.Availability = make([]uint16, w.Pieces.Count)
		w.Copies = swarm.Known(1.0)
	})
	onScreen(t, 120, 35, alone, func(t *testing.T, s *screen) {
		s.choose("button.css")
		s.press("space")
		s.sees("seeding off: button.css, copies 1.0 → 0.0 · u undoes")
	})
}

func TestQuickTogglesFollowTheKeysNotTheSnapshot(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		h := s.choose("button.css")
		s.press("space", "space") // the snapshot still shows it seeding
		s.did("seeding false "+h.Short(), "seeding true "+h.Short())
	})
}

func TestAllSwarmsToggleTogether(t *testing.T) {
	snap := later(healthy(), func(snap *swarm.Snapshot) { snap.Swarms[3].Seeding = false })
	onScreen(t, 120, 35, snap, func(t *testing.T, s *screen) {
		var on []swarm.InfoHash
		for i, w := range snap.Swarms {
			if i != 3 {
				on = append(on, w.InfoHash)
			}
		}
		s.press("S")
		s.did("seeding false " + short(on...))
		s.press("u") // the one that was off stays off
		s.did("seeding true " + short(on...))
	})
}

func TestFailedToggleIsTold(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.commands.fail = errRefused
		s.press("space")
		s.sees("✗ " + errRefused.Error())
	})
}

func TestSpaceOnAWidgetTogglesAllOfItsSwarms(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.choose("button.css")
		s.press("k", "space") // the row above is the widget's
		if n := len(strings.Fields(s.commands.calls[0])) - len(strings.Fields("seeding false")); n != 6 {
			t.Errorf("%d swarms of the widget were toggled, want 6: %v", n, s.commands.calls)
		}
		s.sees("seeding off: share-button (6 swarms), fewest copies 5.0 → 4.0 · u undoes")
	})
}
