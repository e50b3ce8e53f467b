package paint_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"
	"testing"

	"swarmtop/screenshots/internal/paint"
)

var (
	ink    = color.RGBA{0xD0, 0xD0, 0xD0, 0xFF}
	ground = color.RGBA{0x10, 0x10, 0x10, 0xFF}
	orange = color.RGBA{0xFF, 0x78, 0x00, 0xFF}
)

func read(text string, columns, rows int) *paint.Screen {
	return paint.Read(text, columns, rows, paint.Palette{Fg: ink, Bg: ground})
}

func draw(t *testing.T, s *paint.Screen) *image.Paletted {
	t.Helper()
	f, err := paint.LoadFonts("", 1)
	if err != nil {
		t.Fatal(err)
	}
	return f.Draw(s)
}

func TestCellsHaveTheColoursThatATerminalShows(t *testing.T) {
	const lead = "\x1b[38;2;255;120;0m"
	tests := []struct {
		text   string
		fg, bg color.RGBA
	}{
		{"x", ink, ground},
		{lead + "x", orange, ground},
		{lead + "\x1b[7mx", ground, orange},
		{"\x1b[48;2;255;120;0mx", ink, orange},
		{"\x1b[2mx", color.RGBA{0x88, 0x88, 0x88, 0xFF}, ground},
		{lead + "\x1b[0mx", ink, ground},
	}
	for _, tt := range tests {
		c := read(tt.text, 3, 1).Cells[0]
		if c.Text != "x" || c.Fg != tt.fg || c.Bg != tt.bg {
			t.Errorf("%q shows %+v, want %v on %v", tt.text, c, tt.fg, tt.bg)
		}
	}
}

func TestABareLineFeedBeginsAtTheLeft(t *testing.T) {
	s := read("ab\ncd\n", 2, 2)
	var got strings.Builder
	for _, c := range s.Cells {
		got.WriteString(c.Text)
	}
	if got.String() != "abcd" {
		t.Errorf("cells hold %q, want abcd", got.String())
	}
}

func TestDigestTellsScreensApart(t *testing.T) {
	screens := map[string]string{}
	for _, text := range []string{"ab", "ac", "\x1b[1mab", "\x1b[31mab", "\x1b[4mab", "\x1b[3mab", "\x1b[9mab", "世"} {
		d := read(text, 4, 2).Digest()
		if other, ok := screens[d]; ok {
			t.Errorf("%q and %q have one digest", text, other)
		}
		screens[d] = text
	}
	if read("ab", 4, 2).Digest() != read("ab  ", 4, 2).Digest() {
		t.Error("the same cells have two digests")
	}
}

func TestAPictureCarriesTheDigestOfItsScreen(t *testing.T) {
	s := read("hello", 8, 2)
	b, err := paint.Encode(draw(t, s), s.Digest())
	if err != nil {
		t.Fatal(err)
	}
	if m, err := png.Decode(bytes.NewReader(b)); err != nil || m.Bounds().Dx() != 8*9+16 || m.Bounds().Dy() != 2*20+16 {
		t.Errorf("the picture cannot be read, or has a wrong size: %v", err)
	}
	if got, err := paint.DigestOf(b); err != nil || got != s.Digest() {
		t.Errorf("DigestOf = %q, %v, want %q", got, err, s.Digest())
	}
	for n := range b[:100] {
		if d, err := paint.DigestOf(b[:n]); err == nil {
			t.Errorf("the first %d bytes have the digest %q", n, d)
		}
	}
}

func TestManyColoursStayExact(t *testing.T) {
	var text strings.Builder
	for i := range 90 { // more than any theme has
		text.WriteString("\x1b[38;5;" + strconv.Itoa(i+100) + "mQ\u2588")
	}
	s := read(text.String(), 180, 1)
	m := draw(t, s)
	if n := len(m.Palette); n > 256 {
		t.Errorf("the palette has %d colours", n)
	}
	for i, c := range s.Cells {
		if got := m.At(8+9*i+4, 8+10); c.Text == "\u2588" && got != color.Color(c.Fg) {
			t.Errorf("cell %d is %v, want %v", i, got, c.Fg)
		}
	}
}

// TestLinesMeet looks at where cells touch: an arm of a character must cover the
// same pixels of the edge as the straight line that it continues, and nothing
// may touch an edge to which it has no arm.
func TestLinesMeet(t *testing.T) {
	straight := map[byte]string{'0': "  ", '1': "─│", '2': "━┃"}
	tests := map[string]string{ // left, right, up, down
		"╭": "0101", "╮": "1001", "╰": "0110", "╯": "1010",
		"┌": "0101", "┤": "1011", "┼": "1111", "┏": "0202", "╋": "2222",
		"╸": "2000", "╺": "0200", "╾": "2100", "┯": "2201", "╀": "1121", "┄": "1-00",
	}
	for char, arms := range tests {
		m := draw(t, read(char, 1, 1))
		for side := range 4 {
			if arms[side] == '-' {
				continue // a dashed line ends in a gap
			}
			line := string([]rune(straight[arms[side]])[side/2])
			want := edge(draw(t, read(line, 1, 1)), side)
			if got := edge(m, side); got != want {
				t.Errorf("%s meets %q at side %d with\n%s, want\n%s", char, line, side, got, want)
			}
		}
	}
}

// edge returns the pixels of the cell's left, right, upper or lower edge.
func edge(m image.Image, side int) string {
	const margin, w, h = 8, 9, 20
	var b strings.Builder
	n := h
	if side >= 2 {
		n = w
	}
	for i := range n {
		at := [...]image.Point{{0, i}, {w - 1, i}, {i, 0}, {i, h - 1}}[side].Add(image.Pt(margin, margin))
		if m.At(at.X, at.Y) == color.Color(ink) {
			b.WriteByte('#')
		} else {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func TestEachBrailleBitIsADotOfItsOwn(t *testing.T) {
	places := map[image.Point]rune{}
	for bit := range 8 {
		pattern := rune(0x2800 + 1<<bit)
		m := draw(t, read(string(pattern), 1, 1))
		var sum, n image.Point
		for y := range m.Bounds().Dy() {
			for x := range m.Bounds().Dx() {
				if m.At(x, y) != color.Color(ground) {
					sum, n = sum.Add(image.Pt(x, y)), n.Add(image.Pt(1, 1))
				}
			}
		}
		if n.X == 0 {
			t.Fatalf("%c draws nothing", pattern)
		}
		at := image.Pt(sum.X/n.X, sum.Y/n.X)
		if other, ok := places[at]; ok {
			t.Errorf("%c and %c have one place", pattern, other)
		}
		places[at] = pattern
	}
}

func TestACharacterThatNoFontHasIsABox(t *testing.T) {
	blank := draw(t, read(" ", 1, 1)).Bounds()
	m := draw(t, read("\U0001F9FF", 2, 1))
	if m.Bounds() == blank || len(m.Palette) < 2 {
		t.Error("nothing is drawn")
	}
}
