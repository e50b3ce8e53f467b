package ui_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui"
	"swarmtop/ui/internal/fixture"
	"swarmtop/ui/terminal"
)

func options() ui.Options { return ui.Options{} }

func TestScreens(t *testing.T) {
	states := []struct {
		name string
		snap *swarm.Snapshot
		keys []string
	}{
		{"healthy", fixture.Healthy(), nil},
		{"degraded", fixture.Degraded(), nil},
		{"empty", fixture.Empty(), nil},
		{"add", fixture.Healthy(), []string{"a"}},
		{"remove", fixture.Healthy(), []string{"d"}},
		{"help", fixture.Healthy(), []string{"?"}},
		{"search", fixture.Healthy(), []string{"?", "/", "s", "e", "e", "d"}},
		{"swarm", fixture.Degraded(), []string{"j", "j", "j", "j", "enter"}},
		{"pieces", fixture.Healthy(), []string{"j", "j", "j", "j", "3", "right", "enter"}},
		{"ban", fixture.Healthy(), []string{"2", "j", "X"}},
	}
	for _, size := range [][2]int{{80, 24}, {120, 35}, {200, 60}} {
		for _, state := range states {
			t.Run(fmt.Sprintf("%dx%d/%s", size[0], size[1], state.name), func(t *testing.T) {
				onScreen(t, size[0], size[1], state.snap, func(t *testing.T, s *screen) {
					s.press(state.keys...)
					golden.RequireEqual(t, s.text()+"\n")
				})
			})
		}
	}
}

// TestNothingLeavesTheWindow holds for every size, pane, dialog and state that no
// line is wider than the window and that there are no more lines than it has.
func TestNothingLeavesTheWindow(t *testing.T) {
	hostile := later(fixture.Degraded(), func(snap *swarm.Snapshot) {
		for i := range snap.Swarms {
			snap.Swarms[i].Name = []string{"文字文字文字文字文字文字文字文字文字文字", "é́́clair", "👩‍👩‍👧 family", strings.Repeat("w", 300)}[i%4]
		}
		snap.Events = []swarm.Event{{At: snap.At, Text: strings.Repeat("文", 400)}, {At: snap.At, Text: "short"}}
		snap.Gateway = "http://" + strings.Repeat("文", 90)
	})
	snaps := []*swarm.Snapshot{fixture.Empty(), fixture.Healthy(), hostile}
	openings := [][]string{nil, {"a", "文", "x"}, {"d"}, {"?"}, {"L"}, {"/", "文"}, {"f"}, {"space"}, {"z"}, {"r"}, {"h"}}
	rapid.Check(t, func(rt *rapid.T) {
		width, height := rapid.IntRange(1, 300).Draw(rt, "width"), rapid.IntRange(1, 100).Draw(rt, "height")
		s := newScreen(t, rapid.SampledFrom(snaps).Draw(rt, "snapshot"), options())
		s.model.Update(tea.WindowSizeMsg{Width: width, Height: height})
		s.model.Update(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
		s.model.Update(keyPress(fmt.Sprint(rapid.IntRange(1, 5).Draw(rt, "focus"))))
		for _, k := range rapid.SampledFrom(openings).Draw(rt, "keys") {
			s.model.Update(keyPress(k))
		}
		fits(rt, s.model, width, height)
		width, height = height, max(width%100, 1)
		s.model.Update(tea.WindowSizeMsg{Width: width, Height: height})
		fits(rt, s.model, width, height)
	})
}

// fits holds that a view stays in its window.
func fits(t *rapid.T, m *ui.Model, width, height int) {
	lines := strings.Split(m.View().Content, "\n")
	if len(lines) > height {
		t.Fatalf("%d lines in a window of %d", len(lines), height)
	}
	for i, line := range lines {
		if w := ansi.StringWidth(line); w > width {
			t.Fatalf("line %d has %d cells in a window of %d: %q", i, w, width, ansi.Strip(line))
		}
	}
}

// TestAnyKeysOnAnySnapshots plays keys, clicks, sizes and snapshots in any order:
// nothing panics and nothing leaves the window.
func TestAnyKeysOnAnySnapshots(t *testing.T) {
	keys := append(strings.Split("1 2 3 4 5 z j k g G / o O y space S u a d r R f P < > m L ? h q x", " "),
		"tab", "shift+tab", "up", "down", "pgup", "pgdown", "home", "end", "enter", "esc", "backspace", "文")
	snaps := []*swarm.Snapshot{fixture.Empty(), fixture.Healthy(), fixture.Degraded(), fixture.Busy(30, 40)}
	rapid.Check(t, func(rt *rapid.T) {
		s := newScreen(t, fixture.Healthy(), options())
		width, height := 80, 24
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			switch rapid.IntRange(0, 9).Draw(rt, "step") {
			case 0:
				s.feed.show(rapid.SampledFrom(snaps).Draw(rt, "snapshot"))
				s.model.Update(ui.Tick())
			case 1:
				width, height = rapid.IntRange(0, 220).Draw(rt, "width"), rapid.IntRange(1, 70).Draw(rt, "height")
			case 2:
				x, y := rapid.IntRange(0, 220).Draw(rt, "x"), rapid.IntRange(0, 70).Draw(rt, "y")
				s.model.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
				s.model.Update(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown})
			default:
				s.model.Update(keyPress(rapid.SampledFrom(keys).Draw(rt, "key")))
			}
			s.model.Update(tea.WindowSizeMsg{Width: width, Height: height})
			fits(rt, s.model, width, height)
		}
	})
}

