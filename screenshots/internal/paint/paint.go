package paint

import (
	"image"
	"image/color"
	"image/draw"
)

// margin is the empty frame around the cells, in pixels at scale 1.
const margin = 8

// ramp holds the palette's indexes for the shades from a background to a
// foreground, as many as the edges of characters have.
type ramp []uint8

type pair struct{ bg, fg color.RGBA }

// colors are those in which a cell is drawn: one with nothing in it needs but its ground.
func (c Cell) colors() pair {
	if (c.Text == "" || c.Text == " ") && !c.Underline && !c.Strike {
		return pair{c.Bg, c.Bg}
	}
	return pair{c.Bg, c.Fg}
}

// Draw paints a screen with a palette of 256 colours. The more colours the cells
// have, the fewer shades the edges of characters get; the colours of the cells are
// exact as long as there are 256 at most.
func (f *Fonts) Draw(s *Screen) *image.Paletted {
	p, ramps := palette(256, s)
	return f.draw(s, p, ramps)
}

func (f *Fonts) draw(s *Screen, p color.Palette, ramps map[pair]ramp) *image.Paletted {
	w, h, edge := cellWidth*f.scale, cellHeight*f.scale, margin*f.scale
	m := image.NewPaletted(image.Rect(0, 0, s.Columns*w+2*edge, s.Rows*h+2*edge), p) // index 0 is the background
	for i, c := range s.Cells {
		at := image.Pt(edge+i%s.Columns*w, edge+i/s.Columns*h)
		area := image.Rectangle{at, at.Add(image.Pt(w, h))}
		if c.Text == "" && i%s.Columns > 0 {
			continue // the right half of a wide character
		}
		if c.Wide {
			area.Max.X += w
		}
		f.cell(m.SubImage(area).(*image.Paletted), c, ramps[c.colors()])
	}
	return m
}

// palette chooses at most so many colours for some screens: the first one's
// background first.
func palette(most int, screens ...*Screen) (color.Palette, map[pair]ramp) {
	for _, shades := range []int{16, 12, 8, 6, 5, 4, 3} {
		if p, ramps := mixes(most, screens, shades); len(p) <= most {
			return p, ramps
		}
	}
	return mixes(most, screens, 2)
}

func mixes(most int, screens []*Screen, shades int) (color.Palette, map[pair]ramp) {
	p := color.Palette{screens[0].Bg}
	index := map[color.RGBA]int{screens[0].Bg: 0}
	ramps := map[pair]ramp{}
	for _, s := range screens {
		for _, c := range s.Cells {
			k := c.colors()
			if ramps[k] != nil {
				continue
			}
			for i := range shades {
				shade := mix(k.bg, k.fg, uint8(255*i/(shades-1)))
				at, ok := index[shade]
				if !ok && shades == 2 && len(p) == most {
					at, ok = p.Index(shade), true
				}
				if !ok {
					at = len(p)
					p = append(p, shade)
				}
				index[shade] = at
				ramps[k] = append(ramps[k], uint8(at))
			}
		}
	}
	return p, ramps
}

// cell paints one cell over all of m.
func (f *Fonts) cell(m *image.Paletted, c Cell, r ramp) {
	w := m.Rect.Dx()
	mask := f.mask(c)
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:][:w]
		for x := range row {
			share := 0
			if mask != nil {
				share = int(mask.Pix[y*mask.Stride+x])
			}
			row[x] = r[(share*(len(r)-1)+127)/255]
		}
	}
	line := func(y int) {
		at := image.Rect(m.Rect.Min.X, m.Rect.Min.Y+y*f.scale, m.Rect.Max.X, m.Rect.Min.Y+(y+1)*f.scale)
		draw.Draw(m, at, image.NewUniform(c.Fg), image.Point{}, draw.Src)
	}
	if c.Underline {
		line(baseline + 2)
	}
	if c.Strike {
		line(baseline - 5)
	}
}
