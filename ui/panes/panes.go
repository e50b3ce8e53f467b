// Package panes draws the five panes: each turns a snapshot and a rectangle into
// lines. Panes know nothing of keys or of the terminal, hold nothing but what the
// user chose (selection, scroll, order, filter), and never look at a clock: ages
// come from the snapshot's own time.
package panes

import (
	"time"

	"swarmtop/swarm"
	"swarmtop/theme"
)

// View is what a pane is drawn from.
type View struct {
	Snapshot *swarm.Snapshot // never nil
	Swarm    *swarm.Swarm    // the selected one; nil when there is none
	Widget   string          // the selected widget row; then the panes show all of its swarms. Empty when one swarm is selected
	Kin      []*swarm.Swarm  // the swarms of Widget; nil takes them from the snapshot, which takes time
	Theme    *theme.Theme    // compiled colours
	Width    int             // cells of the whole rectangle, frame included
	Height   int             // lines of the whole rectangle, frame included
	Focused  bool
	Mask     bool          // hide addresses, for pictures
	Span     time.Duration // of the graph; the zero value takes the first of Spans
	Plain    bool          // it will be shown in ASCII alone

	// Keys writes the key that does what the usual one does when the user has chosen
	// no other; nil writes the usual ones.
	Keys func(usual string) string
}

// Motion moves the selection of a pane.
type Motion uint8

// The motions.
const (
	Up Motion = iota
	Down
	PageUp
	PageDown
	Top
	Bottom
	Left // in the grid of pieces; the lists ignore both
	Right
)

// Pane is one of the five. Render returns exactly v.Height lines of exactly
// v.Width cells, frame and title included, for any size.
type Pane interface {
	Title() string // without its number
	Render(v View) []string
	Move(v View, m Motion)
	// Click selects the row at a line of the last rendered rectangle, counted
	// from 0 at the top frame.
	Click(v View, line int)
	// SortNext goes to the next sort column and Reverse turns the order round;
	// panes without columns ignore both.
	SortNext()
	Reverse()
	SetFilter(text string) // case-insensitive substring; empty shows all
	Filter() string
	// Summary is one short line for the strip of panes that are not shown: at most width cells.
	Summary(v View, width int) string
}

// Sorter is a pane with columns: a click on a title sorts by that column, another
// one turns the order round.
type Sorter interface {
	SortAt(v View, x int) // x counts from 0 at the left frame
}

// Detailer is a pane whose selected row has more to tell than fits into it.
type Detailer interface {
	// Details tells everything of the selected row in lines of at most width cells,
	// in the colours of v.Theme; errors and URLs in full, wrapped. None when nothing
	// is selected. The first line says what the row is.
	Details(v View, width int) []string
}
