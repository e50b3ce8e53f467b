package panes

import (
	"strconv"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// labelWidth returns the cells that the names of the matrix's rows have beside
// the pieces, 0 when there is no room for both.
func labelWidth(width, pieces int) int {
	if room := width - pieces - 1; room >= 8 {
		return min(room, 24)
	}
	return 0
}

// matrix draws who has what: a column for each piece; we come first, then how
// many others hold each piece, then they.
func (s *Pieces) matrix(p *draw.Page, v *View, w *swarm.Swarm, width int) {
	n := w.Pieces.Count
	label := labelWidth(width, n)
	step := max(min((width-label-1)/n, 3), 1)
	row := func(name string, tok theme.Token, cell func(i int)) {
		p.Skip(1)
		end := p.Cell(label)
		p.Put(tok, name)
		end()
		p.Skip(1)
		for i := range n {
			cell(i)
			p.Skip(step - 1)
		}
		p.Next()
	}
	has := func(b bool, tok theme.Token) {
		if b {
			p.Repeat(tok, "■", 1)
		} else {
			p.Repeat(theme.Faint, "·", 1)
		}
	}
	if p.LinesLeft() > 4 {
		s.ruler(p, label, step, n)
	}
	row("we", theme.Title, func(i int) {
		if part, ok := w.Pieces.Partial[i]; ok && part > 0 && !w.Pieces.Ours.Has(i) {
			p.Repeat(theme.Down, draw.Level(part), 1)
			return
		}
		has(w.Pieces.Ours.Has(i), theme.Good)
	})
	g := heatGrid{cells: cells{count: n}, pieces: &w.Pieces, steps: scarcities()}
	row("held by others", theme.Muted, func(i int) {
		held, level, rare := g.heat(i)
		glyph := "+"
		if held < 10 {
			glyph = strconv.Itoa(int(held))
		}
		switch tok := g.steps[level].tok; {
		case v.Focused && i == s.cursor:
			p.PutBlock(theme.Title, glyph)
		case rare:
			p.PutBlock(tok, glyph)
		default:
			p.Put(tok, glyph)
		}
	})
	if v.Focused {
		p.Foot(pieceWords(w, s.cursor))
	}
	rows := len(w.WebSeeds) + len(w.Peers)
	page := p.LinesLeft()
	s.top = max(min(s.top, rows-page), 0)
	p.Scroll(s.top, page, rows)
	if at := position(s.top, page, rows); at != "" {
		p.Foot(at)
	}
	for i := s.top; i < min(s.top+page, rows); i++ {
		if i < len(w.WebSeeds) {
			row(v.maskedURL(w.WebSeeds[i].URL), theme.Muted, func(int) { has(true, theme.Muted) })
			continue
		}
		peer := &w.Peers[i-len(w.WebSeeds)]
		tok := theme.Accent
		if peer.Have >= n {
			tok = theme.Text
		}
		row(v.masked(peer.Address), theme.Muted, func(k int) { has(peer.Pieces.Has(k), tok) })
	}
	if rows == 0 {
		p.Skip(1)
		p.Put(theme.Muted, "nobody else is connected")
		p.Next()
	}
}

// ruler numbers the columns of the matrix.
func (s *Pieces) ruler(p *draw.Page, label, step, n int) {
	every := 5
	switch {
	case step == 1:
		every = 10
	case n <= 10:
		every = 1
	}
	p.Skip(label + 2)
	for i := 0; i < n; i += every {
		end := p.Cell(min(every, n-i) * step)
		p.Put(theme.Muted, strconv.Itoa(i))
		end()
	}
	p.Next()
}

// assets draws the pieces of each asset of a widget on a line of its own.
func (s *Pieces) assets(p *draw.Page, all []*swarm.Swarm) {
	type row = *swarm.Swarm
	columns := []draw.Column[row]{
		{Title: "asset", Width: 12, Max: 28, Grow: 1, Draw: func(p *draw.Page, w row) { p.Put(theme.Text, w.Name) }},
		{Title: "have", Right: true, Width: 9, Drop: 1, Draw: func(p *draw.Page, w row) {
			tok := theme.Down
			switch {
			case w.Pieces.Count == 0:
				putUnknown(p)
				return
			case w.Pieces.Have >= w.Pieces.Count:
				tok = theme.Good
			}
			p.PutRight(tok, strconv.Itoa(w.Pieces.Have)+"/"+strconv.Itoa(w.Pieces.Count))
		}},
		{Title: "copies", Right: true, Width: 6, Drop: 2, Draw: func(p *draw.Page, w row) {
			c, ok := w.Copies.Get()
			switch {
			case !ok:
				putUnknown(p)
			case c < 1:
				p.PutCopies(theme.Bad, c)
			default:
				p.PutCopies(theme.Text, c)
			}
		}},
		{Title: "held by others, piece by piece", Width: 10, Grow: 3, Drop: 3, Draw: func(p *draw.Page, w row) { strip(p, &w.Pieces) }},
	}
	widths := draw.Fit(columns, p.Room()-2)
	draw.Header(p, columns, widths, -1, false)
	page := p.LinesLeft()
	if page > 3 {
		page -= 2 // for the legend
	}
	s.top = max(min(s.top, len(all)-page), 0)
	p.Scroll(s.top, page, len(all))
	p.Foot(position(s.top, page, len(all)))
	for _, w := range all[s.top:min(s.top+page, len(all))] {
		draw.Row(p, columns, widths, draw.Plain, w)
	}
	for p.LinesLeft() > 1 {
		p.Next()
	}
	if p.LinesLeft() == 1 {
		steps := scarcities()
		putLegend(p, &steps, 1, &cells{count: 1})
	}
}

// strip fills the room with cells as the grid does.
func strip(p *draw.Page, n *swarm.Pieces) {
	if n.Count == 0 {
		p.Put(theme.Muted, draw.Unknown)
		return
	}
	room, step := p.Room(), 1
	if 2*n.Count <= room {
		step = 2
	}
	g := heatGrid{cells: cells{count: min(n.Count, room/step)}, pieces: n, steps: scarcities()}
	for c := range g.count {
		held, level, rare := g.heat(c)
		s := &g.steps[level]
		if rare && held > 0 {
			p.Repeat(s.tok, rarest, 1)
		} else {
			p.Repeat(s.tok, s.glyph, 1)
		}
		p.Skip(step - 1)
	}
}
