package terminal

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// painter turns the picture that a terminal shows into another one, by the cells
// that differ. Lines in which a glyph is not one cell wide in every terminal are
// written whole, each such glyph followed by the place of the next one.
type painter struct {
	width int
	lines []line // of the window, as it is shown
	spare []cell

	pens  map[pen]uint16
	known []pen // by their numbers; the first is a terminal's own

	out []byte // what is to be written
	x   int    // where the terminal's cursor is
	y   int    // −1 where that is not known
	pen uint16 // in which it writes
}

// pen is how glyphs look: the sequences that ask for it from a terminal's own look on.
type pen struct{ style, link string }

// cell is a glyph that is one cell wide.
type cell struct {
	glyph rune
	pen   uint16
}

// line is a line of the picture, and how it was come to.
type line struct {
	text       string
	begin, end uint16 // pens
	cells      []cell // none unless plain
	plain      bool   // every glyph of it is one cell wide
}

// mostPens is how many looks are remembered.
const mostPens = 4096

var empty = cell{glyph: ' '}

// clear begins a picture in an empty window.
func (p *painter) clear(width, height int) {
	p.width, p.lines = width, make([]line, height)
	for y := range p.lines {
		p.lines[y].plain = true
	}
	p.pens, p.known, p.pen, p.y = map[pen]uint16{{}: 0}, []pen{{}}, 0, -1
	p.out = append(p.out, ansi.ResetStyle+ansi.EraseEntireScreen...)
}

// paint appends to out what makes content of the picture. A line that content has
// not got is empty, and what is wider than the window is not seen.
func (p *painter) paint(content string) {
	if len(p.known) > mostPens {
		p.clear(p.width, len(p.lines))
	}
	var now uint16
	for y := range p.lines {
		text, rest, _ := strings.Cut(content, "\n")
		now = p.line(y, text, now)
		content = rest
	}
	p.use(0)
}

// line makes text of a line, and returns the pen at its end.
func (p *painter) line(y int, text string, begin uint16) (end uint16) {
	l := &p.lines[y]
	if l.text == text && l.begin == begin {
		return l.end
	}
	cells, end, plain := p.split(p.spare[:0], text, begin)
	switch {
	case !plain:
		end = p.write(y, text, begin)
	case l.plain:
		p.change(y, l.cells, cells)
	default:
		p.write(y, text, begin)
	}
	p.spare = l.cells
	*l = line{text, begin, end, cells, plain}
	return end
}

// split takes a line apart, and tells whether every glyph is one cell wide.
func (p *painter) split(cells []cell, text string, now uint16) (_ []cell, end uint16, plain bool) {
	for len(text) > 0 {
		if text[0] == ansi.ESC {
			text, now = p.sequence(text, now)
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		if !narrow(r) {
			return cells[:0], now, false
		}
		if len(cells) < p.width {
			cells = append(cells, cell{r, now})
		}
		text = text[n:]
	}
	return cells, now, true
}

// change writes the cells in which two plain lines differ.
func (p *painter) change(y int, old, cells []cell) {
	for x, c := range cells {
		if was := empty; x < len(old) && old[x] == c || x >= len(old) && was == c {
			continue
		}
		p.move(x, y)
		p.use(c.pen)
		p.out = utf8.AppendRune(p.out, c.glyph)
		p.advance(1)
	}
	if len(old) > len(cells) {
		p.blank(len(cells), y)
	}
}

// write writes a line whole, and returns the pen at its end.
func (p *painter) write(y int, text string, now uint16) (end uint16) {
	x := 0
	for len(text) > 0 {
		if text[0] == ansi.ESC {
			text, now = p.sequence(text, now)
			continue
		}
		glyph, width := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		text = text[len(glyph):]
		if width == 0 || x+width > p.width {
			continue
		}
		p.move(x, y)
		p.use(now)
		p.out = append(p.out, glyph...)
		x += width
		if r, n := utf8.DecodeRuneInString(glyph); n < len(glyph) || !narrow(r) {
			p.y = -1
		}
		p.advance(width)
	}
	if x < p.width {
		p.blank(x, y)
	}
	return now
}

// blank empties a line from x on.
func (p *painter) blank(x, y int) {
	p.move(x, y)
	p.use(0)
	p.out = append(p.out, ansi.EraseLineRight...)
}

// sequence reads the escape sequence that text begins with, and returns what follows
// and with which pen that is written.
func (p *painter) sequence(text string, now uint16) (rest string, next uint16) {
	seq, _, n, _ := ansi.DecodeSequence(text, ansi.NormalState, nil)
	is := p.known[now]
	switch {
	case strings.HasPrefix(seq, "\x1b[") && seq[n-1] == 'm':
		first, _, _ := strings.Cut(seq[2:n-1], ";")
		switch resets := strings.Trim(first, "0") == ""; {
		case resets && len(first)+3 == n:
			is.style = ""
		case resets:
			is.style = seq
		default:
			is.style += seq
		}
	case strings.HasPrefix(seq, "\x1b]8;"):
		is.link = seq
		if seq == ansi.ResetHyperlink() {
			is.link = ""
		}
	default:
		return text[n:], now
	}
	number, ok := p.pens[is]
	if !ok {
		number = uint16(len(p.known))
		p.pens[is], p.known = number, append(p.known, is)
	}
	return text[n:], number
}

// use takes up a pen.
func (p *painter) use(number uint16) {
	if number == p.pen {
		return
	}
	was, is := p.known[p.pen], p.known[number]
	if was.link != is.link {
		if p.out = append(p.out, is.link...); is.link == "" {
			p.out = append(p.out, ansi.ResetHyperlink()...)
		}
	}
	if was.style != is.style {
		if !strings.HasPrefix(is.style, "\x1b[0") {
			p.out = append(p.out, ansi.ResetStyle...)
		}
		p.out = append(p.out, is.style...)
	}
	p.pen = number
}

// move puts the cursor at a cell.
func (p *painter) move(x, y int) {
	switch {
	case y != p.y || x < p.x:
		p.out = append(p.out, "\x1b["...)
		p.out = strconv.AppendInt(p.out, int64(y+1), 10)
		p.out = append(p.out, ';')
		p.out = strconv.AppendInt(p.out, int64(x+1), 10)
		p.out = append(p.out, 'H')
	case x > p.x+1:
		p.out = append(p.out, "\x1b["...)
		p.out = strconv.AppendInt(p.out, int64(x-p.x), 10)
		p.out = append(p.out, 'C')
	case x > p.x:
		p.out = append(p.out, "\x1b[C"...)
	}
	p.x, p.y = x, y
}

// advance notes that a glyph was written. At the right edge terminals differ in where
// the cursor is then.
func (p *painter) advance(width int) {
	if p.x += width; p.x >= p.width {
		p.y = -1
	}
}

// narrow tells whether a glyph is one cell wide in every terminal, and no part of another one.
func narrow(r rune) bool {
	switch {
	case r < 0x7f:
		return r >= ' '
	case r <= 0x2ff:
		return r > 0xa0 && r != 0xad && r != 0xa9 && r != 0xae
	case r < 0x2800:
		return r >= 0x2010 && r <= 0x2027 || r >= 0x2190 && r <= 0x2193 || r >= 0x2200 && r <= 0x22ff ||
			r >= 0x2500 && r <= 0x25a9 || r >= 0x25b2 && r <= 0x25b5 || r >= 0x25bc && r <= 0x25bf ||
			r >= 0x25c6 && r <= 0x25cf || r == '✓' || r == '✗'
	}
	return r <= 0x28ff
}
