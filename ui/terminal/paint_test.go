package terminal_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"pgregory.net/rapid"

	"swarmtop/ui/terminal"
)

// emulator is a terminal whose cells a test reads.
type emulator struct {
	*vt.Emulator
	total int
}

func (e *emulator) Write(p []byte) (int, error) {
	e.total += len(p)
	return e.Emulator.Write(p)
}

// newEmulator returns one whose answers nobody reads.
func newEmulator(t testing.TB, width, height int) *emulator {
	e := &emulator{Emulator: vt.NewEmulator(width, height)}
	var answers sync.WaitGroup
	answers.Go(func() { io.Copy(io.Discard, e.Emulator) })
	t.Cleanup(func() {
		e.InputPipe().(io.Closer).Close()
		answers.Wait()
	})
	return e
}

// cells tells every cell of the screen, its glyph, colours and link.
func (e *emulator) cells() string {
	var b strings.Builder
	for y := range e.Height() {
		for x := range e.Width() {
			if c := e.CellAt(x, y); c != nil {
				fmt.Fprintf(&b, "%q %v %v|", c.Content, c.Style.String(), c.Link.URL)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// pictures are drawn of lines that differ in few cells, as those of a screen do.
func pictures(t *rapid.T, width, height int) []string {
	pieces := []string{
		"a", "bc", "12.5", " ", "   ", "│", "━╸", "⣿", "▄", "✓", "–", "é", "↓", "×", "…", "▌",
		"文", "👩‍👩‍👧", "é", "✔️", "ﷺ",
		"\x1b[m", "\x1b[0m", "\x1b[0;1;31m", "\x1b[0;38;2;10;20;30m", "\x1b[7m", "\x1b[0;48;5;20m",
		ansi.SetHyperlink("http://a.example/", "id=a"), ansi.ResetHyperlink(),
	}
	line := rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.SampledFrom(pieces), 0, width).Draw(t, "parts")
		return ansi.Truncate(strings.Join(parts, ""), width, "")
	})
	lines := rapid.SliceOfN(line, 2, 6).Draw(t, "lines")
	all := make([]string, rapid.IntRange(2, 6).Draw(t, "pictures"))
	for i := range all {
		all[i] = strings.Join(rapid.SliceOfN(rapid.SampledFrom(lines), 0, height).Draw(t, "picture"), "\n")
	}
	return all
}

// TestAChangeMakesTheSamePictureAsDrawingItAnew holds for glyphs of every width, any
// colours and links.
func TestAChangeMakesTheSamePictureAsDrawingItAnew(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		width, height := rapid.IntRange(1, 30).Draw(rt, "width"), rapid.IntRange(1, 6).Draw(rt, "height")
		changed := newEmulator(t, width, height)
		s := terminal.New(nil, changed, width, height, nil)
		if err := s.Enter(); err != nil {
			rt.Fatal(err)
		}
		for _, p := range pictures(rt, width, height) {
			s.Show(tea.View{Content: p})
			s.Flush()
			anew := newEmulator(t, width, height)
			other := terminal.New(nil, anew, width, height, nil)
			if err := other.Enter(); err != nil {
				rt.Fatal(err)
			}
			other.Show(tea.View{Content: p})
			other.Flush()
			if is, want := changed.cells(), anew.cells(); is != want {
				rt.Fatalf("picture %q is\n%s, want\n%s", p, is, want)
			}
			if is, want := strings.Split(ansi.Strip(p), "\n"), strings.Split(anew.String(), "\n"); narrow(p) {
				for y, line := range is {
					if strings.TrimRight(want[y], " ") != strings.TrimRight(line, " ") {
						rt.Fatalf("line %d of %q is %q", y, p, want[y])
					}
				}
			}
		}
	})
}

