package panes

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// matrixPieces is the most pieces for which each peer has a row of its own.
const matrixPieces = 64

// Pieces is the pane of pieces: who has what when they are few, else how many
// hold each. A cursor stands on one piece; in the matrix it moves to the sides and
// the peers scroll.
type Pieces struct {
	page   draw.Page
	top    int            // first peer of the matrix, or first asset of a widget
	swarm  swarm.InfoHash // in which the cursor stands
	cursor int            // the piece it stands on
	cells  cells          // as they were drawn last; none for a matrix or a widget

	partial []int // pieces that are on their way, in order; of the last drawing
}

// Title implements [Pane].
func (s *Pieces) Title() string { return "Pieces" }

// SortNext implements [Pane]; pieces have their own order.
func (s *Pieces) SortNext() {}

// Reverse implements [Pane].
func (s *Pieces) Reverse() {}

// SetFilter implements [Pane]; there is nothing to filter.
func (s *Pieces) SetFilter(string) {}

// Filter implements [Pane].
func (s *Pieces) Filter() string { return "" }

// Click implements [Pane].
func (s *Pieces) Click(View, int) {}

// Move implements [Pane]: it moves the cursor, or scrolls.
func (s *Pieces) Move(v View, m Motion) {
	all := v.swarms()
	rows := len(all)
	if v.Widget == "" && rows == 1 {
		s.enter(all[0])
		if n := all[0].Pieces.Count; s.cells.count > 0 || m == Left || m == Right {
			s.cursor = max(min(s.cells.target(s.cursor, n, m), n-1), 0)
			return
		}
		rows = len(all[0].Peers) + len(all[0].WebSeeds)
	}
	s.top = max(min(target(s.top, rows, v.Height-8, m), rows-1), 0)
}

// enter puts the cursor into a swarm, at its start unless it stood there before.
func (s *Pieces) enter(w *swarm.Swarm) {
	if s.swarm != w.InfoHash {
		s.swarm, s.cursor, s.top = w.InfoHash, 0, 0
	}
	s.cursor = max(min(s.cursor, w.Pieces.Count-1), 0)
}

// Render implements [Pane].
func (s *Pieces) Render(v View) []string {
	p := &s.page
	p.Reset(v.Theme, v.Width, v.Height)
	s.cells = cells{}
	p.Begin(draw.Frame{Number: 3, Title: s.Title(), Note: v.subject(), Focused: v.Focused})
	all := v.swarms()
	switch {
	case len(all) == 0:
		say(p, "No swarm is selected.", "Choose one in pane 1.")
	case v.Widget != "":
		s.assets(p, all)
	case all[0].Pieces.Count == 0:
		say(p, "The pieces are not known yet: the metadata has to come from a peer first.", "Pane 2 shows whether there is one. A .torrent file would bring the metadata with it.")
	default:
		s.one(p, &v, all[0])
	}
	return p.Lines()
}

// one draws the pieces of one swarm.
func (s *Pieces) one(p *draw.Page, v *View, w *swarm.Swarm) {
	width := p.Room() - 2
	s.enter(w)
	figures(p, w)
	p.Next()
	if p.LinesLeft() > 3 {
		p.Next()
	}
	if w.Pieces.Count <= matrixPieces && labelWidth(width, w.Pieces.Count) > 0 {
		s.matrix(p, v, w, width)
		return
	}
	p.Skip(1)
	p.Put(theme.Muted, "ours ")
	end := p.Cell(p.Room() - 1)
	s.ours(p, &w.Pieces)
	end()
	p.Next()
	if p.LinesLeft() > 3 {
		p.Next()
	}
	s.grid(p, v, w, width)
}

// figures writes what the grid comes to: have, copies, the rarest piece.
func figures(p *draw.Page, w *swarm.Swarm) {
	n := &w.Pieces
	put := func(label, value string, tok theme.Token) {
		if p.Room() < len(label)+draw.Width(value)+2 {
			p.Skip(p.Room())
			return
		}
		p.Put(theme.Muted, label+" ")
		p.Put(tok, value)
		p.Skip(3)
	}
	p.Skip(1)
	tok := theme.Down
	if n.Have >= n.Count {
		tok = theme.Good
	}
	put("have", strconv.Itoa(n.Have)+"/"+strconv.Itoa(n.Count), tok)
	copies, ok := w.Copies.Get()
	switch {
	case !ok:
		put("copies", draw.Unknown, theme.Muted)
	case copies < 1:
		put("copies", "✗ "+draw.Copies(copies), theme.Bad)
	default:
		put("copies", draw.Copies(copies), theme.Text)
	}
	if r, ok := n.Rarest.Get(); ok {
		text, tok := "#"+strconv.Itoa(r.Piece)+" held by "+draw.Count(int64(r.Peers)), theme.Text
		switch r.Peers {
		case 0:
			text, tok = "#"+strconv.Itoa(r.Piece)+" held by no other", theme.Bad
			if n.Ours.Has(r.Piece) {
				text, tok = "#"+strconv.Itoa(r.Piece)+" held by us alone", theme.Warn
			}
		case 1:
			tok = theme.Warn
		}
		if r.Equal > 1 {
			text += ", " + draw.Count(int64(r.Equal-1)) + " more too"
		}
		put("rarest", text, tok)
	}
	put("piece", draw.Bytes(n.Length), theme.Muted)
}

