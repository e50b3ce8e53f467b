package ui_test

import (
	"strings"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/ui/internal/fixture"
)

// choose moves the selection to the swarm of the given name.
func (s *screen) choose(name string) swarm.InfoHash {
	s.t.Helper()
	snap := s.feed.Latest()
	s.press("1", "g")
	for range 2 * len(snap.Swarms) {
		if w := snap.Swarm(s.commands.focus); w != nil && w.Name == name {
			return w.InfoHash
		}
		s.press("j")
	}
	s.t.Fatalf("no row is %s:\n%s", name, s.text())
	return swarm.InfoHash{}
}

func TestMessagesClearBySnapshotTime(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.press("r")
		s.sees("asked 2 trackers, 1 held back for 48s")
		s.next(later(healthy(), func(snap *swarm.Snapshot) { snap.At = snap.At.Add(5e9) }))
		s.sees("asked 2 trackers, 1 held back for 48s")
		s.next(later(healthy(), func(snap *swarm.Snapshot) { snap.At = snap.At.Add(7e9) }))
		s.misses("asked 2 trackers")
		s.sees("q quit")
	})
}

func TestReannounceAllNamesAllSwarms(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		var all []swarm.InfoHash
		for _, w := range healthy().Swarms {
			all = append(all, w.InfoHash)
		}
		s.press("R")
		s.did("reannounce " + short(all...))
	})
}

func TestFilterIsLiveAndEscClearsIt(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.press("z") // the Responses pane names files too
		s.sees("robots.txt")
		s.press("/")
		s.typing("q1?sprite")
		s.did()
		s.press("backspace", "backspace", "backspace", "backspace", "backspace", "backspace", "backspace", "backspace", "backspace")
		s.typing("sprite")
		s.sees("sprite.png")
		s.misses("robots.txt")
		s.press("enter")
		s.misses("robots.txt")
		s.press("esc")
		s.sees("robots.txt", "sprite.png")
	})
}

func TestZoomGivesThePaneTheWindow(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.sees("Swarms", "Peers", "Pieces", "Trackers", "Responses")
		s.press("4", "z")
		s.sees("Trackers")
		s.misses("Pieces", "Responses")
		s.press("esc")
		s.sees("Pieces", "Responses")
	})
}

func TestSmallWindowShowsOnePaneAndTheOthersInAStrip(t *testing.T) {
	onScreen(t, 80, 24, healthy(), func(t *testing.T, s *screen) {
		s.press("2")
		for n, title := range []string{"1 Swarms", "3 Pieces", "4 Trackers", "5 Responses"} {
			if got := s.line(-5 + n); !strings.HasPrefix(got, title) {
				t.Errorf("strip line %d is %q, want it to begin %q", n, got, title)
			}
		}
		s.press("shift+tab", "tab", "tab")
		if got := s.line(-5 + 1); !strings.HasPrefix(got, "2 Peers") {
			t.Errorf("strip begins %q", got)
		}
	})
}

func TestFreezePinsTheSnapshot(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.press("f")
		s.next(later(healthy(), func(snap *swarm.Snapshot) {
			snap.At = snap.At.Add(12e9)
			snap.Totals.Peers = 4321
		}))
		s.sees("FROZEN 12s")
		s.misses("4321 peers")
		s.press("f")
		s.sees("4321 peers")
		s.misses("FROZEN")
	})
}

func TestFrozenDisplayStillTellsOfAnAlarm(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.press("f")
		s.next(fixture.Degraded())
		s.sees("FROZEN", "WRONG TYPE")
	})
}