// TestAWindowThatShrinksShowsTheNextPictureWhole shows it the picture of the wider
// window first, as happens when the terminal is faster than the one who draws.
func TestAWindowThatShrinksShowsTheNextPictureWhole(t *testing.T) {
	for _, edge := range []string{"│", "文"} {
		e := newEmulator(t, 12, 2)
		s := terminal.New(nil, e, 12, 2, nil)
		if err := s.Enter(); err != nil {
			t.Fatal(err)
		}
		show := func(content string) {
			s.Show(tea.View{Content: content})
			s.Flush()
		}
		show("abcde" + edge + "ghij│")
		e.Resize(6, 2)
		s.Resized(6, 2)
		s.Flush()
		show("abcde│")
		if is := strings.TrimSpace(e.String()); is != "abcde│" {
			t.Errorf("after a picture with %s the window shows %q", edge, is)
		}
	}
}

// narrow tells whether all of a picture is one cell a character.
func narrow(picture string) bool {
	for _, r := range ansi.Strip(picture) {
		if r != '\n' && !terminal.Narrow(r) {
			return false
		}
	}
	return true
}

// TestNarrowGlyphsAreOneCellAndNeverJoin holds it of each pair of them.
func TestNarrowGlyphsAreOneCellAndNeverJoin(t *testing.T) {
	var all []rune
	for r := range rune(0x3000) {
		if terminal.Narrow(r) {
			all = append(all, r)
		}
	}
	for _, a := range all {
		for _, b := range []rune{'a', '│', '⣿', '↓', a} {
			if text := string([]rune{a, b}); ansi.StringWidth(text) != 2 || ansi.StringWidthWc(text) != 2 {
				t.Errorf("%q (%U %U) is %d cells wide", text, a, b, ansi.StringWidth(text))
			}
		}
	}
}

func TestASmallChangeCostsFewBytes(t *testing.T) {
	e := newEmulator(t, 200, 60)
	s := terminal.New(nil, e, 200, 60, nil)
	if err := s.Enter(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.Repeat(strings.Repeat("│x", 100)+"\n", 59), "\n")
	show := func(content string) int {
		before := e.total
		s.Show(tea.View{Content: content})
		s.Flush()
		return e.total - before
	}
	show(strings.Join(lines, "\n"))
	lines[30] = strings.Repeat("│x", 50) + "42" + strings.Repeat("│x", 49)
	if n := show(strings.Join(lines, "\n")); n == 0 || n > 20 {
		t.Errorf("two other cells cost %d bytes, want at most 20", n)
	}
	if n := show(strings.Join(lines, "\n")); n != 0 {
		t.Errorf("the same picture costs %d bytes", n)
	}
}

// TestAPictureIsPaintedWithoutAllocations holds it of pictures whose colours have been seen.
func TestAPictureIsPaintedWithoutAllocations(t *testing.T) {
	s := terminal.New(nil, io.Discard, 200, 60, nil)
	if err := s.Enter(); err != nil {
		t.Fatal(err)
	}
	views := busy()
	n := 0
	if allocs := testing.AllocsPerRun(20, func() {
		s.Show(views[n%2])
		s.Flush()
		n++
	}); allocs > 0 {
		t.Errorf("a picture is painted with %.0f allocations", allocs)
	}
}

// busy returns two pictures of 200×60 that differ in every second line.
func busy() (views [2]tea.View) {
	for i := range views {
		var b strings.Builder
		for y := range 60 {
			for x := range 40 {
				fmt.Fprintf(&b, "\x1b[0;38;2;%d;100;100m%2d.%d│", x%5*40, (x+i*(y%2))%100, y%10)
			}
			b.WriteString("\x1b[m\n")
		}
		views[i].Content = strings.TrimSuffix(b.String(), "\n")
	}
	return views
}

func BenchmarkPaint(b *testing.B) {
	s := terminal.New(nil, io.Discard, 200, 60, nil)
	if err := s.Enter(); err != nil {
		b.Fatal(err)
	}
	views := busy()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Show(views[i%2])
		s.Flush()
	}
}
