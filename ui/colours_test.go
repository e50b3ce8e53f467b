package ui_test

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/golden"

	"swarmtop/theme"
	"swarmtop/ui"
	"swarmtop/ui/internal/fixture"
)

// TestColoursOfEveryTheme keeps a whole screen with its escape sequences, for each
// theme in 24-bit colours, and for one of them in fewer.
func TestColoursOfEveryTheme(t *testing.T) {
	draw := func(t *testing.T, name string, profile colorprofile.Profile) {
		s := newScreen(t, fixture.Poisoned(), ui.Options{Theme: name})
		s.send(tea.WindowSizeMsg{Width: 100, Height: 30})
		s.send(tea.ColorProfileMsg{Profile: profile})
		golden.RequireEqual(t, s.model.View().Content+"\n")
	}
	for _, name := range theme.Builtin() {
		t.Run(name, func(t *testing.T) { draw(t, name, colorprofile.TrueColor) })
	}
	for name, profile := range map[string]colorprofile.Profile{
		"256": colorprofile.ANSI256, "16": colorprofile.ANSI, "none": colorprofile.ASCII,
	} {
		t.Run("dusk_"+name, func(t *testing.T) { draw(t, "dusk", profile) })
	}
}
