// Package theme maps the meaning of what is drawn (text, accent, a good or a bad
// verdict) to colours of the terminal. A [Theme] is compiled once for the
// terminal's colour profile into escape sequences that are ready to be written.
package theme

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/charmbracelet/colorprofile"
)

// Token is what a piece of the screen means.
type Token uint8

// The tokens. All but Faint, Border, BorderFocus and the heat are text;
// Quiet is text that may be overlooked.
const (
	Text   Token = iota // names and figures
	Muted               // headings, units, what stands back
	Quiet               // figures that are nothing: a rate of zero
	Faint               // what is empty: the rest of a bar, a leader
	Title               // titles and sums
	Accent              // what the user chose
	Good                // a good verdict
	Warn                // a verdict that wants attention
	Bad                 // a verdict that wants action
	Down                // bytes that come
	Up                  // bytes that go

	Border      // of a pane
	BorderFocus // of the pane that has the keys

	// The heat is how much there is of something, from nothing to plenty.
	Heat0
	Heat1
	Heat2
	Heat3
	Heat4
	Heat5

	Alarm // text on a ground of Bad

	tokens int = iota
)

// HeatLevels is the number of heat tokens, from Heat0 on.
const HeatLevels = 6

// Reset ends all colours and attributes.
const Reset = "\x1b[m"

// Theme is a palette compiled for one colour profile. It never changes.
type Theme struct {
	Name string
	Dark bool // made for a dark ground

	sgr      [tokens]string
	selected [tokens]string
	blocks   [tokens]string
	pairs    [HeatLevels][HeatLevels]string
	palette  *palette
	profile  colorprofile.Profile
}

// Builtin returns the names of the built-in themes, our own first.
func Builtin() []string {
	names := make([]string, len(palettes))
	for i := range palettes {
		names[i] = palettes[i].name
	}
	return names
}

// Named compiles a built-in theme. An unknown name is an error that lists the known ones.
func Named(name string, profile colorprofile.Profile) (*Theme, error) {
	for i := range palettes {
		if palettes[i].name == name {
			return compile(&palettes[i], profile), nil
		}
	}
	return nil, fmt.Errorf("theme %q is unknown: there are %s", name, strings.Join(Builtin(), ", "))
}

// Default compiles our own theme for a dark or a light ground.
func Default(dark bool, profile colorprofile.Profile) *Theme {
	for i := range palettes {
		if palettes[i].dark == dark {
			return compile(&palettes[i], profile)
		}
	}
	panic("theme: no palette for this ground")
}

// Over returns the theme for a terminal of a dark or a light ground, which stays as
// it is where there are no more than 16 colours.
func (t *Theme) Over(dark bool) *Theme {
	if t.profile >= colorprofile.ANSI256 || t.palette.dark == dark {
		return t
	}
	p := *t.palette
	p.dark = dark
	return compile(&p, t.profile)
}

// SGR returns the escape sequence that starts tok. It begins with a reset, so
// that it does not depend on what was written before; it is empty where the
// terminal has no attributes at all.
func (t *Theme) SGR(tok Token) string { return t.sgr[tok] }

// Selected is SGR for text on the ground of the selected row.
func (t *Theme) Selected(tok Token) string { return t.selected[tok] }

// Block is SGR for readable text on a ground in the colour of tok.
func (t *Theme) Block(tok Token) string { return t.blocks[tok] }

// Color returns the colour of tok for what is drawn by other means, nil where
// the theme leaves it to the terminal.
func (t *Theme) Color(tok Token) color.Color {
	switch {
	case t.profile <= colorprofile.ASCII:
		return nil
	case t.profile == colorprofile.ANSI:
		return basicColor(t.palette, tok)
	case tok == Alarm:
		return t.palette.shown(t.palette.background, t.profile)
	}
	return t.palette.ink(tok, t.profile)
}

// Background returns the ground that the theme is made for, nil where the
// terminal's own is to stay.
func (t *Theme) Background() color.Color { return t.ground(t.palette.background) }

// SelectionBackground returns the ground of the selected row, nil where it is told otherwise.
func (t *Theme) SelectionBackground() color.Color { return t.ground(t.palette.selection) }

func (t *Theme) ground(c rgb) color.Color {
	if t.profile < colorprofile.ANSI256 {
		return nil
	}
	return t.palette.shown(c, t.profile)
}

// Colored tells whether meaning may be told by hue beside its sign and word.
func (t *Theme) Colored() bool { return t.profile > colorprofile.ASCII && !t.palette.mono }
