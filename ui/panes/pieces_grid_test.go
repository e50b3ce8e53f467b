package panes

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"swarmtop/swarm"
	"swarmtop/theme"
)

// mostPieces is the most that a torrent may have.
const mostPieces = 262_144

// TestCellsFitTheirRectangleAndStandForEveryPiece holds for any number of pieces
// and any rectangle.
func TestCellsFitTheirRectangleAndStandForEveryPiece(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, width, lines := rapid.IntRange(1, mostPieces).Draw(t, "pieces"), rapid.IntRange(1, 200).Draw(t, "width"), rapid.IntRange(1, 60).Draw(t, "lines")
		c := arrange(n, width, lines, rapid.Bool().Draw(t, "halves"))
		if c.columns*c.width > width+1 || c.lines() > lines {
			t.Fatalf("%+v needs %d×%d", c, c.columns*c.width-1, c.lines())
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
		c := arrange(n, 90, 12, true)
		at, cells := c.target(0, n, Top), 1
		for next := c.target(at, n, Right); next != at && cells <= n; next = c.target(at, n, Right) {
			at, cells = next, cells+1
		}
		if cells != c.count {
			t.Errorf("%d pieces: the cursor reaches %d of %d cells", n, cells, c.count)
		}
	}
}

// TestNoRarePieceVanishesAmongHundredsOfThousands counts the marks of rare pieces on
// the screen: each cell with such a piece has one, and no other has.
func TestNoRarePieceVanishesAmongHundredsOfThousands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(1000, 9000), rapid.IntRange(1000, mostPieces)).Draw(t, "pieces")
		scarce := uint16(rapid.IntRange(0, 4).Draw(t, "held by"))
		rare := rapid.SliceOfN(rapid.IntRange(0, n-1), 1, 20).Draw(t, "rare")
		w := &swarm.Swarm{Pieces: swarm.Pieces{Count: n, Length: 16 << 10, Ours: swarm.NewBitfield(n), Availability: make([]uint16, n)}}
		for i := range n {
			w.Pieces.Availability[i] = scarce + 1 + uint16(i%5)
		}
		for _, i := range rare {
			w.Pieces.Availability[i] = scarce
		}
		w.Pieces.Rarest = swarm.RarestOf(w.Pieces.Availability)
		v := View{Snapshot: &swarm.Snapshot{}, Swarm: w,
			Theme: theme.Default(true, rapid.SampledFrom([]colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI, colorprofile.ASCII}).Draw(t, "colours")),
			Width: rapid.IntRange(20, 200).Draw(t, "width"), Height: rapid.IntRange(9, 60).Draw(t, "height")}
		s := new(Pieces)
		text, marks, mark := ansi.Strip(strings.Join(s.Render(v), "\n")), 0, rarest
		if scarce == 0 && s.cells.width < smallestBlock {
			mark = "×"
		}
		for line := range strings.Lines(text) {
			if !strings.Contains(line, "held by") { // the figures and the legend
				marks += strings.Count(line, mark)
			}
		}
		type place struct{ line, column int }
		want := map[place]bool{}
		for _, i := range rare {
			line, column := s.cells.of(i, n)/s.cells.columns, s.cells.of(i, n)%s.cells.columns
			if s.cells.half {
				line /= 2
			}
			want[place{line, column}] = true
		}
		if marks != len(want) {
			t.Fatalf("%d cells are marked, %d have rare pieces (%+v):\n%s", marks, len(want), s.cells, text)
		}
	})
}