func TestWrongTypeTurnsTheHeaderIntoAnAlarm(t *testing.T) {
	onScreen(t, 120, 35, fixture.Degraded(), func(t *testing.T, s *screen) {
		alarm := s.line(2) + s.line(3)
		for _, words := range []string{"WRONG TYPE", "/widgets/button.html", "application/x-bittorrent", "expected text/html", "d8:announce39", "GET 502"} {
			if !strings.Contains(alarm, words) {
				t.Errorf("the alarm lacks %q: %s", words, alarm)
			}
		}
		if title := s.model.View().WindowTitle; !strings.Contains(title, "wrong type") {
			t.Errorf("the window's title is %q", title)
		}
		s.next(healthy())
		s.sees("FINE AGAIN")
		s.press("A")
		s.misses("WRONG TYPE")
	})
}

func TestDemoSaysHowToWatchOnesOwn(t *testing.T) {
	for _, width := range []int{80, 120, 200} {
		onScreen(t, width, 35, healthy(), func(t *testing.T, s *screen) {
			s.sees("demo", "swarmtop FILE", "MAGNET", "FOLDER", "http://127.0.0.1:8913")
		})
	}
}

func TestAddKeepsTheTextWhenItFails(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.commands.fail = errRefused
		s.press("a")
		s.typing("nonsense q?z")
		s.press("enter")
		s.did("add nonsense q?z")
		s.sees("Add a source", "nonsense q?z", "✗ "+errRefused.Error())

		s.press("esc")
		s.misses("Add a source")
		s.press("a")
		s.sees("nonsense q?z") // what was typed is never lost
		s.commands.fail = nil
		s.press("enter")
		s.misses("Add a source")
		s.sees("added nonsense q?z")
		s.press("a")
		s.misses("nonsense")
	})
}

func TestPastedMagnetGoesIntoTheDialog(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.send(tea.PasteMsg{Content: "qqq"}) // no field is open
		s.press("a")
		s.send(tea.PasteMsg{Content: "magnet:?xt=urn:btih:00ff\n"})
		s.press("enter")
		s.did("add magnet:?xt=urn:btih:00ff")
	})
}

func TestLongAddShowsThatItIsUnderWayAndCanBeGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t, healthy(), options())
		s.send(tea.WindowSizeMsg{Width: 100, Height: 30})
		s.commands.hold = make(chan struct{})
		s.press("a")
		s.typing("slow")
		_, cmd := s.model.Update(keyPress("enter"))
		done := make(chan tea.Msg)
		go func() { done <- cmd() }()
		synctest.Wait()

		s.next(later(healthy(), func(snap *swarm.Snapshot) { snap.At = snap.At.Add(3e9) }))
		s.sees("adding, 3s so far", "slow")
		s.typing("er")
		s.press("enter")
		s.did("add slow")

		s.press("esc")
		s.misses("Add a source")
		s.sees("gave up adding slow")
		s.send(<-done)
		s.misses("✗", "context canceled")
	})
}

func TestRemoveAsksAboutTheBytes(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		h := s.choose("robots.txt")
		s.press("d")
		s.sees("Remove", "robots.txt", "68 B")
		s.press("x", "enter", "space")
		s.did()
		s.press("esc")
		s.did()
		s.misses("delete the bytes")

		s.press("d", "k")
		s.did("remove " + h.Short() + " bytes false")
		s.press("d", "d")
		s.did("remove " + h.Short() + " bytes true")
		s.sees("removed robots.txt and its bytes")
	})
}

func TestCopyPutsAMagnetOnTheClipboard(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		h := s.choose("robots.txt")
		s.press("y")
		want := "magnet:?xt=urn:btih:" + h.String() + "&dn=robots.txt&tr=http%3A%2F%2F127.0.0.1%3A6969%2Fannounce"
		if !strings.HasPrefix(s.clipboard, want) {
			t.Errorf("copied %q, want %q…", s.clipboard, want)
		}
	})
}

