package panes

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"swarmtop/ui/draw"
)

// list is what the user chose in a list of rows that have keys. The selection
// stays with its key however the rows are ordered; when its row is gone it goes
// to the row that took its place.
type list[K comparable] struct {
	selected K
	chosen   bool // there is a selection
	index    int  // of the selection, when the rows were last seen
	top      int  // first line that is shown

	sort     int // column
	reversed bool
	filter   string
	folded   string // filter in lower case
}

// settle finds the selection among n rows.
func (l *list[K]) settle(n int, key func(int) K) {
	if l.index < n && l.index >= 0 && l.chosen && key(l.index) == l.selected {
		return
	}
	if n == 0 {
		return
	}
	if l.chosen {
		for i := range n {
			if key(i) == l.selected {
				l.index = i
				return
			}
		}
	}
	l.choose(max(min(l.index, n-1), 0), key)
}

func (l *list[K]) choose(i int, key func(int) K) {
	l.index, l.selected, l.chosen = i, key(i), true
}

// move goes to another of n rows, of which page are seen at once.
func (l *list[K]) move(n, page int, m Motion, key func(int) K) {
	l.settle(n, key)
	if n == 0 {
		return
	}
	l.choose(max(min(target(l.index, n, page, m), n-1), 0), key)
}

// target returns where a motion leads from row i of n; it may lie outside.
func target(i, n, page int, m Motion) int {
	switch m {
	case Up:
		return i - 1
	case Down:
		return i + 1
	case PageUp:
		return i - max(page, 1)
	case PageDown:
		return i + max(page, 1)
	case Top:
		return 0
	case Bottom:
		return n - 1
	}
	return i
}

// reveal scrolls n rows, of which page are seen at once, to where the selection is seen.
func (l *list[K]) reveal(n, page int) {
	if l.chosen {
		l.top = max(min(l.top, l.index), l.index-page+1)
	}
	l.top = max(min(l.top, n-page), 0)
}

// SetFilter shows only the rows that contain text, in whatever case; an empty one shows all.
func (l *list[K]) SetFilter(text string) {
	if text != l.filter {
		l.filter, l.folded = text, strings.ToLower(text)
	}
}

// Filter returns what SetFilter was given.
func (l *list[K]) Filter() string { return l.filter }

// Reverse turns the order of the rows round.
func (l *list[K]) Reverse() {
	l.reversed = !l.reversed
}

// matches tells whether one of the texts passes the filter.
func (l *list[K]) matches(texts ...string) bool {
	if l.folded == "" {
		return true
	}
	for _, s := range texts {
		if strings.Contains(strings.ToLower(s), l.folded) {
			return true
		}
	}
	return false
}

// sortNext goes to the next column that rows can be sorted by. Figures begin with the largest.
func sortNext[K comparable, R any](l *list[K], columns []draw.Column[R]) {
	l.sort = (sorted(l, columns) + 1) % len(columns)
	sorted(l, columns)
	l.reversed = columns[l.sort].Right
}

// sortAt sorts by the column that is drawn at cell x of a row, or turns its order round.
func sortAt[K comparable, R any](l *list[K], columns []draw.Column[R], widths []int, x int) {
	left := 2 // the frame and the mark of a row
	for i, w := range widths {
		if w == 0 {
			continue
		}
		if x >= left && x < left+w+draw.Gap && columns[i].Compare != nil {
			if i == sorted(l, columns) {
				l.reversed = !l.reversed
			} else {
				l.sort, l.reversed = i, columns[i].Right
			}
			return
		}
		left += w + draw.Gap
	}
}

// sorted returns the column that rows are sorted by: to begin with, the first that they can be.
func sorted[K comparable, R any](l *list[K], columns []draw.Column[R]) int {
	for columns[l.sort].Compare == nil {
		l.sort = (l.sort + 1) % len(columns)
	}
	return l.sort
}

// compare orders two rows as the user chose.
func compare[K comparable, R any](l *list[K], columns []draw.Column[R], a, b R) int {
	c := columns[sorted(l, columns)].Compare(a, b)
	if l.reversed {
		return -c
	}
	return c
}

// placed is a row that knows where it stood before rows were sorted.
type placed interface{ place() int }

// sortRows sorts rows as the user chose; those that are equal keep their places. That
// takes a fraction of the time of a stable sort where there are thousands.
func sortRows[K comparable, R placed](l *list[K], columns []draw.Column[R], rows []R) {
	slices.SortFunc(rows, inOrder(l, columns))
}

// inOrder compares two rows as the user chose, and by their places if they are equal.
func inOrder[K comparable, R placed](l *list[K], columns []draw.Column[R]) func(a, b R) int {
	column, reversed := columns[sorted(l, columns)].Compare, l.reversed
	return func(a, b R) int {
		switch c := column(a, b); {
		case c == 0:
			return cmp.Compare(a.place(), b.place())
		case reversed:
			return -c
		default:
			return c
		}
	}
}

// order says in a few words how the rows are sorted.
func order[K comparable, R any](l *list[K], columns []draw.Column[R]) string {
	mark := "▴"
	if l.reversed {
		mark = "▾"
	}
	return columns[sorted(l, columns)].Title + " " + mark
}

// mark says how the row at index i is drawn.
func (l *list[K]) mark(v View, i int) draw.Mark {
	switch {
	case !l.chosen || i != l.index:
		return draw.Plain
	case v.Focused:
		return draw.Selected
	}
	return draw.Chosen
}

// position says which rows are seen, once some are not.
func position(top, shown, total int) string {
	if total <= shown || shown <= 0 {
		return ""
	}
	return strconv.Itoa(top+1) + "–" + strconv.Itoa(min(top+shown, total)) + " of " + strconv.Itoa(total)
}

// revealTall is reveal for rows of different heights; lines are those of the page.
func (l *list[K]) revealTall(n, lines int, height func(int) int) {
	l.top = max(min(l.top, n-1), 0)
	if l.chosen {
		l.top = min(l.top, max(l.index, 0))
		used := 0
		for i := min(l.index, n-1); i >= 0; i-- {
			if used += height(i); used > lines {
				l.top = max(l.top, min(i+1, l.index))
				break
			}
		}
	}
	used := 0
	for i := l.top; i < n && used <= lines; i++ {
		used += height(i)
	}
	for l.top > 0 && used+height(l.top-1) <= lines {
		l.top--
		used += height(l.top)
	}
}

// rowAt returns the row that is drawn on a line of the list, −1 for none.
func (l *list[K]) rowAt(line, n int, height func(int) int) int {
	for i := l.top; i < n && line >= 0; i++ {
		if line -= height(i); line < 0 {
			return i
		}
	}
	return -1
}

// seen returns how many rows, of n, have all of their lines on the page.
func (l *list[K]) seen(n, lines int, height func(int) int) int {
	rows := 0
	for i := l.top; i < n && height(i) <= lines; i++ {
		lines -= height(i)
		rows++
	}
	return rows
}
