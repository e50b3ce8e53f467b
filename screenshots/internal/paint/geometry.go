package paint

import (
	"image"
	"image/color"
	"math"
	"math/bits"

	"golang.org/x/image/vector"
)

// arms tells for U+2500 to U+257F how each line leaves the middle of the cell:
// left, right, up, down; 0 not at all, 1 light, 2 heavy. Four characters each; those
// of double and diagonal lines are left to the font.
const arms = "" +
	"1100220000110022110022000011002211002200001100220101020101020202" + // ─ to ┏
	"1001200110022002011002100120022010102010102020200111021101210112" + // ┐ to ┟
	"0122022102120222101120111021101210222021201220221101210112012201" + // ┠ to ┯
	"1102210212022202111021101210221011202120122022201111211112112211" + // ┰ to ┿
	"1121111211222121122121121212222122122122122222221100220000110022" + // ╀ to ╏
	"0000000000000000000000000000000000000000000000000000000000000000" + // ═ to ╟
	"0000000000000000000000000000000000000000000000000000010110011010" + // ╠ to ╯
	"0110000000000000100000100100000120000020020000021200001221000021" //  ╰ to ╿

// dashes tells into how many parts the lines of U+2504 to U+250B and U+254C to U+254F are cut.
func dashes(r rune) int {
	switch {
	case r >= 0x2504 && r <= 0x2507:
		return 3
	case r >= 0x2508 && r <= 0x250B:
		return 4
	case r >= 0x254C && r <= 0x254F:
		return 2
	}
	return 1
}

// geometry draws r as shapes into a mask of w×h pixels, or returns nil when r is
// a character for the font.
func geometry(r rune, w, h int) *image.Alpha {
	m := image.NewAlpha(image.Rect(0, 0, w, h))
	switch {
	case r >= 0x256D && r <= 0x2570:
		arc(m, r)
	case r >= 0x2500 && r <= 0x257F:
		a := arms[4*(r-0x2500):][:4]
		if a == "0000" {
			return nil
		}
		lines(m, a, dashes(r))
	case r >= 0x2580 && r <= 0x259F:
		block(m, r)
	case r >= 0x2800 && r <= 0x28FF:
		braille(m, uint8(r-0x2800))
	default:
		return nil
	}
	return m
}

// stroke returns the width of a light line for cells that are w wide.
func stroke(w int) int { return max(1, (w+4)/9) }

// lines draws straight arms from the middle, each cut into parts.
func lines(m *image.Alpha, arms string, parts int) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	thick := func(arm byte) int {
		if arm == '2' {
			return 3 * stroke(w)
		}
		return stroke(w) * int(arm-'0')
	}
	// Arms reach over the middle by half of the widest crossing line.
	span := func(size, thickness int) (int, int) { return (size - thickness) / 2, (size-thickness)/2 + thickness }
	for i, arm := range []byte(arms) {
		if arm == '0' {
			continue
		}
		if i < 2 {
			y0, y1 := span(h, thick(arm))
			x0, x1 := span(w, max(thick(arms[2]), thick(arms[3]), stroke(w)))
			if i == 0 {
				x0 = 0
			} else {
				x1 = w
			}
			cut(m, image.Rect(x0, y0, x1, y1), parts, image.Pt(w, 0))
		} else {
			x0, x1 := span(w, thick(arm))
			y0, y1 := span(h, max(thick(arms[0]), thick(arms[1]), stroke(w)))
			if i == 2 {
				y0 = 0
			} else {
				y1 = h
			}
			cut(m, image.Rect(x0, y0, x1, y1), parts, image.Pt(0, h))
		}
	}
}

// cut fills r but for the gaps that part a line over the whole cell; along is
// the cell's size in the direction of the line.
func cut(m *image.Alpha, r image.Rectangle, parts int, along image.Point) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			at, size := x, along.X
			if size == 0 {
				at, size = y, along.Y
			}
			if parts > 1 && (at*parts*3/size)%3 == 2 {
				continue
			}
			m.SetAlpha(x, y, color.Alpha{A: 255})
		}
	}
}

func fill(m *image.Alpha, r image.Rectangle, a uint8) {
	r = r.Intersect(m.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			m.SetAlpha(x, y, color.Alpha{A: a})
		}
	}
}

// quadrants tells for U+2596 to U+259F which quarters are filled: 1 upper left, 2
// upper right, 4 lower left, 8 lower right.
var quadrants = [...]uint8{4, 8, 1, 13, 9, 7, 11, 2, 6, 14}

