package panes

import (
	"cmp"
	"slices"
	"strings"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// Swarms is the pane of swarms, those of a widget under a row that sums them. Its
// zero value is ready to use, as that of every pane.
type Swarms struct {
	list[swarmKey]
	page    draw.Page
	closed  map[string]bool // widgets that are folded
	store   []swarmRow      // what rows and groups point to
	rows    []*swarmRow
	groups  []swarmGroup
	at      map[string]int // groups by widget
	columns []draw.Column[*swarmRow]
	widths  []int

	built swarmsInput // what rows and groups were built from
	ready bool        // they were
	folds int         // grows with each fold and unfold
}

// swarmsInput is all that the rows depend on.
type swarmsInput struct {
	records
	sort     int
	reversed bool
	filter   string
	folds    int
	mask     bool
}

// swarmKey names a row: a swarm by its hash, else a widget.
type swarmKey struct {
	hash   swarm.InfoHash
	widget string
}

// swarmRow is a row of the pane: one swarm, or a widget with all of its swarms.
type swarmRow struct {
	sum    swarm.Widget
	swarm  *swarm.Swarm   // nil for a widget
	kin    []*swarm.Swarm // all swarms of a widget
	branch string         // what ties it to its widget
	closed bool           // a widget that is folded
	at     int            // in the store

	mark  string // of what is most urgent
	tok   theme.Token
	words string
}

func (r *swarmRow) place() int { return r.at }

func (r *swarmRow) key() swarmKey {
	if r.swarm == nil {
		return swarmKey{widget: r.sum.Name}
	}
	return swarmKey{hash: r.swarm.InfoHash}
}

// swarmGroup is a widget and its rows, or one swarm without a widget.
type swarmGroup struct {
	head    *swarmRow
	members []*swarmRow
	kin     []*swarm.Swarm // of a widget, those that the filter hides included
}

// Title implements [Pane].
func (s *Swarms) Title() string { return "Swarms" }

// build arranges the rows of a snapshot, unless they are those of the last call.
func (s *Swarms) build(v View) {
	if s.columns == nil {
		s.columns, s.at = swarmColumns(), map[string]int{}
	}
	s.widths = draw.Fit(s.columns, v.Width-4)
	in := swarmsInput{recordsOf(v.Snapshot), s.sort, s.reversed, s.folded, s.folds, v.Mask}
	if in == s.built && s.ready {
		s.settle(len(s.rows), s.key)
		return
	}
	s.built, s.ready = in, true
	s.group(&v)
	for _, g := range s.groups {
		if h := g.head; h.swarm == nil {
			h.mark, h.tok, h.words = widgetState(&h.sum)
			h.kin = g.kin
		}
	}
	byChoice := inOrder(&s.list, s.columns)
	slices.SortFunc(s.groups, func(a, b swarmGroup) int { return byChoice(a.head, b.head) })
	s.rows = s.rows[:0]
	for _, g := range s.groups {
		if g.head.swarm == nil && len(g.members) == 0 {
			continue // the filter hides all of the widget
		}
		s.rows = append(s.rows, g.head)
		if g.head.closed || len(g.members) == 0 {
			continue
		}
		slices.SortFunc(g.members, byChoice)
		for _, r := range g.members {
			r.branch = "├ "
		}
		g.members[len(g.members)-1].branch = "└ "
		s.rows = append(s.rows, g.members...)
	}
	s.settle(len(s.rows), s.key)
}

// group puts the swarms that pass the filter under their widgets. A widget sums
// all of its swarms, those that the filter hides included.
func (s *Swarms) group(v *View) {
	snap := v.Snapshot
	clear(s.at)
	s.groups = s.groups[:0]
	s.store = slices.Grow(s.store[:0], 2*len(snap.Swarms)) // so that it is not moved
	for i := range snap.Swarms {
		w := &snap.Swarms[i]
		shown := s.matches(w.Name, w.Widget) || s.folded != "" && strings.Contains(w.InfoHash.String(), s.folded)
		if w.Widget == "" {
			if shown {
				s.newGroup(s.swarmRow(w, v.Mask))
			}
			continue
		}
		g, ok := s.at[w.Widget]
		if !ok {
			g = s.newGroup(s.newRow(swarmRow{sum: swarm.Widget{Name: w.Widget}, closed: s.closed[w.Widget] && s.folded == ""}))
			s.at[w.Widget] = g
		}
		s.groups[g].head.sum.Add(w)
		s.groups[g].kin = append(s.groups[g].kin, w)
		if shown {
			s.groups[g].members = append(s.groups[g].members, s.swarmRow(w, v.Mask))
		}
	}
}

func (s *Swarms) swarmRow(w *swarm.Swarm, mask bool) *swarmRow {
	r := s.newRow(swarmRow{swarm: w})
	r.sum.Add(w)
	r.sum.Name = w.Name
	r.mark, r.tok, r.words = swarmState(w, mask)
	return r
}

func (s *Swarms) newRow(r swarmRow) *swarmRow {
	r.at = len(s.store)
	s.store = append(s.store, r)
	return &s.store[r.at]
}

// newGroup adds a group, with the room that one of an earlier picture had.
func (s *Swarms) newGroup(head *swarmRow) int {
	n := len(s.groups)
	s.groups = slices.Grow(s.groups, 1)[:n+1]
	s.groups[n] = swarmGroup{head, s.groups[n].members[:0], s.groups[n].kin[:0]}
	return n
}

func (s *Swarms) key(i int) swarmKey { return s.rows[i].key() }

// height is two lines for a swarm in trouble whose state has no column that holds
// it: the second says what blocks it.
func (s *Swarms) height(i int) int {
	r := s.rows[i]
	if r.swarm != nil && (r.mark == "✗" || r.mark == "!" || r.mark == "?") && draw.Width(r.words) > s.widths[len(s.widths)-1] {
		return 2
	}
	return 1
}

// Sync gives the selection a row when it has none or its row is gone. Render and
// Move do so themselves; call it when a snapshot comes while the pane is not shown.
func (s *Swarms) Sync(v View) {
	first := !s.chosen
	s.build(v)
	if i := slices.IndexFunc(s.rows, func(r *swarmRow) bool { return r.swarm != nil }); first && i >= 0 {
		s.choose(i, s.key)
	}
}

// Selected tells the selected row: a swarm, or a widget (then the hash is zero).
// It tells nothing before the first Sync, Render or Move.
func (s *Swarms) Selected() (hash swarm.InfoHash, widget string, ok bool) {
	if len(s.rows) == 0 {
		return swarm.InfoHash{}, "", false
	}
	return s.selected.hash, s.selected.widget, s.chosen
}

// SelectedSwarm returns the selected swarm of the rows that were arranged last; nil
// when a widget or nothing is selected.
func (s *Swarms) SelectedSwarm() *swarm.Swarm {
	if len(s.rows) == 0 || !s.chosen {
		return nil
	}
	return s.rows[s.index].swarm
}

// SelectedHashes returns the selected swarm, or all swarms of the selected widget.
func (s *Swarms) SelectedHashes(v View) []swarm.InfoHash {
	hash, widget, ok := s.Selected()
	switch {
	case !ok:
		return nil
	case widget == "":
		return []swarm.InfoHash{hash}
	}
	var all []swarm.InfoHash
	for i := range v.Snapshot.Swarms {
		if w := &v.Snapshot.Swarms[i]; w.Widget == widget {
			all = append(all, w.InfoHash)
		}
	}
	return all
}

// Toggle folds or unfolds the widget of the selected row, which is then selected.
func (s *Swarms) Toggle(v View) {
	s.Sync(v)
	widget := s.selected.widget
	if w := v.Snapshot.Swarm(s.selected.hash); widget == "" && w != nil {
		widget = w.Widget
	}
	if widget == "" {
		return
	}
	if s.closed == nil {
		s.closed = map[string]bool{}
	}
	s.closed[widget] = !s.closed[widget]
	s.folds++
	s.selected = swarmKey{widget: widget}
	s.build(v)
}

// Move implements [Pane].
func (s *Swarms) Move(v View, m Motion) {
	s.Sync(v)
	s.move(len(s.rows), v.Height-3, m, s.key)
}

// Click implements [Pane].
func (s *Swarms) Click(v View, line int) {
	s.Sync(v)
	if i := s.rowAt(line-2, len(s.rows), s.height); i >= 0 && line < v.Height-1 {
		s.choose(i, s.key)
	}
}

// SortNext implements [Pane].
func (s *Swarms) SortNext() { sortNext(&s.list, swarmColumns()) }

// SortAt implements [Sorter].
func (s *Swarms) SortAt(v View, x int) {
	s.build(v)
	sortAt(&s.list, s.columns, s.widths, x)
}

// Render implements [Pane].
func (s *Swarms) Render(v View) []string {
	s.Sync(v)
	p := &s.page
	p.Reset(v.Theme, v.Width, v.Height)
	f := draw.Frame{Number: 1, Title: s.Title(), Focused: v.Focused, Note: s.note(v)}
	p.Begin(f)
	if len(s.rows) == 0 {
		s.empty(p, v)
		return p.Lines()
	}
	draw.Header(p, s.columns, s.widths, sorted(&s.list, s.columns), s.reversed)
	lines := p.LinesLeft()
	s.revealTall(len(s.rows), lines, s.height)
	seen := s.seen(len(s.rows), lines, s.height)
	p.Scroll(s.top, seen, len(s.rows))
	p.Foot(position(s.top, seen, len(s.rows)))
	for i := s.top; i < len(s.rows) && p.LinesLeft() > 0; i++ {
		r := s.rows[i]
		draw.Row(p, s.columns, s.widths, s.mark(v, i), r)
		if s.height(i) == 2 && p.LinesLeft() > 0 {
			under(p, s.mark(v, i), draw.Width(r.branch)+3, r.tok, r.words)
		}
	}
	return p.Lines()
}

func (s *Swarms) note(v View) string {
	n := len(v.Snapshot.Swarms)
	if n == 0 {
		return ""
	}
	by := " · by " + order(&s.list, s.columns)
	if s.folded == "" {
		return plural(n, "swarm") + by
	}
	shown := 0
	for i := range s.rows {
		if s.rows[i].swarm != nil {
			shown++
		}
	}
	return draw.Count(int64(shown)) + " of " + draw.Count(int64(n)) + " with “" + s.filter + "”" + by
}

func (s *Swarms) empty(p *draw.Page, v View) {
	if s.folded != "" && len(v.Snapshot.Swarms) > 0 {
		say(p, "No swarm has “"+s.filter+"” in its name, widget or info hash.", v.otherFilter())
		return
	}
	say(p, "No swarms yet.", "Press "+v.key("a")+" to add one: a .torrent file, a magnet link, a URL, or a file or folder of your own to publish.")
}

// Summary implements [Pane].
func (s *Swarms) Summary(v View, width int) string {
	t := &v.Snapshot.Totals
	if t.Swarms == 0 {
		return cut("none yet: "+v.key("a")+" adds one", width)
	}
	text := plural(t.Swarms, "swarm") + " · " + draw.Count(int64(t.Complete)) + " complete"
	stuck := 0
	for i := range v.Snapshot.Swarms {
		if st := v.Snapshot.Swarms[i].State; st == swarm.Stalled || st == swarm.Failed {
			stuck++
		}
	}
	if stuck > 0 {
		text = "! " + draw.Count(int64(stuck)) + " stuck · " + text
	}
	return cut(text, width)
}

func compareOpt[T cmp.Ordered](a, b swarm.Opt[T]) int {
	x, ok := a.Get()
	y, ok2 := b.Get()
	switch {
	case ok && ok2:
		return cmp.Compare(x, y)
	case ok:
		return 1
	case ok2:
		return -1
	}
	return 0
}
