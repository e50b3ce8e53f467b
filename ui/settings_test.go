package ui_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/ui"
)

// set runs a script against a screen that has settings, and that sees others once
// the script has changed what the pointer leads to.
func set(t *testing.T, first swarm.Settings, script func(t *testing.T, s *screen, use func(swarm.Settings))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		now := &first
		o := options()
		o.Settings = func() *swarm.Settings { return now }
		s := newScreen(t, healthy(), o)
		s.send(tea.WindowSizeMsg{Width: 120, Height: 35})
		script(t, s, func(next swarm.Settings) {
			now = &next
			s.send(ui.Pull())
		})
	})
}

func TestOwnKeysWorkAndAreShown(t *testing.T) {
	keys := map[string][]string{"add": {"i"}, "undo": {"ctrl+u"}, "help": {"f1"}, "log": {}}
	set(t, swarm.Settings{Keys: keys}, func(t *testing.T, s *screen, use func(swarm.Settings)) {
		s.sees("i add", "f1 help")
		s.misses("a add", "? help")
		s.press("space")
		s.sees(" · ctrl+u undoes")
		s.press("ctrl+u")
		s.sees("undone")
		s.press("a")
		s.misses("Add a source")
		s.press("i")
		s.sees("Add a source")
		s.typing("aiq") // a field takes what are keys elsewhere
		s.sees("aiq")
		s.press("esc", "f1", "/")
		s.typing("event log")
		s.sees("–            show the event log")
		s.press("esc", "f1")
		s.misses("Help")
		s.send(tea.WindowSizeMsg{Width: 120, Height: 50})

		use(swarm.Settings{})
		s.press("esc") // the message makes room for the keys
		s.sees("a add", "? help")
		s.press("i")
		s.misses("Add a source")
	})
}

func TestEmptyPanesNameTheUsersKeys(t *testing.T) {
	set(t, swarm.Settings{Keys: map[string][]string{"add": {"i"}}}, func(t *testing.T, s *screen, use func(swarm.Settings)) {
		s.next(&swarm.Snapshot{At: healthy().At, Version: 99})
		s.sees("Press i to add one")
		use(swarm.Settings{})
		s.sees("Press a to add one")
	})
}

func TestReloadTellsWhatCameOfIt(t *testing.T) {
	set(t, swarm.Settings{}, func(t *testing.T, s *screen, use func(swarm.Settings)) {
		use(swarm.Settings{Notice: "assets.toml was read again: 1 new swarm"})
		s.sees("assets.toml was read again: 1 new swarm")
		use(swarm.Settings{Notice: "assets.toml:3: path: does not begin with /", Failed: true})
		s.sees("✗ assets.toml:3: path: does not begin with /")
	})
}

func TestThemeFollowsTheManifestAndItsFile(t *testing.T) {
	mine := filepath.Join(t.TempDir(), "mine.toml")
	write := func(accent string) {
		if err := os.WriteFile(mine, []byte("base = \"nord\"\nbackground = \""+accent+"\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ground := func(s *screen) [3]uint32 {
		c := s.model.View().BackgroundColor
		if c == nil {
			return [3]uint32{}
		}
		r, g, b, _ := c.RGBA()
		return [3]uint32{r >> 8, g >> 8, b >> 8}
	}
	write("#102030")
	set(t, swarm.Settings{}, func(t *testing.T, s *screen, use func(swarm.Settings)) {
		s.send(tea.ColorProfileMsg{Profile: 5})
		if ground(s) != [3]uint32{} {
			t.Error("the terminal's own ground was replaced before a theme was named")
		}
		at := time.Unix(1, 0)
		use(swarm.Settings{Theme: mine, Saved: at})
		if got := ground(s); got != [3]uint32{0x10, 0x20, 0x30} {
			t.Errorf("the ground is %x", got)
		}
		write("#112233")
		use(swarm.Settings{Theme: mine, Saved: at, Notice: "something else"})
		if got := ground(s); got != [3]uint32{0x10, 0x20, 0x30} {
			t.Errorf("the ground is %x before the file was seen to be saved", got)
		}
		use(swarm.Settings{Theme: mine, Saved: at.Add(1)})
		if got := ground(s); got != [3]uint32{0x11, 0x22, 0x33} {
			t.Errorf("the ground is %x after the file was saved", got)
		}
		s.press(">") // the user's own choice stays until the manifest's changes
		was := ground(s)
		use(swarm.Settings{Theme: mine, Saved: at.Add(1), Notice: "read again"})
		if ground(s) != was {
			t.Error("a reload took the chosen theme away")
		}
		use(swarm.Settings{Theme: "dracula"})
		s.sees("swarmtop")
		if got := ground(s); got != [3]uint32{0x28, 0x2a, 0x36} {
			t.Errorf("the ground is %x, not dracula's", got)
		}
	})
}

func TestSettingsAreJudged(t *testing.T) {
	if err := ui.CheckSettings(swarm.Settings{Theme: "nord", Keys: map[string][]string{"add": {"i"}}}); err != nil {
		t.Error(err)
	}
	for want, s := range map[string]swarm.Settings{
		`keys.add: "x" is the key of disconnect too; give one of them another`:  {Keys: map[string][]string{"add": {"x"}}},
		`theme: theme "plaid" is unknown: there are dusk, paper, nord, gruvbox`: {Theme: "plaid"},
		`theme: theme: open gone.toml: no such file or directory`:               {Theme: "gone.toml"},
	} {
		if err := ui.CheckSettings(s); err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
			t.Errorf("%+v: %v, want %s", s, err, want)
		}
	}
}