// TestThemesAndProfilesChangeNoText holds that meaning is never told by colour
// alone, and that a terminal without colours gets none. The cells of the pieces are
// left out: where there are colours, a row of text holds two of them.
func TestThemesAndProfilesChangeNoText(t *testing.T) {
	onScreen(t, 120, 35, fixture.Degraded(), func(t *testing.T, s *screen) {
		plain := withoutCells(s.text())
		for _, p := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256, colorprofile.ANSI, colorprofile.ASCII} {
			s.send(tea.ColorProfileMsg{Profile: p})
			if withoutCells(s.text()) != plain {
				t.Errorf("%s shows other words", p)
			}
			if content := s.model.View().Content; p == colorprofile.ASCII && (strings.Contains(content, "38;") || strings.Contains(content, "[3")) {
				t.Error("a terminal without colours gets colours")
			}
		}
	})
}

func withoutCells(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '▀' && r <= '▟' || strings.ContainsRune("·×◆", r) {
			return ' '
		}
		return r
	}, text)
}

func TestThemeKeysGoThroughAllThemesAndBack(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		names := theme.Builtin()
		for i := range names {
			s.press(">")
			s.sees("theme " + names[(i+1)%len(names)])
		}
		s.press("<")
		s.sees("theme " + names[len(names)-1])
	})
}

func TestOwnThemeStandsAmongTheOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.toml")
	if err := os.WriteFile(path, []byte("base = \"nord\"\n[colors]\naccent = \"#12ab34\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newScreen(t, healthy(), ui.Options{Theme: path})
	s.send(tea.WindowSizeMsg{Width: 120, Height: 35})
	s.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	if !strings.Contains(s.model.View().Content, "38;2;18;171;52") {
		t.Error("its accent is not seen")
	}
	s.press(">", "<")
	s.sees("theme mine")
}

func TestUnknownThemeIsRefused(t *testing.T) {
	_, err := ui.New(&feed{snap: healthy()}, &recorder{}, ui.Options{Theme: "plaid"})
	if err == nil || !strings.Contains(err.Error(), "plaid") {
		t.Errorf("New says %v", err)
	}
}

// TestUnchangedScreenIsNotRebuilt holds the panes' caches by what a view of an
// unchanged screen allocates.
func TestUnchangedScreenIsNotRebuilt(t *testing.T) {
	s := newScreen(t, fixture.Busy(1000, 500), options())
	s.model.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	s.model.Update(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	s.model.View()
	if n := testing.AllocsPerRun(20, func() { s.model.View() }); n > 0 {
		t.Errorf("a view of an unchanged screen allocates %.0f times", n)
	}
}

// TestNewSnapshotIsDrawnWithFewAllocations holds what a frame of a large screen
// costs when everything in it may have changed, with an asset selected and with a
// widget of all of them.
func TestNewSnapshotIsDrawnWithFewAllocations(t *testing.T) {
	for _, key := range []string{"j", "g"} {
		snap := fixture.Busy(1000, 500)
		for i := range snap.Swarms {
			snap.Swarms[i].Widget = "all"
		}
		s := newScreen(t, snap, options())
		s.model.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
		s.model.Update(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
		s.press(key)
		n := testing.AllocsPerRun(20, func() {
			s.feed.show(later(snap, nil))
			s.model.Update(ui.Tick())
			s.model.View()
		})
		if n > 500 {
			t.Errorf("after %s a new snapshot is drawn with %.0f allocations, want at most 500", key, n)
		}
	}
}

func BenchmarkViewUnchanged(b *testing.B) {
	m := busy(b)
	for b.Loop() {
		m.View()
	}
}

// BenchmarkViewNewSnapshot draws snapshots in which anything may have changed.
func BenchmarkViewNewSnapshot(b *testing.B) {
	snaps := [2]*swarm.Snapshot{fixture.Busy(1000, 500), fixture.Busy(1000, 500)}
	f := &feed{snap: snaps[0]}
	m, err := ui.New(f, &recorder{}, ui.Options{})
	if err != nil {
		b.Fatal(err)
	}
	m.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	m.Update(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f.show(snaps[i%2])
		m.Update(ui.Tick())
		m.View()
	}
}

// BenchmarkKeyToPicture measures from a key to the bytes that show its effect on a
// terminal, with ten thousand swarms, and reports what one in a hundred exceeds.
func BenchmarkKeyToPicture(b *testing.B) {
	b.Run("many widgets", func(b *testing.B) {
		keysToPictures(b, func(*swarm.Swarm) {}, "j", "pgdown", "o", "G", "O", "g", "2", "1")
	})
	b.Run("one widget", func(b *testing.B) {
		keysToPictures(b, func(w *swarm.Swarm) {
			w.Widget = "all"
			if len(w.Peers) < 500 { // of the first one alone
				w.Peers = nil
			}
		}, "g", "j", "G", "g", "2", "j", "1", "g")
	})
}

func keysToPictures(b *testing.B, change func(*swarm.Swarm), keys ...string) {
	snaps := [2]*swarm.Snapshot{fixture.Busy(10_000, 500), fixture.Busy(10_000, 500)}
	for _, snap := range snaps {
		for i := range snap.Swarms {
			change(&snap.Swarms[i])
		}
	}
	f := &feed{snap: snaps[0]}
	m, err := ui.New(f, &recorder{}, ui.Options{})
	if err != nil {
		b.Fatal(err)
	}
	m.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	m.Update(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	screen := terminal.New(nil, io.Discard, 200, 60, nil)
	if err := screen.Enter(); err != nil {
		b.Fatal(err)
	}
	var took, drawn []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		if i%4 == 0 { // between two keys a snapshot comes
			f.show(snaps[i/4%2])
			m.Update(ui.Tick())
			screen.Show(m.View())
			screen.Flush()
			drawn = append(drawn, time.Since(began))
			began = time.Now()
		}
		m.Update(keyPress(keys[i%len(keys)]))
		screen.Show(m.View())
		screen.Flush()
		took = append(took, time.Since(began))
	}
	b.ReportMetric(p99(took), "p99-ms")
	b.ReportMetric(p99(drawn), "snapshot-p99-ms")
}

// p99 returns the milliseconds that one in a hundred exceeds.
func p99(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)*99/100].Microseconds()) / 1000
}

func busy(b *testing.B) *ui.Model {
	m, err := ui.New(&feed{snap: fixture.Busy(1000, 500)}, &recorder{}, ui.Options{})
	if err != nil {
		b.Fatal(err)
	}
	m.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	m.Update(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	return m
}
