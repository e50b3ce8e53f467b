// Package paint turns a terminal screen into a picture: text with escape
// sequences into cells, and cells into pixels. Box, block and braille characters
// are drawn as geometry, so that neighbouring cells join without a seam.
package paint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/color"
	"io"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"
)

// Cell is one place of a screen as it is drawn: its colours are final, with
// reverse, faint and the terminal's own defaults worked in.
type Cell struct {
	Text      string // one grapheme; empty to the right of a wide one
	Wide      bool   // it covers two columns
	Fg, Bg    color.RGBA
	Bold      bool
	Italic    bool
	Underline bool
	Strike    bool
}

// Screen is a rectangle of cells, row by row.
type Screen struct {
	Columns, Rows int
	Cells         []Cell
	Bg            color.RGBA // the terminal's own background
}

// Palette is the pair of colours that a terminal uses where a program names none.
type Palette struct{ Fg, Bg color.RGBA }

// Read feeds text to a terminal of the given size and returns what it then
// shows. A bare line feed begins a new line at its left end.
func Read(text string, columns, rows int, p Palette) *Screen {
	term := vt.NewEmulator(columns, rows)
	drained := make(chan struct{})
	go func() { // its answers to queries have no reader
		defer close(drained)
		io.Copy(io.Discard, term)
	}()
	text = strings.TrimRight(text, "\r\n")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	term.WriteString(text)
	term.InputPipe().(io.Closer).Close() // Close would race with the reader
	<-drained

	s := &Screen{Columns: columns, Rows: rows, Bg: p.Bg, Cells: make([]Cell, 0, columns*rows)}
	for y := range rows {
		for x := range columns {
			s.Cells = append(s.Cells, cellOf(term.CellAt(x, y), p))
		}
	}
	return s
}

func cellOf(c *uv.Cell, p Palette) Cell {
	if c == nil {
		return Cell{Text: " ", Fg: p.Fg, Bg: p.Bg}
	}
	fg, bg := rgba(c.Style.Fg, p.Fg), rgba(c.Style.Bg, p.Bg)
	if c.Style.Attrs&uv.AttrReverse != 0 {
		fg, bg = bg, fg
	}
	if c.Style.Attrs&uv.AttrFaint != 0 {
		fg = mix(bg, fg, 0xA0)
	}
	out := Cell{
		Text: c.Content, Wide: c.Width == 2, Fg: fg, Bg: bg,
		Bold:      c.Style.Attrs&uv.AttrBold != 0,
		Italic:    c.Style.Attrs&uv.AttrItalic != 0,
		Strike:    c.Style.Attrs&uv.AttrStrikethrough != 0,
		Underline: c.Style.Underline != uv.UnderlineNone,
	}
	if c.Style.Attrs&uv.AttrConceal != 0 {
		out.Text = " "
	}
	return out
}

func rgba(c, fallback color.Color) color.RGBA {
	if c == nil {
		c = fallback
	}
	return color.RGBAModel.Convert(c).(color.RGBA)
}

// mix returns the colour that lies share/255 of the way from a to b.
func mix(a, b color.RGBA, share uint8) color.RGBA {
	m := func(x, y uint8) uint8 { return uint8((int(x)*(255-int(share)) + int(y)*int(share) + 127) / 255) }
	return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xFF}
}

// Digest names what the screen shows, independent of fonts and compression: 64
// hexadecimal digits.
func (s *Screen) Digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %v\n", s.Columns, s.Rows, s.Bg)
	for _, c := range s.Cells {
		fmt.Fprintf(h, "%+v\n", c)
	}
	return hex.EncodeToString(h.Sum(nil))
}
