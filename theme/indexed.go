package theme

import (
	"image/color"
	"math"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// The contrast that text and drawings keep on both grounds, also where colours are
// rounded (WCAG 2.2, success criteria 1.4.3 and 1.4.11).
const (
	textContrast    = 4.5
	drawingContrast = 3
)

// quietShare is how much of Muted there is in a Quiet that a palette does not name.
const quietShare = 0.7

// color returns a token's colour before it is rounded for the terminal.
func (p *palette) color(tok Token) rgb {
	if c := p.colors[tok]; tok != Quiet || c != 0 {
		return c
	}
	return mix(p.colors[Muted], p.background, quietShare)
}

// on returns the colour of text on a block: the ground's or that of titles if it is
// read well, else black or white, of which one always is.
func (p *palette) on(block rgb) rgb {
	for _, c := range []rgb{p.background, p.color(Title), 0} {
		if contrast(c, block) >= textContrast {
			return c
		}
	}
	return 0xffffff
}

// block returns text and ground of a block as the terminal shows them.
func (p *palette) block(tok Token, profile colorprofile.Profile) (text, ground color.Color) {
	c := p.color(tok)
	if profile > colorprofile.ANSI256 {
		return p.on(c), c
	}
	near := indexed(c, 0)
	return indexed(p.on(near.rgb()), textContrast, near.rgb()).code(), near.code()
}

// ink returns a token's colour as the terminal shows it.
func (p *palette) ink(tok Token, profile colorprofile.Profile) color.Color {
	c := p.color(tok)
	if profile > colorprofile.ANSI256 {
		return c
	}
	grounds := []rgb{indexed(p.background, 0).rgb(), indexed(p.selection, 0).rgb()}
	switch tok {
	case Faint, Border:
		return indexed(c, 0).code()
	case Quiet:
		return indexed(c, drawingContrast, grounds[0]).code()
	case BorderFocus, Heat0, Heat1, Heat2, Heat3, Heat4, Heat5:
		return indexed(c, drawingContrast, grounds[0]).code()
	}
	return indexed(c, textContrast, grounds...).code()
}

// shown returns a ground as the terminal shows it.
func (p *palette) shown(c rgb, profile colorprofile.Profile) color.Color {
	if profile > colorprofile.ANSI256 {
		return c
	}
	return indexed(c, 0).code()
}

// index is one of the 256 colours, from the 16th on: what the first sixteen look
// like is the terminal's business.
type index uint8

func (i index) code() color.Color { return ansi.IndexedColor(i) }

// rgb is the colour that terminals agree on: a cube of six levels, then greys.
func (i index) rgb() rgb {
	if i >= 232 {
		return rgb(8+10*(int(i)-232)) * 0x010101
	}
	level := func(n index) rgb {
		if n == 0 {
			return 0
		}
		return 55 + 40*rgb(n)
	}
	n := i - 16
	return level(n/36)<<16 | level(n/6%6)<<8 | level(n%6)
}

// indexed returns the colour nearest to c among the 256 that has the contrast on
// all of the grounds, and the nearest of all where none has.
func indexed(c rgb, least float64, grounds ...rgb) index {
	best, fallback := index(0), index(16)
	nearest, any := math.Inf(1), math.Inf(1)
	for i := 16; i < 256; i++ {
		candidate := index(i)
		d := distance(c, candidate.rgb())
		if d < any {
			any, fallback = d, candidate
		}
		if d < nearest && contrasts(candidate.rgb(), least, grounds) {
			nearest, best = d, candidate
		}
	}
	if best == 0 {
		return fallback
	}
	return best
}

func contrasts(c rgb, least float64, grounds []rgb) bool {
	for _, g := range grounds {
		if contrast(c, g) < least {
			return false
		}
	}
	return true
}

// contrast is WCAG's ratio of the luminances, 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is WCAG's relative luminance.
func luminance(c rgb) float64 {
	r, g, b := c.linear()
	return 0.2126*r + 0.7152*g + 0.0722*b
}

// linear returns the light of the three primaries, 0 to 1 (IEC 61966-2-1).
func (c rgb) linear() (r, g, b float64) {
	channel := func(v rgb) float64 {
		s := float64(v&0xff) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return channel(c >> 16), channel(c >> 8), channel(c)
}

// distance tells how different two colours look: in Oklab, where hue keeps its
// weight in greys.
func distance(a, b rgb) float64 {
	l, u, v := a.oklab()
	l2, u2, v2 := b.oklab()
	return (l-l2)*(l-l2) + 4*((u-u2)*(u-u2)+(v-v2)*(v-v2))
}

func (c rgb) oklab() (l, a, b float64) {
	red, green, blue := c.linear()
	x := math.Cbrt(0.4122214708*red + 0.5363325363*green + 0.0514459929*blue)
	y := math.Cbrt(0.2119034982*red + 0.6806995451*green + 0.1073969566*blue)
	z := math.Cbrt(0.0883024619*red + 0.2817188376*green + 0.6299787005*blue)
	return 0.2104542553*x + 0.7936177850*y - 0.0040720468*z,
		1.9779984951*x - 2.4285922050*y + 0.4505937099*z,
		0.0259040371*x + 0.7827717662*y - 0.8086757660*z
}

// mix returns share of a and the rest of b.
func mix(a, b rgb, share float64) rgb {
	channel := func(shift int) rgb {
		x, y := float64(a>>shift&0xff), float64(b>>shift&0xff)
		return rgb(math.Round(x*share+y*(1-share))) << shift
	}
	return channel(16) | channel(8) | channel(0)
}
