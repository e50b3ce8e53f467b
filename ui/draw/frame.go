package draw

import (
	"strconv"

	"swarmtop/theme"
)

// Frame is the box around a page. A focused one has heavy lines, so that it is
// told by shape as well as by colour.
type Frame struct {
	Number  int // the key that focuses it, 0 for none
	Title   string
	Note    string      // at the right of the title
	NoteTok theme.Token // of the note; Text stands for Muted
	Foot    string      // at the right of the bottom line
	Focused bool
}

type edges struct{ topLeft, topRight, bottomLeft, bottomRight, across, down string }

var (
	lightEdges = edges{"╭", "╮", "╰", "╯", "─", "│"}
	heavyEdges = edges{"┏", "┓", "┗", "┛", "━", "┃"}
)

func (f *Frame) edges() *edges {
	if f.Focused {
		return &heavyEdges
	}
	return &lightEdges
}

func (f *Frame) token() theme.Token {
	if f.Focused {
		return theme.BorderFocus
	}
	return theme.Border
}

// Begin draws the top of a frame. What follows is written inside, and
// [Page.Lines] closes it.
func (p *Page) Begin(f Frame) {
	p.frame, p.framed = f, p.height > 1
	if p.height == 0 {
		return
	}
	e, tok := f.edges(), f.token()
	p.Repeat(tok, e.topLeft, 1)
	p.limit = max(p.width-1, 0)
	p.Repeat(tok, e.across, 1)
	title := theme.Text
	if f.Focused {
		title = theme.Title
	}
	if f.Title != "" && p.Room() > 3 {
		p.Skip(1)
		if f.Number > 0 {
			p.Put(theme.Accent, strconv.Itoa(f.Number))
			p.Skip(1)
		}
		p.Put(title, f.Title)
		p.Skip(1)
	}
	note := f.NoteTok
	if note == theme.Text {
		note = theme.Muted
	}
	if w := min(Width(f.Note), p.Room()-4); w > 5 || w > 0 && w == Width(f.Note) {
		p.Repeat(tok, e.across, p.Room()-w-3)
		p.Skip(1)
		end := p.Cell(w)
		p.Put(note, f.Note)
		end()
		p.Skip(1)
	}
	p.Repeat(tok, e.across, p.Room())
	p.limit = p.width
	p.Repeat(tok, e.topRight, 1)
	p.endLine()
	if p.height > 2 {
		p.leftEdge()
	}
}

// Foot sets the words in the frame's bottom line.
func (p *Page) Foot(s string) { p.frame.Foot = s }

// Scroll marks in the frame's right edge which part of a list is seen: shown
// rows from the row first on, of total, drawn on the lines of the page from the
// current one on.
func (p *Page) Scroll(first, shown, total int) {
	lines := min(shown, p.LinesLeft())
	if lines <= 0 || total <= shown {
		p.thumb = [2]int{}
		return
	}
	size := max(lines*shown/total, 1)
	from := first * (lines - size) / max(total-shown, 1)
	p.thumb = [2]int{len(p.ends) + from, len(p.ends) + from + size}
}

func (p *Page) leftEdge() {
	p.limit = p.width
	p.Repeat(p.frame.token(), p.frame.edges().down, 1)
	p.limit = max(p.width-1, p.col)
}

func (p *Page) rightEdge() {
	p.limit = p.width
	p.style = -1
	glyph := p.frame.edges().down
	if n := len(p.ends); n >= p.thumb[0] && n < p.thumb[1] {
		glyph = "┃"
		if p.frame.Focused {
			glyph = "█"
		}
	}
	p.Repeat(p.frame.token(), glyph, 1)
}

func (p *Page) bottomEdge() {
	e, tok := p.frame.edges(), p.frame.token()
	p.limit = p.width
	p.Repeat(tok, e.bottomLeft, 1)
	p.limit = max(p.width-1, p.col)
	if w := Width(p.frame.Foot); w > 0 && p.Room() >= w+4 {
		p.Repeat(tok, e.across, p.Room()-w-3)
		p.Skip(1)
		p.Put(theme.Muted, p.frame.Foot)
		p.Skip(1)
	}
	p.Repeat(tok, e.across, p.Room())
	p.limit = p.width
	p.Repeat(tok, e.bottomRight, 1)
	p.endLine()
}
