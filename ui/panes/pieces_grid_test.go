package panes

import (
	"testing"

	"pgregory.net/rapid"
)

// TestCellsFitTheirRectangleAndStandForEveryPiece holds for any number of pieces
// and any rectangle.
func TestCellsFitTheirRectangleAndStandForEveryPiece(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, width, lines := rapid.IntRange(1, 5000).Draw(t, "pieces"), rapid.IntRange(1, 200).Draw(t, "width"), rapid.IntRange(1, 60).Draw(t, "lines")
		c := arrange(n, width, lines)
		rows := (c.count + c.columns - 1) / c.columns
		if c.columns*c.width > width+1 || rows*c.height > lines {
			t.Fatalf("%+v needs %d×%d", c, c.columns*c.width-1, rows*c.height)
		}
		if c.count < min(n, width*lines/2) && c.count < n {
			t.Fatalf("%+v leaves cells unused", c)
		}
		piece := rapid.IntRange(0, n-1).Draw(t, "piece")
		if from, to := span(c.of(piece, n), c.count, n); piece < from || piece >= to {
			t.Fatalf("piece %d is said to stand in the cell of %d to %d", piece, from, to)
		}
		for _, m := range []Motion{Up, Down, PageUp, PageDown, Top, Bottom, Left, Right} {
			if at := c.target(piece, n, m); at < 0 || at >= n {
				t.Fatalf("motion %d leads from %d to %d", m, piece, at)
			}
		}
	})
}

func TestCursorReachesEveryCell(t *testing.T) {
	for _, n := range []int{1, 91, 700, 2944} {
		c := arrange(n, 90, 12)
		at, cells := c.target(0, n, Top), 1
		for next := c.target(at, n, Right); next != at && cells <= n; next = c.target(at, n, Right) {
			at, cells = next, cells+1
		}
		if cells != c.count {
			t.Errorf("%d pieces: the cursor reaches %d of %d cells", n, cells, c.count)
		}
	}
}
