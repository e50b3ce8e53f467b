package panes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/internal/fixture"
	"swarmtop/ui/panes"
)

// drawings are all that is drawn: the five panes, as they are at the start, and the graph.
func drawings() map[string]func(panes.View) []string {
	failed := new(panes.Peers)
	failed.ToggleFailed()
	return map[string]func(panes.View) []string{
		"swarms":    new(panes.Swarms).Render,
		"peers":     new(panes.Peers).Render,
		"failed":    failed.Render,
		"pieces":    new(panes.Pieces).Render,
		"trackers":  new(panes.Trackers).Render,
		"responses": new(panes.Responses).Render,
		"graph":     panes.Graph,
	}
}

func all() []panes.Pane {
	failed := new(panes.Peers)
	failed.ToggleFailed()
	return []panes.Pane{new(panes.Swarms), new(panes.Peers), new(panes.Pieces), new(panes.Trackers), new(panes.Responses), failed}
}

// view looks at swarm i of a snapshot.
func view(s *swarm.Snapshot, i, width, height int) panes.View {
	v := panes.View{Snapshot: s, Theme: theme.Default(true, colorprofile.TrueColor), Width: width, Height: height}
	if i < len(s.Swarms) {
		v.Swarm = &s.Swarms[i]
	}
	return v
}

func plain(lines []string) string { return ansi.Strip(strings.Join(lines, "\n")) + "\n" }

func TestPictures(t *testing.T) {
	states := map[string]*swarm.Snapshot{"empty": fixture.Empty(), "healthy": fixture.Healthy(), "degraded": fixture.Degraded()}
	for state, snap := range states {
		for name, render := range drawings() {
			for _, size := range [][2]int{{40, 10}, {78, 20}, {108, 24}} {
				t.Run(fmt.Sprintf("%s/%s/%dx%d", name, state, size[0], size[1]), func(t *testing.T) {
					golden.RequireEqual(t, plain(render(view(snap, 7, size[0], size[1]))))
				})
			}
		}
	}
}

func TestPicturesOfAWidget(t *testing.T) {
	for name, render := range drawings() {
		t.Run(name, func(t *testing.T) {
			v := view(fixture.Degraded(), 0, 100, 20)
			v.Swarm, v.Widget = nil, "share-button"
			golden.RequireEqual(t, plain(render(v)))
		})
	}
}

func TestPicturesOfFewPiecesAndOfThousands(t *testing.T) {
	snap := fixture.Healthy()
	for name, i := range map[string]int{"four": 4, "thousands": 9} {
		t.Run(name, func(t *testing.T) {
			golden.RequireEqual(t, plain(new(panes.Pieces).Render(view(snap, i, 94, 20))))
		})
	}
}

func TestLinesFillTheRectangleAtEverySize(t *testing.T) {
	snaps := []*swarm.Snapshot{fixture.Empty(), fixture.Healthy(), fixture.Degraded(), hostile(), fixture.Busy(60, 200)}
	rapid.Check(t, func(t *rapid.T) {
		snap := rapid.SampledFrom(snaps).Draw(t, "snapshot")
		v := view(snap, rapid.IntRange(0, 12).Draw(t, "swarm"), rapid.IntRange(0, 300).Draw(t, "width"), rapid.IntRange(0, 100).Draw(t, "height"))
		v.Focused, v.Mask = rapid.Bool().Draw(t, "focused"), rapid.Bool().Draw(t, "mask")
		if rapid.Bool().Draw(t, "widget") && v.Swarm != nil {
			v.Widget, v.Swarm = v.Swarm.Widget, nil
		}
		ps := all()
		for _, p := range ps {
			for _, m := range rapid.SliceOfN(rapid.IntRange(0, int(panes.Bottom)), 0, 4).Draw(t, "motions") {
				p.Move(v, panes.Motion(m))
			}
			p.Click(v, rapid.IntRange(-1, 70).Draw(t, "line"))
			if rapid.Bool().Draw(t, "sort") {
				p.SortNext()
			}
			if rapid.Bool().Draw(t, "filter") {
				p.SetFilter("b")
			}
			fills(t, p.Title(), p.Render(v), v)
			if s := p.Summary(v, v.Width); ansi.StringWidth(s) > v.Width || strings.Contains(s, "\n") {
				t.Fatalf("%s: summary %q is wider than %d", p.Title(), s, v.Width)
			}
		}
		trackers := new(panes.Trackers)
		trackers.ToggleHosts()
		fills(t, "hosts", trackers.Render(v), v)
		fills(t, "graph", panes.Graph(v), v)
	})
}

