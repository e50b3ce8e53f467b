package panes

import (
	"strconv"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// cells is a grid that fills a rectangle: of blocks with figures in them while
// there is room, else of single characters, else of halves of them.
type cells struct {
	count         int // of cells; each stands for at least one piece
	columns       int
	width, height int  // of a cell, with the gap at its right
	half          bool // two cells stand one over the other in a character
}

// smallestBlock is the least width of a cell that is drawn as a block.
const smallestBlock = 4

// arrange chooses the largest cells of which n fit into a rectangle. Halves are for
// where they can be told apart by colour.
func arrange(n, width, lines int, halves bool) cells {
	if n <= 0 || width <= 0 || lines <= 0 {
		return cells{}
	}
	var best cells
	for i, widest := range [...]int{5, 7, 10} { // about as wide as high
		height := i + 1
		for w := widest; w >= smallestBlock; w-- {
			columns := (width + 1) / w
			if columns == 0 || (n+columns-1)/columns*height > lines {
				continue
			}
			if w*height > best.width*best.height || w*height == best.width*best.height && height > best.height {
				best = cells{count: n, columns: columns, width: w, height: height}
			}
			break
		}
	}
	switch {
	case best.count > 0:
		rows := (n + best.columns - 1) / best.columns
		best.columns = (n + rows - 1) / rows
		best.width = min((width+1)/best.columns, best.width+2)
	case n <= width/2*lines:
		best = cells{count: n, columns: width / 2, width: 2, height: 1}
	case halves && n > width*lines:
		best = cells{count: min(n, 2*width*lines), columns: width, width: 1, height: 1, half: true}
	default:
		best = cells{count: min(n, width*lines), columns: width, width: 1, height: 1}
	}
	return best
}

// lines returns the lines that the grid takes.
func (c *cells) lines() int {
	rows := (c.count + c.columns - 1) / c.columns
	if c.half {
		return (rows + 1) / 2
	}
	return rows * c.height
}

// of returns the cell in which a piece stands.
func (c *cells) of(piece, n int) int {
	if c.count == n {
		return piece
	}
	for i := int(int64(piece) * int64(c.count) / int64(n)); ; i++ {
		if _, to := span(i, c.count, n); to > piece || i >= c.count-1 {
			return i
		}
	}
}

// target returns the piece to which a motion leads; it may lie outside.
func (c *cells) target(piece, n int, m Motion) int {
	if c.count == 0 {
		c = &cells{count: n, columns: 1}
	}
	at := c.of(piece, n)
	switch m {
	case Left:
		at--
	case Right:
		at++
	case Up, Down:
		next := target(0, 0, 0, m)*c.columns + at
		if next < 0 || next >= c.count {
			return piece
		}
		at = next
	case PageUp, PageDown:
		at += target(0, 0, 5, m) * c.columns
	case Top:
		at = 0
	case Bottom:
		at = c.count - 1
	}
	from, _ := span(max(min(at, c.count-1), 0), c.count, n)
	return from
}

// grid fills the lines that are left with cells. Each shows the least availability
// of its pieces, so that a rare piece never vanishes among others.
func (s *Pieces) grid(p *draw.Page, v *View, w *swarm.Swarm, width int) {
	lines := p.LinesLeft()
	legend := lines > 3
	if legend {
		lines -= 2
	}
	g := heatGrid{cells: arrange(w.Pieces.Count, width, lines, v.Theme.Colored() && !v.Plain), pieces: &w.Pieces, steps: scarcities(), cursor: -1}
	s.cells = g.cells
	if g.count == 0 {
		return
	}
	if v.Focused {
		g.cursor = g.of(s.cursor, w.Pieces.Count)
		p.Foot(pieceWords(w, s.cursor))
	}
	rows := g.columns
	if g.half {
		rows *= 2
	}
	for from := 0; from < g.count; from += rows {
		for line := range g.height {
			p.Skip(1)
			g.row(p, from, line)
			p.Next()
		}
	}
	if !legend {
		return
	}
	for p.LinesLeft() > 1 {
		p.Next()
	}
	g.legend(p)
}

// heatGrid draws cells.
type heatGrid struct {
	cells
	pieces *swarm.Pieces
	steps  [theme.HeatLevels]scarcity
	cursor int // the cell under it, −1 for none
}

// rarest marks a cell with a piece that is rarer than most.
const rarest = "◆"

// heat returns how many others hold the least held piece of a cell, the step of the
// heat that this is, and whether no piece of the swarm is held by fewer.
func (g *heatGrid) heat(cell int) (held uint16, level int, rare bool) {
	from, to := span(cell, g.count, g.pieces.Count)
	held = least(g.pieces.Availability, from, to)
	return held, levelOf(&g.steps, held), g.rare(held)
}

// rare tells whether so few others hold a piece as hold the rarest, unless that is
// nothing special: more than one piece in eight is as rare.
func (g *heatGrid) rare(held uint16) bool {
	r, ok := g.pieces.Rarest.Get()
	return ok && int(held) <= r.Peers && r.Equal <= max(g.pieces.Count/8, 1) && g.pieces.Count > 1
}

// row draws one line of the cells from one on.
func (g *heatGrid) row(p *draw.Page, from, line int) {
	for i := from; i < min(from+g.columns, g.count); i++ {
		if g.half {
			g.halves(p, i, i+g.columns)
			continue
		}
		held, level, rare := g.heat(i)
		step := &g.steps[level]
		switch {
		case g.width >= smallestBlock:
			block(p, step.tok, blockText(g.pieces, i, held, rare, g.width-1), g.width-1, g.height, line, i == g.cursor)
		case i == g.cursor:
			p.PutBlock(theme.Title, step.glyph)
		case rare && held > 0:
			p.Repeat(step.tok, rarest, 1)
		default:
			p.Repeat(step.tok, step.glyph, 1)
		}
		if g.width > 1 {
			p.Skip(1)
		}
	}
}

// halves draws two cells in one character, by colour; a piece that nobody holds, or that
// is rarer than most, in either of them is told by shape too.
func (g *heatGrid) halves(p *draw.Page, upper, lower int) {
	held, up, rare := g.heat(upper)
	down, at := up, up
	if lower < g.count {
		h, l, r := g.heat(lower)
		held, down, at, rare = min(held, h), l, min(up, l), rare || r
	}
	switch {
	case g.cursor == upper:
		p.PutBlock(theme.Title, "▄")
	case g.cursor == lower:
		p.PutBlock(theme.Title, "▀")
	case held > 0 && rare:
		p.Repeat(g.steps[at].tok, rarest, 1)
	case held == 0, up == 1 && down == 1: // a screen full of ▀ in the colour of 1 would be too loud
		p.Repeat(g.steps[at].tok, g.steps[at].glyph, 1)
	case lower >= g.count:
		p.Repeat(g.steps[up].tok, "▀", 1)
	default:
		p.PutHalves(up, down)
	}
}

// legend explains the cells on the last line.
func (g *heatGrid) legend(p *draw.Page) {
	if g.width < smallestBlock {
		putLegend(p, &g.steps, g.pieces.Count, &g.cells)
		return
	}
	p.Skip(1)
	p.Put(theme.Muted, "held by")
	for _, step := range g.steps {
		p.Skip(1)
		p.PutBlock(step.tok, " "+step.label+" ")
	}
	const signs = "✓ ours · " + rarest + " rarest "
	putNote(p, "a cell is a piece · "+signs, signs)
}

// block draws one line of a cell: a block that is as high as the cell less the gap
// below it, with its text in the middle.
func block(p *draw.Page, tok theme.Token, text string, width, height, line int, cursor bool) {
	if cursor {
		tok = theme.Title
	}
	switch {
	case height == 3 && line == 0:
		p.Repeat(tok, "▄", width)
	case line == height-1 && height > 1:
		p.Repeat(tok, "▀", width)
	default:
		left := (width - draw.Width(text)) / 2
		end := p.Cell(width)
		p.PutBlock(tok, spaces(left)+text+spaces(width-left-draw.Width(text)))
		end()
	}
}

// blockText is how many others hold a piece, whether it is among the rarest, and
// whether we have it: as much of that as fits into width cells.
func blockText(n *swarm.Pieces, piece int, held uint16, rare bool, width int) string {
	text := "+"
	if held < 10 {
		text = strconv.Itoa(int(held))
	}
	switch part, ok := n.Partial[piece]; {
	case n.Ours.Has(piece):
		text += "✓"
	case ok && part > 0:
		text += draw.Level(part)
	}
	if rare && draw.Width(text) < width {
		text = rarest + text
	}
	return text
}

func spaces(n int) string {
	const blank = "          "
	return blank[:max(min(n, len(blank)), 0)]
}

// pieceWords says in one line what there is to say of a piece.
func pieceWords(w *swarm.Swarm, piece int) string {
	text := "piece " + strconv.Itoa(piece) + " · held by " + plural(int(least(w.Pieces.Availability, piece, piece+1)), "other")
	switch part, ok := w.Pieces.Partial[piece]; {
	case w.Pieces.Ours.Has(piece):
		return text + " · ours"
	case ok && part > 0:
		return text + " · " + draw.Percent(part) + " of it here"
	}
	return text + " · not here"
}
