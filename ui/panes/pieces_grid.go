package panes

import (
	"strconv"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// cells is a grid that fills a rectangle: of blocks with figures in them while
// there is room, else of single characters.
type cells struct {
	count         int // of cells; each stands for at least one piece
	columns       int
	width, height int // of a cell, with the gap at its right
}

// smallestBlock is the least width of a cell that is drawn as a block.
const smallestBlock = 3

// arrange chooses the largest cells of which n fit into a rectangle.
func arrange(n, width, lines int) cells {
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
				best = cells{n, columns, w, height}
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
		best = cells{n, width / 2, 2, 1}
	default:
		best = cells{min(n, width*lines), width, 1, 1}
	}
	return best
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
	n := w.Pieces.Count
	lines := p.LinesLeft()
	legend := lines > 3
	if legend {
		lines -= 2
	}
	s.cells = arrange(n, width, lines)
	c := &s.cells
	if c.count == 0 {
		return
	}
	cursor := -1
	if v.Focused {
		cursor = c.of(s.cursor, n)
		p.Foot(pieceWords(w, s.cursor))
	}
	steps := scarcities()
	for from := 0; from < c.count; from += c.columns {
		for line := range c.height {
			p.Skip(1)
			for i := from; i < min(from+c.columns, c.count); i++ {
				first, last := span(i, c.count, n)
				held := least(w.Pieces.Availability, first, last)
				step := &steps[level(&steps, held)]
				switch {
				case c.width < smallestBlock && i == cursor:
					p.PutBlock(theme.Title, step.glyph)
				case c.width < smallestBlock:
					p.Repeat(step.tok, step.glyph, 1)
				default:
					block(p, step.tok, blockText(&w.Pieces, i, held), c.width-1, c.height, line, i == cursor)
				}
				if c.width > 1 {
					p.Skip(1)
				}
			}
			p.Next()
		}
	}
	if !legend {
		return
	}
	for p.LinesLeft() > 1 {
		p.Next()
	}
	if c.width < smallestBlock {
		putLegend(p, &steps, n, c.count)
		return
	}
	p.Skip(1)
	p.Put(theme.Muted, "held by")
	for _, step := range steps {
		p.Skip(1)
		p.PutBlock(step.tok, " "+step.label+" ")
	}
	putNote(p, "a cell is a piece · ✓ ours ")
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

// blockText is how many others hold a piece, and whether we do.
func blockText(n *swarm.Pieces, piece int, held uint16) string {
	text := "+"
	if held < 10 {
		text = strconv.Itoa(int(held))
	}
	switch part, ok := n.Partial[piece]; {
	case n.Ours.Has(piece):
		return text + "✓"
	case ok && part > 0:
		return text + draw.Level(part)
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
