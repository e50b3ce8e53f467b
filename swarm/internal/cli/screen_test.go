package cli_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// panes are the names that every size of the screen has on it.
var panes = []string{"Swarms", "Peers", "Pieces", "Trackers", "Responses"}

// peerRow is a row of the Peers pane, at the left edge.
var peerRow = regexp.MustCompile(`(?m)^[│┃].127\.0\.0\.\d+:\d+ `)

// alive tells whether swarms, peers, pieces, trackers and responses have all come.
func alive(screen string) bool {
	for _, text := range []string{"share-button.html", "copies ", "/announce", " answered"} {
		if !strings.Contains(screen, text) {
			return false
		}
	}
	return peerRow.MatchString(screen)
}

func TestTheScreenIsThereBeforeTheDemoIs(t *testing.T) {
	h := newHouse(t)
	s := onTerminal(t, h.command("demo"), 120, 35)
	s.shows(t, panes...)
	if on, changes := s.alternate(); !on || !slices.Equal(changes, []bool{true}) {
		t.Errorf("alternate screen %v after %v", on, changes)
	}
	s.shows(t, "demo", "share-button.html", "http://127.0.0.1:")
	s.until(t, "every pane is alive", alive)
	s.press(t, "q")
	s.ends(t, h)
}

// ends fails the test unless the program ends well and leaves the terminal as it was.
func (s *terminal) ends(t *testing.T, h house) {
	t.Helper()
	if code := s.exit(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if on, changes := s.alternate(); on || !slices.Equal(changes, []bool{true, false}) {
		t.Errorf("after the end: alternate screen %v after %v", on, changes)
	}
	if text := strings.TrimSpace(s.text()); text != "" {
		t.Errorf("after the end the terminal shows %q", text)
	}
	isEmpty(t, h.temp)
}

func TestTheTerminalIsLeftAsItWasBySignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			h := newHouse(t)
			s := onTerminal(t, h.command("demo"), 80, 24)
			s.shows(t, "share-button.html")
			if err := s.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			s.ends(t, h)
		})
	}
}

func TestTheScreenFollowsItsWindow(t *testing.T) {
	h := newHouse(t)
	s := onTerminal(t, h.command("demo"), 120, 35)
	s.shows(t, append(panes, "share-button.html")...)
	s.resize(t, 39, 9)
	s.shows(t, "40")
	s.resize(t, 200, 60)
	s.shows(t, panes...)
	s.resize(t, 80, 24)
	s.shows(t, "share-button.html")
	s.press(t, "\x03") // ctrl+c
	s.ends(t, h)
}

// TestKeysReachTheSwarm narrows the list, stops the seeding of what is left, and starts it again.
func TestKeysReachTheSwarm(t *testing.T) {
	h := newHouse(t)
	dir := write(t, map[string]string{"kit/page.html": "<!doctype html>page", "kit/style.css": "p{}"})
	s := onTerminal(t, h.command(onAnyPort(filepath.Join(dir, "kit"))...), 120, 35)
	s.shows(t, "page.html", "style.css", "2 seeding")
	s.press(t, "/style\r")
	s.until(t, "the other row is gone", func(screen string) bool {
		return row(screen, "page.html") == "" && row(screen, "└ style.css") != ""
	})
	s.press(t, "j")
	seeding := s.shows(t, "2 seeding")
	s.press(t, " ")
	stopped := s.shows(t, "1 seeding")
	s.press(t, " ")
	s.shows(t, "2 seeding")
	if row(seeding, "└ style.css") == row(stopped, "└ style.css") {
		t.Errorf("the row does not show whether it seeds: %q", row(stopped, "└ style.css"))
	}
	s.press(t, "\x1b")
	s.shows(t, "page.html")
	s.press(t, "q")
	s.ends(t, h)

	// The switch is as it was left.
	again := onTerminal(t, h.command(onAnyPort()...), 120, 35)
	again.shows(t, "page.html", "style.css", "2 seeding")
	again.press(t, "S")
	again.shows(t, "0 seeding")
	again.press(t, "q")
	again.ends(t, h)
	third := onTerminal(t, h.command(onAnyPort()...), 120, 35)
	third.shows(t, "page.html", "0 seeding")
	third.press(t, "q")
	third.ends(t, h)
}

// TestABadSourceDoesNotEndTheScreen adds one by key, then a good one.
func TestABadSourceDoesNotEndTheScreen(t *testing.T) {
	h := newHouse(t)
	dir := write(t, map[string]string{"page.html": "<!doctype html>page", "more/late.css": "p{}"})
	s := onTerminal(t, h.command(onAnyPort(filepath.Join(dir, "page.html"))...), 120, 35)
	s.shows(t, "page.html")
	s.press(t, "a")
	s.press(t, "nothing.torrent\r")
	s.shows(t, "no such file")
	s.press(t, "\x1b")
	s.shows(t, "page.html")
	s.press(t, "a")
	s.press(t, "\x15"+filepath.Join(dir, "more")+"\r") // ctrl+u empties the line
	s.shows(t, "late.css", "2 swarms")
	s.press(t, "q")
	s.ends(t, h)
}

func TestADumbTerminalGetsLines(t *testing.T) {
	h := newHouse(t)
	cmd := h.command(onAnyPort(write(t, map[string]string{"page.html": "<!doctype html>page"}))...)
	cmd.Env = append(cmd.Env, "TERM=dumb")
	s := onTerminal(t, cmd, 200, 24)
	s.shows(t, "swarms 1, complete 1, seeding 1, peers 0,")
	if _, changes := s.alternate(); len(changes) > 0 {
		t.Errorf("alternate screen %v on a dumb terminal", changes)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := s.exit(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}
