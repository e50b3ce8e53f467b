package theme

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// rgb is a colour as 0xRRGGBB.
type rgb uint32

// RGBA implements [color.Color].
func (c rgb) RGBA() (r, g, b, a uint32) {
	return uint32(c>>16) & 0xff * 0x101, uint32(c>>8) & 0xff * 0x101, uint32(c) & 0xff * 0x101, 0xffff
}

// palette is a theme before it is compiled.
type palette struct {
	name       string
	dark       bool
	mono       bool // tells nothing by hue
	background rgb
	selection  rgb // ground of the selected row
	colors     [tokens]rgb
}

func compile(p *palette, profile colorprofile.Profile) *Theme {
	t := &Theme{Name: p.name, Dark: p.dark, palette: p, profile: profile}
	if profile <= colorprofile.NoTTY {
		return t
	}
	for i := range t.sgr {
		tok := Token(i)
		attr := attribute(tok, t.Colored())
		switch {
		case profile >= colorprofile.ANSI256 && tok == Alarm:
			t.sgr[i] = sgr(attr, p.shown(p.background, profile), p.ink(Bad, profile))
			t.selected[i] = t.sgr[i]
		case profile >= colorprofile.ANSI256:
			ink := p.ink(tok, profile)
			t.sgr[i] = sgr(attr, ink, nil)
			t.selected[i] = sgr(attr, ink, p.shown(p.selection, profile))
		default:
			var c color.Color
			if profile == colorprofile.ANSI && !p.mono {
				c = basicColor(p, tok)
			}
			t.sgr[i] = sgr(attr, c, nil)
			t.selected[i] = sgr(selectedAttribute(attr), nil, nil)
			t.blocks[i] = sgr(selectedAttribute(attr), c, nil)
		}
		if profile >= colorprofile.ANSI256 {
			text, ground := p.block(tok, profile)
			t.blocks[i] = sgr("", text, ground)
		}
	}
	t.compilePairs()
	return t
}

// sgr writes one sequence: a reset, the attribute if any, the colours if any.
func sgr(attr string, fg, bg color.Color) string {
	s := ansi.Style{}
	if fg != nil {
		s = s.ForegroundColor(fg)
	}
	if bg != nil {
		s = s.BackgroundColor(bg)
	}
	parts := append([]string{"0"}, attr)
	if attr == "" {
		parts = parts[:1]
	}
	return fmt.Sprintf("\x1b[%sm", strings.Join(append(parts, s...), ";"))
}

// attribute returns what a token has beside its colour: where hue tells nothing,
// weight has to.
func attribute(tok Token, colored bool) string {
	switch {
	case tok == Title, tok == BorderFocus && !colored:
		return "1"
	case tok == Alarm && colored:
		return "1"
	case tok == Alarm:
		return "1;7"
	case colored:
		return ""
	}
	switch tok {
	case Bad, Warn, Accent:
		return "1"
	case Quiet, Faint, Border:
		return "2"
	}
	return ""
}

// selectedAttribute turns a row round where there is no ground to give it.
func selectedAttribute(attr string) string {
	if attr == "" || attr == "2" {
		return "7"
	}
	return strings.TrimSuffix(attr, ";7") + ";7"
}

// basicColor is the palette of terminals that have 16 colours: by hand, since what
// the sixteen look like is the terminal's business. Plain text keeps the terminal's
// own colour; on a light ground so does what no dark one of the sixteen is left for.
func basicColor(p *palette, tok Token) color.Color {
	if p.mono || tok == Text || tok == Title {
		return nil
	}
	if p.dark {
		return [tokens]color.Color{
			Muted: ansi.White, Quiet: ansi.White, Faint: ansi.BrightBlack,
			Accent: ansi.BrightCyan, Good: ansi.BrightGreen, Warn: ansi.BrightYellow, Bad: ansi.BrightRed,
			Down: ansi.BrightCyan, Up: ansi.BrightMagenta,
			Border: ansi.BrightBlack, BorderFocus: ansi.BrightCyan,
			Heat0: ansi.BrightRed, Heat1: ansi.BrightYellow, Heat2: ansi.Green, Heat3: ansi.BrightGreen, Heat4: ansi.Cyan, Heat5: ansi.BrightCyan,
			Alarm: ansi.BrightRed,
		}[tok]
	}
	return [tokens]color.Color{
		Faint:  ansi.White,
		Accent: ansi.Blue, Warn: ansi.Magenta, Bad: ansi.Red,
		Down: ansi.Blue, Up: ansi.Magenta,
		Border: ansi.White, BorderFocus: ansi.Blue,
		Heat0: ansi.Red, Heat1: ansi.Magenta, Heat2: ansi.BrightBlack, Heat3: ansi.Blue, Heat4: ansi.Blue,
		Alarm: ansi.Red,
	}[tok]
}
