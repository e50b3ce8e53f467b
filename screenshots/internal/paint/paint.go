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

// Draw paints a screen with a palette of 256 colours. The more colours the cells
// have, the fewer shades the edges of characters get; the colours of the cells are
// exact as long as there are 256 at most.
func (f *Fonts) Draw(s *Screen) *image.Paletted {
	p, ramps := palette(s)
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
		f.cell(m.SubImage(area).(*image.Paletted), c, ramps[pair{c.Bg, c.Fg}])
	}
	return m
}

// palette chooses the colours of a picture: the screen's background first.
func palette(s *Screen) (color.Palette, map[pair]ramp) {
	for _, shades := range []int{16, 8, 6, 4, 3} {
		if p, ramps := mixes(s, shades); len(p) <= 256 {
			return p, ramps
		}
	}
	return mixes(s, 2)
}

func mixes(s *Screen, shades int) (color.Palette, map[pair]ramp) {
	p := color.Palette{s.Bg}
	index := map[color.RGBA]int{s.Bg: 0}
	ramps := map[pair]ramp{}
	for _, c := range s.Cells {
		k := pair{c.Bg, c.Fg}
		if ramps[k] != nil {
			continue
		}
		for i := range shades {
			shade := mix(c.Bg, c.Fg, uint8(255*i/(shades-1)))
			at, ok := index[shade]
			if !ok && shades == 2 && len(p) == 256 {
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
