package theme

import (
	"image/color"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

func TestTextIsReadableOnBothGrounds(t *testing.T) {
	for _, p := range palettes {
		for _, tok := range []Token{Text, Muted, Title, Accent, Good, Warn, Bad, Down, Up} {
			for name, ground := range map[string]rgb{"background": p.background, "selection": p.selection} {
				if r := contrast(p.colors[tok], ground); r < 4.5 {
					t.Errorf("%s: token %d %06x on %s: contrast %.2f, want 4.5", p.name, tok, p.colors[tok], name, r)
				}
			}
		}
	}
}

// TestRoundedColoursAreReadable holds the same for terminals of 256 colours.
func TestRoundedColoursAreReadable(t *testing.T) {
	for i := range palettes {
		p := &palettes[i]
		for tok := range Token(tokens) {
			least := textContrast
			switch tok {
			case Faint, Border, Alarm:
				continue
			case Quiet, BorderFocus, Heat0, Heat1, Heat2, Heat3, Heat4, Heat5:
				least = drawingContrast
			}
			ink, _ := p.ink(tok, colorprofile.ANSI256).(ansi.IndexedColor)
			grounds := []rgb{p.background, p.selection}
			if least == drawingContrast {
				grounds = grounds[:1]
			}
			for _, ground := range grounds {
				if r := contrast(index(ink).rgb(), indexed(ground, 0).rgb()); r < least {
					t.Errorf("%s: token %d is colour %d on %06x: contrast %.2f, want %.1f", p.name, tok, ink, ground, r, least)
				}
			}
		}
	}
}

// TestSixteenColoursAreReadable holds it for what terminals make of the sixteen, on
// whichever ground they have: a theme for the other one must not be unreadable there.
func TestSixteenColoursAreReadable(t *testing.T) {
	looks := map[string][16]rgb{
		"xterm": {0, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff},
		"VGA":   {0, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa, 0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff},
	}
	for _, name := range Builtin() {
		for _, dark := range []bool{true, false} {
			th, err := Named(name, colorprofile.ANSI)
			if err != nil {
				t.Fatal(err)
			}
			th = th.Over(dark)
			ground, ink := rgb(0xffffff), rgb(0)
			if dark {
				ground, ink = ink, ground
			}
			if th.Background() != nil || th.Dark != dark {
				t.Errorf("%s over a ground that is dark: %v has one of its own, or is for another", name, dark)
			}
			for tok := range Token(tokens) {
				least := textContrast
				switch tok {
				case Faint, Border:
					continue
				case Quiet, BorderFocus, Heat0, Heat1, Heat2, Heat3, Heat4, Heat5:
					least = drawingContrast
				}
				for look, colors := range looks {
					c := ink
					if basic, ok := th.Color(tok).(ansi.BasicColor); ok {
						c = colors[basic]
					}
					if r := contrast(c, ground); r < least {
						t.Errorf("%s, %s, dark %v: token %d: contrast %.2f, want %.1f", name, look, dark, tok, r, least)
					}
				}
			}
		}
	}
}

func TestTextOnBlocksIsReadable(t *testing.T) {
	for i := range palettes {
		p := &palettes[i]
		for _, tok := range []Token{Title, Heat0, Heat1, Heat2, Heat3, Heat4, Heat5} {
			for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
				text, ground := p.block(tok, profile)
				if r := contrast(seen(text), seen(ground)); r < textContrast {
					t.Errorf("%s, %s: text on a block of token %d: contrast %.2f, want %.1f", p.name, profile, tok, r, textContrast)
				}
			}
		}
	}
}

// seen is a colour as terminals show it.
func seen(c color.Color) rgb {
	if i, ok := c.(ansi.IndexedColor); ok {
		return index(i).rgb()
	}
	return c.(rgb)
}

