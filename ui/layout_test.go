package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"
)

// boxes draws an arrangement: a frame for each rectangle, its name inside.
func boxes(a arrangement, width, height int) string {
	cells := make([][]rune, height)
	for y := range cells {
		cells[y] = []rune(strings.Repeat("·", width))
	}
	named := map[string]rect{"header": a.header, "graph": a.graph, "strip": a.strip, "footer": a.footer}
	for i, r := range a.panes {
		named[fmt.Sprint(i+1)] = r
	}
	for name, r := range named {
		if r.empty() {
			continue
		}
		for y := r.y; y < r.y+r.height; y++ {
			for x := r.x; x < r.x+r.width; x++ {
				cells[y][x] = ' '
				if x == r.x || x == r.x+r.width-1 {
					cells[y][x] = '│'
				}
				if r.height > 1 && (y == r.y || y == r.y+r.height-1) {
					cells[y][x] = '─'
				}
			}
		}
		for i, c := range fmt.Sprintf(" %s %d×%d ", name, r.width, r.height) {
			if x := r.x + 1 + len([]rune(fmt.Sprintf(" %s %d×%d ", name, r.width, r.height)[:i])); x < r.x+r.width-1 {
				cells[r.y][x] = c
			}
		}
	}
	var b strings.Builder
	for _, row := range cells {
		b.WriteString(strings.TrimRight(string(row), " ") + "\n")
	}
	return b.String()
}

func TestLayoutBoxes(t *testing.T) {
	for _, c := range []struct {
		name          string
		width, height int
		focus         int
		zoom, alarm   bool
	}{
		{"250x70", 250, 70, 0, false, false},
		{"200x60", 200, 60, 0, false, false},
		{"160x45", 160, 45, 0, false, false},
		{"120x35", 120, 35, 0, false, false},
		{"120x35 alarm", 120, 35, 0, false, true},
		{"120x35 zoom", 120, 35, trackersPane, true, false},
		{"100x30", 100, 30, 0, false, false},
		{"80x60 tall", 80, 60, 0, false, false},
		{"60x80 tall", 60, 80, 0, false, false},
		{"80x24", 80, 24, peersPane, false, false},
		{"40x10", 40, 10, 0, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			golden.RequireEqual(t, boxes(layout(c.width, c.height, c.focus, c.zoom, c.alarm), c.width, c.height))
		})
	}
}

// TestLayoutTiles holds that the rectangles of a window cover each of its cells
// once, and that the focused pane is always among them.
func TestLayoutTiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(0, 300).Draw(t, "width"), rapid.IntRange(0, 100).Draw(t, "height")
		focus := rapid.IntRange(0, paneCount-1).Draw(t, "focus")
		a := layout(width, height, focus, rapid.Bool().Draw(t, "zoom"), rapid.Bool().Draw(t, "alarm"))
		if a.tooSmall {
			if width >= minWidth && height >= minHeight {
				t.Fatalf("%d×%d is called too small", width, height)
			}
			return
		}
		if a.panes[focus].empty() {
			t.Fatal("the focused pane has no place")
		}
		covered := make([]int, width*height)
		for _, r := range append(a.panes[:], a.header, a.graph, a.strip, a.footer) {
			for y := r.y; y < r.y+r.height; y++ {
				for x := r.x; x < r.x+r.width; x++ {
					covered[y*width+x]++
				}
			}
		}
		for i, n := range covered {
			if n != 1 {
				t.Fatalf("cell %d,%d is covered %d times", i%width, i/width, n)
			}
		}
	})
}

// TestTilesOfALineStandInTheirOrder holds what the drawing of a window relies on:
// graph first, then the panes by number, is the order of the columns.
func TestTilesOfALineStandInTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := layout(rapid.IntRange(minWidth, 300).Draw(t, "width"), rapid.IntRange(minHeight, 100).Draw(t, "height"), 0, false, false)
		tiles := append([]rect{a.graph}, a.panes[:]...)
		for i, left := range tiles {
			for _, right := range tiles[i+1:] {
				share := left.y < right.y+right.height && right.y < left.y+left.height
				if !left.empty() && !right.empty() && share && left.x > right.x {
					t.Fatalf("%v is drawn before %v, which stands at its left", left, right)
				}
			}
		}
	})
}