// ours fills the room with what we hold: a cell is full only when all of its
// pieces are here.
func (s *Pieces) ours(p *draw.Page, n *swarm.Pieces) {
	s.partial = slices.AppendSeq(s.partial[:0], maps.Keys(n.Partial))
	slices.Sort(s.partial)
	cells := p.Room()
	for c := range cells {
		from, to := span(c, cells, n.Count)
		have := 0.0
		for i := from; i < to; i++ {
			if n.Ours.Has(i) {
				have++
			}
		}
		first, _ := slices.BinarySearch(s.partial, from)
		for _, i := range s.partial[first:] {
			if i >= to {
				break
			}
			if !n.Ours.Has(i) {
				have += n.Partial[i]
			}
		}
		switch share := have / float64(to-from); {
		case share >= 1:
			p.Repeat(theme.Good, "━", 1)
		case share >= 0.5:
			p.Repeat(theme.Down, "╍", 1)
		case share > 0:
			p.Repeat(theme.Down, "┄", 1)
		default:
			p.Repeat(theme.Faint, "·", 1)
		}
	}
}

// span returns which of n pieces cell c of cells stands for: at least one, and
// between them all cells stand for every piece.
func span(c, cells, n int) (from, to int) {
	from = int(int64(c) * int64(n) / int64(cells))
	to = int(int64(c+1) * int64(n) / int64(cells))
	return min(from, n-1), max(to, min(from, n-1)+1)
}

// scarcity is a step of the heat: how many others hold a piece.
type scarcity struct {
	least uint16
	glyph string
	tok   theme.Token
	label string
}

func scarcities() [theme.HeatLevels]scarcity {
	return [...]scarcity{
		{0, "×", theme.Heat0, "none"},
		{1, "▁", theme.Heat1, "1"},
		{2, "▂", theme.Heat2, "2"},
		{3, "▄", theme.Heat3, "3–4"},
		{5, "▆", theme.Heat4, "5–8"},
		{9, "▇", theme.Heat5, "9+"},
	}
}

// putLegend explains single characters that stand for n pieces.
func putLegend(p *draw.Page, steps *[theme.HeatLevels]scarcity, n int, c *cells) {
	p.Skip(1)
	p.Put(theme.Muted, "held by")
	for i, s := range steps {
		p.Skip(2)
		if c.half && i > 1 {
			s.glyph = "▀"
		}
		p.Put(s.tok, s.glyph)
		p.Put(theme.Muted, " "+s.label)
	}
	what := "a cell"
	if c.half {
		what = "half a cell"
	}
	text := what + " is a piece "
	if per := (n + c.count - 1) / c.count; per > 1 {
		text = what + " is the least held of " + strconv.Itoa(per) + " "
	}
	const mark = rarest + " rarest "
	putNote(p, mark+"· "+text, text, mark)
}

// putNote ends a line at its right with the first of the texts that fits.
func putNote(p *draw.Page, texts ...string) {
	for _, text := range texts {
		if p.Room() > draw.Width(text)+2 {
			p.PutRight(theme.Muted, text)
			break
		}
	}
	p.Next()
}

// least returns the lowest availability of the pieces in [from, to).
func least(availability []uint16, from, to int) uint16 {
	n := uint16(math.MaxUint16)
	for i := from; i < to; i++ {
		if i >= len(availability) {
			return 0
		}
		n = min(n, availability[i])
	}
	return n
}

// levelOf returns the step of the heat for a piece that so many others hold.
func levelOf(steps *[theme.HeatLevels]scarcity, n uint16) int {
	l := 0
	for i := range steps {
		if n >= steps[i].least {
			l = i
		}
	}
	return l
}

// Summary implements [Pane].
func (s *Pieces) Summary(v View, width int) string {
	all := v.swarms()
	if len(all) == 0 {
		return cut("no swarm selected", width)
	}
	var sum swarm.Widget
	have, count := 0, 0
	for _, w := range all {
		sum.Add(w)
		have, count = have+w.Pieces.Have, count+w.Pieces.Count
	}
	if count == 0 {
		return cut("not known yet", width)
	}
	text := "have " + strconv.Itoa(have) + "/" + strconv.Itoa(count)
	if c, ok := sum.Copies.Get(); ok {
		text += " · " + draw.Copies(c) + " copies"
	}
	return cut(text, width)
}
