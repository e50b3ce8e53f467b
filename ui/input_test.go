package ui_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"swarmtop/ui/internal/fixture"
)

// TestNothingTypedIsLost types into the dialog, pastes more than a line holds, and
// has all happen to it that may.
func TestNothingTypedIsLost(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		long := "magnet:?xt=urn:btih:" + strings.Repeat("0f", 20) + strings.Repeat("&tr=udp%3A%2F%2Ftracker.example%3A6969", 1000)
		s.press("a")
		s.typing("x ")
		s.send(tea.PasteMsg{Content: long})
		for _, size := range [][2]int{{40, 10}, {1, 1}, {0, 0}, {200, 60}, {80, 24}} {
			s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			s.text()
		}
		s.next(fixture.Degraded()) // an alarm comes
		s.sees("Add a source", "6969")
		s.commands.fail = errRefused
		s.press("enter")
		s.did("add x " + long)
		s.sees("✗ " + errRefused.Error())
		s.press("esc", "1", "a", "end")
		s.typing("!")
		s.press("enter")
		s.did("add x " + long + "!")
	})
}

func TestClickOnTheStripFocusesThePane(t *testing.T) {
	for _, height := range []int{10, 16, 24} {
		onScreen(t, 90, height, healthy(), func(t *testing.T, s *screen) {
			numbers := map[string]string{"Swarms": "1", "Peers": "2", "Pieces": "3", "Trackers": "4", "Responses": "5"}
			for _, title := range []string{"Responses", "Peers", "Trackers", "Swarms", "Pieces"} {
				lines := strings.Split(s.text(), "\n")
				for y := height - 2; y > 0; y-- {
					if before, _, found := strings.Cut(lines[y], " "+title+" "); found {
						s.send(tea.MouseClickMsg{X: len([]rune(before)) + 2, Y: y, Button: tea.MouseLeft})
						break
					}
				}
				if !strings.Contains(s.text(), "━ "+numbers[title]+" "+title) {
					t.Errorf("height %d: a click on %s does not lead there:\n%s", height, title, s.text())
				}
			}
		})
	}
}
