// Package draw turns text, numbers and rates into lines of exact width. It knows
// colours by their meaning and nothing of what it draws.
package draw

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"swarmtop/theme"
)

// Page builds the lines of one rectangle. Whatever is put on it, each line has
// exactly the page's width and there are exactly as many as it is high: what is
// too long is cut, what is too short is filled with spaces. A Page is reused from
// frame to frame with [Page.Reset].
type Page struct {
	theme         *theme.Theme
	width, height int

	buf  []byte
	ends []int // where in buf each finished line ends
	col  int   // cells of the current line that are written

	limit    int // no cell at or past it is written
	style    int // the token that buf is in, −1 for none
	selected bool

	frame   Frame
	framed  bool
	thumb   [2]int // lines of the scroll mark, from and to
	scratch []byte

	text  string   // of the page before this one
	lines []string // of it, parts of text
}

// Reset begins an empty page of width cells and height lines.
func (p *Page) Reset(t *theme.Theme, width, height int) {
	*p = Page{
		theme: t, width: max(width, 0), height: max(height, 0), limit: max(width, 0), style: -1,
		buf: p.buf[:0], ends: p.ends[:0], scratch: p.scratch[:0],
		text: p.text, lines: p.lines,
	}
}

// Room returns the cells that are left on the line, or in the open cell.
func (p *Page) Room() int { return max(p.limit-p.col, 0) }

// LinesLeft returns how many lines can still be written, the current one included.
func (p *Page) LinesLeft() int {
	n := p.height - len(p.ends)
	if p.framed {
		n--
	}
	return max(n, 0)
}

// Put writes s and cuts it, with "…", where the room ends.
func (p *Page) Put(tok theme.Token, s string) {
	room := p.Room()
	if room == 0 || s == "" {
		return
	}
	w := Width(s)
	if w > room {
		s = ansi.Truncate(s, room, "…")
		w = Width(s)
	}
	p.start(tok)
	p.buf = append(p.buf, s...)
	p.col += w
}

// PutPath writes s and cuts it, with "…", at its beginning: the end of a path tells it
// from others.
func (p *Page) PutPath(tok theme.Token, s string) { p.putEnds(tok, s, 0) }

// PutAddress writes s and cuts it, with "…", in its middle: an address, of a peer or an
// asset, is known by both ends.
func (p *Page) PutAddress(tok theme.Token, s string) { p.putEnds(tok, s, p.Room()/2) }

// putEnds writes s; where it has more cells than there are, it keeps head cells of its
// beginning.
func (p *Page) putEnds(tok theme.Token, s string, head int) {
	if w, room := Width(s), p.Room(); w > room && room > 1 {
		s = ansi.Truncate(s, head, "") + "…" + ansi.TruncateLeft(s, w-(room-head-1), "")
	}
	p.Put(tok, s)
}

// PutRight writes s so that it ends where the room ends.
func (p *Page) PutRight(tok theme.Token, s string) {
	p.Skip(p.Room() - Width(s))
	p.Put(tok, s)
}

// Repeat writes glyph, which is one cell wide, n times.
func (p *Page) Repeat(tok theme.Token, glyph string, n int) {
	n = min(n, p.Room())
	if n <= 0 {
		return
	}
	p.start(tok)
	for range n {
		p.buf = append(p.buf, glyph...)
	}
	p.col += n
}

// PutBlock writes s on a ground in the colour of tok.
func (p *Page) PutBlock(tok theme.Token, s string) {
	w := Width(s)
	if w > p.Room() {
		return
	}
	p.buf = append(p.buf, p.theme.Block(tok)...)
	p.buf = append(p.buf, s...)
	p.col, p.style = p.col+w, -1
}

// PutHalves writes a cell of two halves in their heat, from 0 to [theme.HeatLevels]−1.
func (p *Page) PutHalves(upper, lower int) {
	if p.Room() == 0 {
		return
	}
	p.buf = append(p.buf, p.theme.Pair(upper, lower)...)
	p.buf = append(p.buf, "▀"...)
	p.col, p.style = p.col+1, -1
}