func TestQuietStandsBetweenFaintAndMuted(t *testing.T) {
	for i := range palettes {
		p := &palettes[i]
		quiet, muted := contrast(p.color(Quiet), p.background), contrast(p.color(Muted), p.background)
		if quiet < drawingContrast || quiet >= muted {
			t.Errorf("%s: Quiet has a contrast of %.2f, Muted of %.2f", p.name, quiet, muted)
		}
	}
}

func TestDrawingsStandOut(t *testing.T) {
	for _, p := range palettes {
		for _, tok := range []Token{BorderFocus, Heat0, Heat1, Heat2, Heat3, Heat4, Heat5} {
			if r := contrast(p.colors[tok], p.background); r < 3 {
				t.Errorf("%s: token %d %06x: contrast %.2f, want 3", p.name, tok, p.colors[tok], r)
			}
		}
		if r := contrast(p.selection, p.background); r < 1.15 {
			t.Errorf("%s: selection: contrast %.2f, want 1.15", p.name, r)
		}
	}
}

// TestStepsOfTheHeatDiffer holds it also where colours are rounded.
func TestStepsOfTheHeatDiffer(t *testing.T) {
	for i := range palettes {
		p := &palettes[i]
		for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
			for a := Heat0; a <= Heat5; a++ {
				for b := Heat0; b < a; b++ {
					_, upper := p.block(a, profile)
					_, lower := p.block(b, profile)
					if seen(upper) == seen(lower) || seen(p.ink(a, profile)) == seen(p.ink(b, profile)) {
						t.Errorf("%s, %s: the steps %d and %d look the same", p.name, profile, a-Heat0, b-Heat0)
					}
				}
			}
		}
	}
}

func TestVerdictsKeepTheirDistance(t *testing.T) {
	for _, p := range palettes {
		if p.mono {
			continue
		}
		for i, a := range []Token{Good, Warn, Bad} {
			for _, b := range []Token{Good, Warn, Bad}[:i] {
				if p.colors[a] == p.colors[b] {
					t.Errorf("%s: tokens %d and %d are the same colour", p.name, a, b)
				}
			}
		}
	}
}

func TestThemesCompileForEveryProfile(t *testing.T) {
	for _, name := range Builtin() {
		for profile := colorprofile.Unknown; profile <= colorprofile.TrueColor; profile++ {
			th, err := Named(name, profile)
			if err != nil {
				t.Fatal(err)
			}
			for tok := range Token(tokens) {
				plain, sel := th.SGR(tok), th.Selected(tok)
				if ansi.StringWidth(plain+sel) != 0 {
					t.Errorf("%s/%s: token %d writes cells: %q %q", name, profile, tok, plain, sel)
				}
				if profile <= colorprofile.NoTTY && plain+sel != "" {
					t.Errorf("%s/%s: token %d has escapes: %q", name, profile, tok, plain)
				}
				if profile == colorprofile.ASCII && (strings.Contains(plain+sel, "3") || strings.Contains(plain+sel, "4")) {
					t.Errorf("%s/%s: token %d has colours: %q %q", name, profile, tok, plain, sel)
				}
				if profile >= colorprofile.ASCII && plain == sel && tok != Alarm {
					t.Errorf("%s/%s: the selection does not show on token %d: %q", name, profile, tok, plain)
				}
			}
		}
	}
}

func TestUnknownNameListsTheKnown(t *testing.T) {
	_, err := Named("nope", colorprofile.TrueColor)
	if err == nil || !strings.Contains(err.Error(), "dusk") || !strings.Contains(err.Error(), `"nope"`) {
		t.Errorf("got %v", err)
	}
}

func TestDefaultFollowsTheGround(t *testing.T) {
	for _, dark := range []bool{true, false} {
		if th := Default(dark, colorprofile.TrueColor); th.Dark != dark {
			t.Errorf("Default(%v) is %s", dark, th.Name)
		}
	}
}

func TestReadmeNamesEveryThemeAndColour(t *testing.T) {
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(b), "\n## Themes\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, name := range append(Builtin(), tokenNames()[:13]...) {
		if !strings.Contains(section, name) {
			t.Errorf("the README does not tell of %s", name)
		}
	}
}