func block(m *image.Alpha, r rune) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	eighth := func(size int, n rune) int { return (size*int(n) + 4) / 8 }
	switch {
	case r == '▀':
		fill(m, image.Rect(0, 0, w, h/2), 255)
	case r <= '█': // lower one to eight eighths
		fill(m, image.Rect(0, h-eighth(h, r-0x2580), w, h), 255)
	case r <= '▏': // left seven to one eighths
		fill(m, image.Rect(0, 0, eighth(w, 0x2590-r), h), 255)
	case r == '▐':
		fill(m, image.Rect(w/2, 0, w, h), 255)
	case r <= '▓': // shades of a quarter, a half, three quarters
		fill(m, m.Rect, uint8(64*(r-0x2590)))
	case r == '▔':
		fill(m, image.Rect(0, 0, w, eighth(h, 1)), 255)
	case r == '▕':
		fill(m, image.Rect(w-eighth(w, 1), 0, w, h), 255)
	default:
		q := quadrants[r-0x2596]
		for i, at := range []image.Rectangle{
			image.Rect(0, 0, w/2, h/2), image.Rect(w/2, 0, w, h/2),
			image.Rect(0, h/2, w/2, h), image.Rect(w/2, h/2, w, h),
		} {
			if q>>i&1 != 0 {
				fill(m, at, 255)
			}
		}
	}
}

// braille draws the dots of a pattern: bits 0 to 2 and 6 down the left column, 3
// to 5 and 7 down the right one.
func braille(m *image.Alpha, pattern uint8) {
	w, h := float64(m.Rect.Dx()), float64(m.Rect.Dy())
	rows := [...]int{0, 1, 2, 0, 1, 2, 3, 3}
	columns := [...]int{0, 0, 0, 1, 1, 1, 0, 1}
	z := vector.NewRasterizer(m.Rect.Dx(), m.Rect.Dy())
	for ; pattern != 0; pattern &= pattern - 1 {
		i := bits.TrailingZeros8(pattern)
		circle(z, w*(0.25+0.5*float64(columns[i])), h*(0.125+0.25*float64(rows[i])), 0.17*w)
	}
	z.Draw(m, m.Rect, image.Opaque, image.Point{})
}

func circle(z *vector.Rasterizer, x, y, r float64) {
	const corners = 24
	for i := range corners {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		px, py := float32(x+r*cos), float32(y+r*sin)
		if i == 0 {
			z.MoveTo(px, py)
		} else {
			z.LineTo(px, py)
		}
	}
	z.ClosePath()
}

// arc draws a rounded corner: a quarter of a ring, and straight ends to the edges.
func arc(m *image.Alpha, r rune) {
	w, h, s := m.Rect.Dx(), m.Rect.Dy(), stroke(m.Rect.Dx())
	x0, y0 := (w-s)/2, (h-s)/2                          // the left and upper edge of the lines that it joins
	radius := float64(min(w-x0, h-y0)) - 1.5*float64(s) // the last pixels are straight
	right := r == '╭' || r == '╰'
	down := r == '╭' || r == '╮'
	cx, cy := float64(x0)+float64(s)/2, float64(y0)+float64(s)/2
	sx, sy := -1.0, -1.0
	if right {
		sx = 1
	}
	if down {
		sy = 1
	}
	cx, cy = cx+sx*radius, cy+sy*radius // the middle of the ring
	const steps = 16
	z := vector.NewRasterizer(w, h)
	for i := range 2*steps + 2 {
		edge, at := radius+float64(s)/2, i
		if i > steps {
			edge, at = radius-float64(s)/2, 2*steps+1-i
		}
		sin, cos := math.Sincos(math.Pi / 2 * float64(at) / steps)
		px, py := float32(cx-sx*edge*cos), float32(cy-sy*edge*sin)
		if i == 0 {
			z.MoveTo(px, py)
		} else {
			z.LineTo(px, py)
		}
	}
	z.ClosePath()
	z.Draw(m, m.Rect, image.Opaque, image.Point{})
	if down {
		fill(m, image.Rect(x0, int(cy), x0+s, h), 255)
	} else {
		fill(m, image.Rect(x0, 0, x0+s, int(math.Ceil(cy))), 255)
	}
	if right {
		fill(m, image.Rect(int(cx), y0, w, y0+s), 255)
	} else {
		fill(m, image.Rect(0, y0, int(math.Ceil(cx)), y0+s), 255)
	}
}
