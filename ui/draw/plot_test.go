package draw_test

import (
	"testing"

	"swarmtop/theme"
	"swarmtop/ui/draw"
)

func TestBarTellsDoneFromRestByShape(t *testing.T) {
	for share, want := range map[float64]string{-1: "────", 0: "────", 0.5: "━━──", 0.65: "━━╸─", 1: "━━━━", 7: "━━━━"} {
		p := page(4, 1)
		p.Bar(theme.Good, share)
		if got := text(p.Lines()); got != want {
			t.Errorf("%v: %q, want %q", share, got, want)
		}
	}
}

func TestSparkLeavesAGapForWhatIsUnknown(t *testing.T) {
	p := page(5, 1)
	p.Spark(theme.Down, []int64{99, 0, 4, -1, 8, 2}, 1)
	if got := text(p.Lines()); got != "▁▄ ▇▂" {
		t.Errorf("got %q", got)
	}
}

func TestMirrorTellsZeroFromMissing(t *testing.T) {
	p := page(3, 2)
	p.Mirror([]int64{0, 0, -1, -1, 4, 2}, []int64{4, 0, -1, -1, 0, 4}, theme.Down, theme.Up, 4, 2, 0)
	if got, want := text(p.Lines()), "⣀ ⣧\n⡏ ⢹"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMirrorKeepsTheLatestAtTheRight(t *testing.T) {
	p := page(2, 2)
	p.Mirror([]int64{8, 8, 8, 8, 8, 0}, []int64{0, 0, 0, 0, 0, 8}, theme.Down, theme.Up, 8, 2, 0)
	if got, want := text(p.Lines()), "⣿⣇\n⠉⢹"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	p = page(4, 2)
	p.Mirror([]int64{8, 8}, []int64{8, 8}, theme.Down, theme.Up, 8, 2, 0)
	if got, want := text(p.Lines()), "   ⣿\n   ⣿"; got != want {
		t.Errorf("a short series stands at the right: got\n%s\nwant\n%s", got, want)
	}
}

func TestWrapBreaksAtSpaces(t *testing.T) {
	got := draw.Wrap("one two three", 7)
	if len(got) != 2 || got[0] != "one two" || got[1] != "three" {
		t.Errorf("got %q", got)
	}
	if got := draw.Wrap("word", 0); got != nil {
		t.Errorf("no room gives %q", got)
	}
}
