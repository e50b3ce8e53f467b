package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"swarmtop/swarm"
)

// TestARecordingIsMadeInEveryModeAndPlayed records with --json, with plain lines and
// on the screen to one file, and plays it.
func TestARecordingIsMadeInEveryModeAndPlayed(t *testing.T) {
	h := newHouse(t)
	dir := write(t, map[string]string{"page.html": "<!doctype html><p>page"})
	file := filepath.Join(dir, "incident")
	source := onAnyPort("--record", file, filepath.Join(dir, "page.html"))

	r := start(t, h.command(append(source, "--json")...))
	r.until(t, "the page is complete", func(s *swarm.Snapshot) bool { return s.Totals.Complete == 1 })
	r.quits(t)
	r = start(t, h.command(append(source, "--no-screen")...))
	r.line(t, "a line of totals")
	r.quits(t)
	s := onTerminal(t, h.command(source...), 100, 30)
	s.shows(t, "page.html")
	s.press(t, "q")
	s.ends(t, h)

	out, err := h.command("replay", "--json", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	started := map[string]bool{}
	for _, line := range lines {
		var snap swarm.Snapshot
		if err := json.Unmarshal([]byte(line), &snap); err != nil {
			t.Fatal(err)
		}
		started[snap.Started.String()] = true
	}
	if len(started) != 3 {
		t.Errorf("%d of 3 runs were recorded", len(started))
	}
	if out, err = h.command("replay", file).Output(); err != nil || strings.Count(string(out), " swarms ") < 2 {
		t.Errorf("without a terminal it says %q (%v)", out, err)
	}

	s = onTerminal(t, h.command("replay", file), 120, 35)
	s.shows(t, "replay ", fmt.Sprintf("/%d)", len(lines)), "step")
	s.press(t, "[")
	s.shows(t, "paused")
	s.press(t, "a")
	s.shows(t, "this is a recording")
	s.press(t, strings.Repeat("}", len(lines)))
	s.shows(t, fmt.Sprintf("(%d/%d) end", len(lines), len(lines)), "page.html")
	s.press(t, "q")
	s.ends(t, h)
}

func TestWhatIsNoRecordingIsRefused(t *testing.T) {
	h := newHouse(t)
	dir := write(t, map[string]string{"notes": "not a recording", "newer": "swarmtop recording 99\n"})
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"replay", filepath.Join(dir, "notes")}, "not a recording of swarmtop"},
		{[]string{"replay", filepath.Join(dir, "newer")}, "another version"},
		{[]string{"replay", filepath.Join(dir, "none")}, "no such file"},
		{onAnyPort("--no-screen", "--record", filepath.Join(dir, "notes"), lonelyMagnet), "not a recording of swarmtop"},
		{onAnyPort("--no-screen", "--record", filepath.Join(dir, "newer"), lonelyMagnet), "another version"},
		{onAnyPort("--no-screen", "--record", dir, lonelyMagnet), "not a regular file"},
	} {
		r := start(t, h.command(tt.args...))
		if code := r.exit(t); code != 1 || strings.Count(r.stderr.String(), "\n") != 1 || !strings.Contains(r.stderr.String(), tt.want) {
			t.Errorf("%q ends with %d and %q, want 1 and %q", tt.args, code, r.stderr.String(), tt.want)
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, "notes")); err != nil || string(b) != "not a recording" {
		t.Errorf("a file that is no recording was touched: %q, %v", b, err)
	}
}