func fills(t *rapid.T, name string, lines []string, v panes.View) {
	t.Helper()
	if len(lines) != v.Height {
		t.Fatalf("%s at %d×%d: %d lines", name, v.Width, v.Height, len(lines))
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w != v.Width {
			t.Fatalf("%s at %d×%d: line %d has %d cells: %q", name, v.Width, v.Height, i, w, ansi.Strip(l))
		}
		if strings.ContainsAny(ansi.Strip(l), "\n\r\t\x1b") {
			t.Fatalf("%s: line %d has control characters: %q", name, i, l)
		}
	}
}

// hostile is a snapshot with names as strangers choose them, after they were cleaned.
func hostile() *swarm.Snapshot {
	names := []string{"文字文字文字文字文字文字文字文字文字文字", "👍🏽👩‍👩‍👧‍👦🇩🇪🇫🇷", "ẹ̈́a̐b̃", "\x1b[31mred\x1b[2J", "‮gnp.exe", strings.Repeat("W", 500), "ｆｕｌｌ　ｗｉｄｔｈ", "한국어 조선말", "ไทยน้ำ", "नमस्ते क्षि"}
	s := fixture.Degraded()
	for i := range s.Swarms {
		w, name := &s.Swarms[i], swarm.Clean(names[i%len(names)], 120)
		w.Name, w.Widget, w.Reason = name, name, name
		for k := range w.Peers {
			w.Peers[k].Client = swarm.Known(name)
		}
		for k := range w.Trackers {
			w.Trackers[k].URL, w.Trackers[k].LastError, w.Trackers[k].Warning = name, name, name
		}
	}
	for i := range s.Responses.Tail {
		r := &s.Responses.Tail[i]
		r.Path, r.Evidence, r.Type = swarm.Clean(names[i%len(names)], 200), swarm.Clean(names[i%len(names)], 40), swarm.Clean(names[i%len(names)], 40)
	}
	return s
}

func TestEveryThemeAndProfileDrawsTheSameText(t *testing.T) {
	snap := fixture.Degraded()
	for name, render := range drawings() {
		v := view(snap, 7, 100, 20)
		v.Focused = true
		want := plain(render(v))
		for _, theme := range themes(t) {
			v.Theme = theme
			if got := plain(render(v)); got != want {
				t.Errorf("%s in %s:\n%s", name, theme.Name, got)
			}
		}
	}
}

func themes(t *testing.T) (all []*theme.Theme) {
	for _, name := range theme.Builtin() {
		for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256, colorprofile.ANSI, colorprofile.ASCII, colorprofile.NoTTY} {
			th, err := theme.Named(name, profile)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, th)
		}
	}
	return all
}

func TestMaskLeavesNoAddress(t *testing.T) {
	v := view(fixture.Degraded(), 7, 200, 60)
	v.Mask = true
	for name, render := range drawings() {
		if text := plain(render(v)); strings.Contains(text, "127.0.") || strings.Contains(text, "2001:db8") || strings.Contains(text, "example.") {
			t.Errorf("%s shows an address:\n%s", name, text)
		}
	}
}

func BenchmarkSwarms1000at200x60(b *testing.B) {
	v := view(fixture.Busy(1000, 500), 0, 200, 60)
	p := new(panes.Swarms)
	b.ReportAllocs()
	for b.Loop() {
		p.Render(v)
	}
}

func BenchmarkFrame(b *testing.B) {
	v := view(fixture.Busy(1000, 500), 0, 100, 30)
	ps := all()
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range ps {
			p.Render(v)
		}
		panes.Graph(v)
	}
}

func TestRenderAllocatesLittle(t *testing.T) {
	v := view(fixture.Busy(1000, 500), 0, 200, 60)
	for name, render := range drawings() {
		render(v) // the first one grows the buffers
		if n := testing.AllocsPerRun(5, func() { render(v) }); n > 200 {
			t.Errorf("%s: %v allocations a render, want at most 200", name, n)
		}
	}
}

func TestPicturesOfASwarmThatWaits(t *testing.T) {
	for name, render := range drawings() {
		t.Run(name, func(t *testing.T) {
			golden.RequireEqual(t, plain(render(view(fixture.Degraded(), 8, 78, 10))))
		})
	}
	asked := fixture.Healthy()
	asked.Swarms[0].Peers, asked.Swarms[0].Trackers = nil, asked.Swarms[0].Trackers[:1]
	t.Run("asked", func(t *testing.T) {
		golden.RequireEqual(t, plain(new(panes.Peers).Render(view(asked, 0, 78, 10))))
	})
}

func TestPictureOfTrackersByHost(t *testing.T) {
	p := new(panes.Trackers)
	p.ToggleHosts()
	golden.RequireEqual(t, plain(p.Render(view(fixture.Degraded(), 8, 100, 14))))
}