// Skip leaves n cells empty.
func (p *Page) Skip(n int) {
	n = min(n, p.Room())
	if n <= 0 {
		return
	}
	if p.selected || p.style < 0 || theme.Token(p.style) == theme.Alarm {
		p.start(theme.Text)
	}
	for range n {
		p.buf = append(p.buf, ' ')
	}
	p.col += n
}

// Cell opens a cell of width cells at the present place: until it is closed
// nothing is written past it. The function that it returns fills the cell and closes it.
func (p *Page) Cell(width int) (end func()) {
	outer := p.openCell(width)
	return func() { p.closeCell(outer) }
}

func (p *Page) openCell(width int) (outer int) {
	outer = p.limit
	p.limit = min(p.col+max(width, 0), p.limit)
	return outer
}

func (p *Page) closeCell(outer int) {
	p.Skip(p.Room())
	p.limit = outer
}

// Select draws what follows on the line on the ground of the selection.
func (p *Page) Select() { p.selected, p.style = true, -1 }

// Next ends the line and begins the one below. Past the last line it does nothing.
func (p *Page) Next() {
	if p.LinesLeft() == 0 {
		p.dropLine()
		return
	}
	p.Skip(p.Room())
	if p.framed {
		p.selected = false
		p.rightEdge()
	}
	p.endLine()
	if p.framed && p.LinesLeft() > 0 {
		p.leftEdge()
	}
}

// dropLine forgets what was written since the last line's end.
func (p *Page) dropLine() {
	p.buf = p.buf[:p.lastEnd()]
	p.col, p.limit, p.style, p.selected = 0, p.width, -1, false
}

func (p *Page) endLine() {
	p.limit = p.width
	p.selected = false
	p.Skip(p.Room())
	if p.style >= 0 && p.theme.SGR(theme.Text) != "" {
		p.buf = append(p.buf, theme.Reset...)
	}
	p.ends = append(p.ends, len(p.buf))
	p.col, p.style = 0, -1
}

// Lines ends the page, frame included, and returns its lines, which are not to be
// changed: a page like the one before it has the same.
func (p *Page) Lines() []string {
	if p.framed {
		for p.LinesLeft() > 0 {
			p.Next()
		}
		p.dropLine()
		p.framed = false
		if len(p.ends) < p.height {
			p.bottomEdge()
		}
	}
	for len(p.ends) < p.height {
		p.Next()
	}
	if string(p.buf[:p.lastEnd()]) != p.text || !p.sameEnds() {
		p.text, p.lines = string(p.buf[:p.lastEnd()]), make([]string, len(p.ends))
		from := 0
		for i, to := range p.ends {
			p.lines[i] = p.text[from:to]
			from = to
		}
	}
	return p.lines
}

// sameEnds tells whether the lines end where those of the page before did.
func (p *Page) sameEnds() bool {
	if len(p.ends) != len(p.lines) {
		return false
	}
	from := 0
	for i, to := range p.ends {
		if len(p.lines[i]) != to-from {
			return false
		}
		from = to
	}
	return true
}

func (p *Page) lastEnd() int {
	if len(p.ends) == 0 {
		return 0
	}
	return p.ends[len(p.ends)-1]
}

// start changes to the style of tok.
func (p *Page) start(tok theme.Token) {
	if p.style == int(tok) {
		return
	}
	p.style = int(tok)
	if p.selected {
		p.buf = append(p.buf, p.theme.Selected(tok)...)
		return
	}
	p.buf = append(p.buf, p.theme.SGR(tok)...)
}

// Width returns the cells that s takes.
func Width(s string) int {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// Wrap breaks s into lines of at most width cells, at spaces where it can.
func Wrap(s string, width int) []string {
	if width <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(s, width, ""), "\n")
}