func TestHelpAndLogOpenScrollAndClose(t *testing.T) {
	snap := later(healthy(), func(snap *swarm.Snapshot) {
		for i := range 200 {
			snap.Events = append(snap.Events, swarm.Event{At: snap.At, Level: swarm.Level(i % 3), Text: "event " + strings.Repeat("x", i)})
		}
	})
	onScreen(t, 80, 24, snap, func(t *testing.T, s *screen) {
		s.press("?")
		s.sees("Help", "start or stop seeding the selected")
		s.press("G")
		s.sees("quit")
		s.press("?", "L")
		s.sees("Event log", "15:09:26", "error", "xxx")
		s.press("g")
		s.sees("event x ")
		s.press("q")
		s.misses("Event log")
		if s.quit {
			t.Error("q closed more than the log")
		}
	})
}

func TestQuitKeys(t *testing.T) {
	onScreen(t, 80, 24, healthy(), func(t *testing.T, s *screen) {
		for _, opening := range []string{"a", "d", "?", "L", "/"} {
			s.press(opening, "ctrl+c")
			if !s.quit {
				t.Errorf("ctrl+c does not quit after %s", opening)
			}
			s.quit = false
			s.press("esc", "esc")
		}
		s.press("q")
		if !s.quit {
			t.Error("q does not quit")
		}
	})
}

func TestMouseFocusesAndGoesBackToTheTerminal(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.send(tea.MouseClickMsg{X: 100, Y: 15, Button: tea.MouseLeft})
		s.press("z")
		s.sees("Trackers")
		s.misses("Swarms  ")
		if s.model.View().MouseMode == tea.MouseModeNone {
			t.Error("the mouse is not captured")
		}
		s.press("m")
		if s.model.View().MouseMode != tea.MouseModeNone {
			t.Error("m does not give the mouse back")
		}
	})
}

func TestSelectionTellsTheMonitorWhatToLookAt(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		if s.commands.focus == (swarm.InfoHash{}) {
			t.Error("nothing is looked at from the start")
		}
		h := s.choose("sprite.png")
		s.next(later(healthy(), func(snap *swarm.Snapshot) { snap.Swarms = snap.Swarms[:3] }))
		if s.commands.focus == h {
			t.Error("a swarm that is gone is still looked at")
		}
	})
}

func TestTooSmallWindowSaysWhatItNeeds(t *testing.T) {
	onScreen(t, 39, 10, healthy(), func(t *testing.T, s *screen) {
		s.sees("swarmtop needs 40×10", "this is 39×10")
	})
}

func TestEnterFoldsTheSelectedWidget(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.choose("button.css")
		s.press("k", "z")
		s.sees("sprite.png", "avatar.webp")
		s.press("enter")
		s.misses("sprite.png")
		s.sees("avatar.webp")
		s.press("enter")
		s.sees("sprite.png")
	})
}

func TestTrackersRollUpByHost(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.press("4", "z")
		before := s.text()
		s.press("h")
		if s.text() == before {
			t.Error("h changes nothing")
		}
		s.press("h")
		if s.text() != before {
			t.Error("h does not lead back")
		}
	})
}

func TestMaskHidesAddresses(t *testing.T) {
	onScreen(t, 200, 60, fixture.Degraded(), func(t *testing.T, s *screen) {
		s.sees("127.0.0.2:50000", "gateway http://127.0.0.1:8913")
		s.press("P")
		s.misses("127.0.0.2:50000", "http://127.0.0.1:8913", "tracker.example")
		s.press("P")
		s.sees("127.0.0.2:50000")
	})
}

func TestClickSelectsTheRowUnderThePointer(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		lines := strings.Split(s.text(), "\n")
		for y, line := range lines {
			if strings.Contains(line, "robots.txt") {
				s.send(tea.MouseClickMsg{X: 10, Y: y, Button: tea.MouseLeft})
				break
			}
		}
		if w := s.feed.Latest().Swarm(s.commands.focus); w == nil || w.Name != "robots.txt" {
			t.Error("the clicked swarm is not the selected one")
		}
		was := s.commands.focus
		s.send(tea.MouseWheelMsg{X: 10, Y: 8, Button: tea.MouseWheelDown})
		if s.commands.focus == was {
			t.Error("the wheel does not move the selection")
		}
	})
}
