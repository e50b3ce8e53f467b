package draw

import "swarmtop/theme"

// Column is one column of a table with rows of type R.
type Column[R any] struct {
	Title string
	Right bool // the title stands at the right, as figures do
	Width int  // the least that it needs
	Max   int  // the most that it uses, 0 for no bound; counts only with Grow
	Grow  int  // its share of what is left over
	Drop  int  // when space is short the highest leave first; 0 never leaves
	From  int  // only rows of so many cells have it

	Draw    func(p *Page, row R)
	Compare func(a, b R) int // rising order; nil where the table cannot be sorted by it
}

// Gap is the number of cells between two columns.
const Gap = 2

// Fit returns the width of each column in a row of width cells, 0 for those that
// have left.
func Fit[R any](columns []Column[R], width int) []int {
	widths := make([]int, len(columns))
	used := -Gap
	for i, c := range columns {
		if c.From <= width || c.Drop == 0 {
			widths[i] = max(c.Width, 1)
			used += widths[i] + Gap
		}
	}
	for used > width {
		last := -1
		for i, c := range columns {
			if widths[i] > 0 && c.Drop > 0 && (last < 0 || c.Drop >= columns[last].Drop) {
				last = i
			}
		}
		if last < 0 {
			break
		}
		used -= widths[last] + Gap
		widths[last] = 0
	}
	for i := len(columns) - 1; i >= 0 && used > width; i-- { // only those that never leave
		if widths[i] > 0 {
			cut := min(used-width, widths[i]-1)
			widths[i] -= cut
			used -= cut
		}
	}
	grow(columns, widths, width-used)
	return widths
}

// grow hands out what is left over, by weight, to columns that are not at their most.
func grow[R any](columns []Column[R], widths []int, left int) {
	for left > 0 {
		weight := 0
		for i, c := range columns {
			if c.hungry(widths[i]) {
				weight += c.Grow
			}
		}
		if weight == 0 {
			return
		}
		share := max(left/weight, 1)
		for i, c := range columns {
			if left > 0 && c.hungry(widths[i]) {
				n := min(share*c.Grow, left)
				if c.Max > 0 {
					n = min(n, c.Max-widths[i])
				}
				widths[i] += n
				left -= n
			}
		}
	}
}

func (c *Column[R]) hungry(width int) bool {
	return c.Grow > 0 && width > 0 && (c.Max == 0 || width < c.Max)
}

// Header writes the titles; sorted is the column with the sort mark, −1 for none. Before
// a title that fills its column the mark stands in the gap.
func Header[R any](p *Page, columns []Column[R], widths []int, sorted int, reversed bool) {
	gap := 1
	for i, c := range columns {
		w := widths[i]
		if w == 0 {
			continue
		}
		if i == sorted && c.Right && Width(c.Title) == w {
			gap, w = gap-1, w+1
		}
		p.Skip(gap)
		gap = Gap
		outer := p.openCell(w)
		mark, tok := "", theme.Muted
		if i == sorted {
			mark, tok = "▴", theme.Accent
			if reversed {
				mark = "▾"
			}
		}
		switch {
		case c.Right:
			p.Skip(p.Room() - Width(c.Title) - Width(mark))
			p.Put(tok, mark)
			p.Put(tok, c.Title)
		default:
			p.Put(tok, c.Title)
			p.Put(tok, mark)
		}
		p.closeCell(outer)
	}
	p.Next()
}

// Mark says how a row stands out.
type Mark uint8

// The marks of a row.
const (
	Plain    Mark = iota
	Chosen        // selected, while another pane has the keys: a mark at its left
	Selected      // selected, and the keys move it: the mark and a ground of its own
)

// Row writes one row: a cell for the mark, then the columns.
func Row[R any](p *Page, columns []Column[R], widths []int, mark Mark, row R) {
	p.Mark(mark)
	for i := range columns {
		if widths[i] == 0 {
			continue
		}
		outer := p.openCell(widths[i])
		columns[i].Draw(p, row)
		p.closeCell(outer)
		p.Skip(Gap)
	}
	p.Next()
}

// Mark writes the first cell of a row.
func (p *Page) Mark(mark Mark) {
	switch mark {
	case Plain:
		p.Skip(1)
		return
	case Selected:
		p.Select()
	}
	p.Repeat(theme.Accent, "▌", 1)
}
