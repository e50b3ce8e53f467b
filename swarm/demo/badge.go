package demo

import (
	"image"
	"image/color"
	"math"
)

// badgeSize is the width and height of the badge in pixels: with its four bytes
// a pixel stored as they are, a file of ten pieces.
const badgeSize = 192

// badgePNG paints the share button's badge: three peers, one of which gives to
// two, on a rounded tile.
func badgePNG() ([]byte, error) {
	const s = badgeSize
	giver, takers := [2]float64{.29, .5}, [2][2]float64{{.69, .27}, {.69, .73}}
	img := image.NewNRGBA(image.Rect(0, 0, s, s))
	for y := range s {
		for x := range s {
			u, v := (float64(x)+.5)/s, (float64(y)+.5)/s
			c := rgb{.22, .76, .69}.mix(rgb{.03, .36, .42}, (u+2*v)/3)
			c = c.mix(rgb{1, .72, .36}, .55*math.Exp(-9*math.Hypot(u-.95, v-.02)))
			d := math.Hypot(u-giver[0], v-giver[1]) - .13
			for _, t := range takers {
				d = min(d, math.Hypot(u-t[0], v-t[1])-.115, segment(u, v, giver, t)-.033)
			}
			c = c.mix(rgb{.01, .22, .27}, .35*math.Exp(-max(d, 0)*26))
			c = c.mix(rgb{1, 1, 1}, .5-d*s)
			for i, p := range [][2]float64{giver, takers[0], takers[1]} {
				inner := math.Hypot(u-p[0], v-p[1]) - []float64{.062, .05, .05}[i]
				c = c.mix(rgb{.96, .60, .22}, .5-inner*s)
			}
			// The tile: a square with rounded corners, its edge softened over a pixel.
			ax, ay := max(math.Abs(u-.5)-.29, 0), max(math.Abs(v-.5)-.29, 0)
			alpha := .5 - (math.Hypot(ax, ay)-.21)*s
			img.SetNRGBA(x, y, color.NRGBA{level(c[0]), level(c[1]), level(c[2]), level(alpha)})
		}
	}
	return storedPNG(img)
}

// segment returns the distance of the point from the line between a and b.
func segment(u, v float64, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	t := min(max(((u-a[0])*dx+(v-a[1])*dy)/(dx*dx+dy*dy), 0), 1)
	return math.Hypot(u-a[0]-t*dx, v-a[1]-t*dy)
}
