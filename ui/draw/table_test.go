package draw_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"swarmtop/theme"
	"swarmtop/ui/draw"
)

func columns() []draw.Column[string] {
	put := func(p *draw.Page, s string) { p.Put(theme.Text, s) }
	return []draw.Column[string]{
		{Title: "name", Width: 10, Max: 30, Grow: 2, Draw: put},
		{Title: "size", Right: true, Width: 8, Drop: 2, Draw: put},
		{Title: "done", Width: 5, Drop: 1, Draw: put},
		{Title: "rest", Width: 6, Max: 12, Grow: 1, Drop: 3, Draw: put},
		{Title: "wide", Width: 4, Drop: 4, From: 70, Draw: put},
	}
}

func TestColumnsLeaveOneByOneAndTheNameNever(t *testing.T) {
	for width, want := range map[int][]int{
		0: {1, 0, 0, 0, 0}, 4: {4, 0, 0, 0, 0}, 10: {10, 0, 0, 0, 0}, 17: {10, 0, 5, 0, 0},
		27: {10, 8, 5, 0, 0}, 35: {10, 8, 5, 6, 0}, 69: {30, 8, 5, 12, 0}, 200: {30, 8, 5, 12, 4},
	} {
		if got := draw.Fit(columns(), width); !slices.Equal(got, want) {
			t.Errorf("%d cells: %v, want %v", width, got, want)
		}
	}
}

func TestColumnsFitTheRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 300).Draw(t, "width")
		widths := draw.Fit(columns(), width)
		used := -draw.Gap
		for i, w := range widths {
			if w > 0 {
				used += w + draw.Gap
			}
			if w > 0 && i > 0 && w < columns()[i].Width {
				t.Errorf("column %d has %d cells and needs %d", i, w, columns()[i].Width)
			}
		}
		if widths[0] == 0 || used > width {
			t.Errorf("%v takes %d of %d cells", widths, used, width)
		}
	})
}

func TestHeaderMarksTheSortedColumn(t *testing.T) {
	p := page(40, 2)
	c := columns()
	widths := draw.Fit(c, 39)
	draw.Header(p, c, widths, 1, true)
	draw.Row(p, c, widths, draw.Chosen, "value")
	want := " name              ▾size  done   rest   \n▌value          value     value  value  "
	if got := text(p.Lines()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
