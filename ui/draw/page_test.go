package draw_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"swarmtop/theme"
	"swarmtop/ui/draw"
)

func dark() *theme.Theme { return theme.Default(true, colorprofile.TrueColor) }

func page(width, height int) *draw.Page {
	p := new(draw.Page)
	p.Reset(dark(), width, height)
	return p
}

func text(lines []string) string { return ansi.Strip(strings.Join(lines, "\n")) }

func TestPageIsARectangleWhateverIsPutOnIt(t *testing.T) {
	p := new(draw.Page)
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(-1, 60).Draw(t, "width"), rapid.IntRange(-1, 12).Draw(t, "height")
		p.Reset(dark(), width, height)
		if rapid.Bool().Draw(t, "framed") {
			p.Begin(draw.Frame{
				Number: rapid.IntRange(0, 9).Draw(t, "number"), Title: rapid.SampledFrom([]string{"", "Swarms", "文字文字"}).Draw(t, "title"),
				Note: rapid.SampledFrom([]string{"", "6 of 12"}).Draw(t, "note"), Focused: rapid.Bool().Draw(t, "focused"),
			})
			p.Scroll(rapid.IntRange(0, 5).Draw(t, "first"), rapid.IntRange(0, 9).Draw(t, "shown"), rapid.IntRange(0, 30).Draw(t, "total"))
			p.Foot("1–4 of 9")
		}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			tok := theme.Token(rapid.IntRange(0, int(theme.Alarm)).Draw(t, "token"))
			n := rapid.IntRange(-2, 70).Draw(t, "n")
			s := rapid.SampledFrom([]string{"", "a", "word and word", "文字文字文字", "👍🏽", "é", strings.Repeat("x", 90)}).Draw(t, "text")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				p.Put(tok, s)
			case 1:
				p.PutRight(tok, s)
			case 2:
				p.Repeat(tok, "━", n)
			case 3:
				p.Skip(n)
			case 4:
				end := p.Cell(n)
				p.Put(tok, s)
				p.PutBytes(tok, int64(n))
				end()
			case 5:
				p.Mark(draw.Selected)
			case 6:
				p.Bar(tok, float64(n)/60)
			case 7:
				p.Spark(tok, []int64{1, 0, -1, int64(n)}, 1)
			case 8:
				p.Mirror([]int64{1, -1, 5}, []int64{0, 2, -1}, tok, tok, 4, 3, 1)
			default:
				p.Next()
			}
		}
		lines := p.Lines()
		if len(lines) != max(height, 0) {
			t.Fatalf("%d lines, want %d", len(lines), height)
		}
		for i, l := range lines {
			if w := ansi.StringWidth(l); w != max(width, 0) {
				t.Fatalf("line %d has %d cells, want %d: %q", i, w, width, l)
			}
		}
	})
}

func TestFocusIsToldByShape(t *testing.T) {
	p := page(24, 3)
	p.Begin(draw.Frame{Number: 1, Title: "Swarms", Note: "6 of 12"})
	if got, want := text(p.Lines()), "╭─ 1 Swarms ─ 6 of 12 ─╮\n│                      │\n╰──────────────────────╯"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	p = page(24, 3)
	p.Begin(draw.Frame{Number: 1, Title: "Swarms", Focused: true, Foot: "1–4 of 9"})
	if got, want := text(p.Lines()), "┏━ 1 Swarms ━━━━━━━━━━━┓\n┃                      ┃\n┗━━━━━━━━━━━ 1–4 of 9 ━┛"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSelectedRowKeepsItsGroundToTheEnd(t *testing.T) {
	p := page(12, 1)
	p.Mark(draw.Selected)
	p.Put(theme.Good, "ok")
	line := p.Lines()[0]
	if got := strings.Count(line, dark().Selected(theme.Text)); got == 0 {
		t.Errorf("the cells after the text have no ground: %q", line)
	}
	if strings.Contains(line, dark().SGR(theme.Good)) {
		t.Errorf("the text ends the ground of the row: %q", line)
	}
	if !strings.HasSuffix(line, theme.Reset) {
		t.Errorf("the line does not reset: %q", line)
	}
}

func TestFigureThatDoesNotFitIsLeftOut(t *testing.T) {
	p := page(5, 1)
	p.PutBytes(theme.Text, 1<<20)
	if got := text(p.Lines()); got != "    …" {
		t.Errorf("got %q", got)
	}
}
