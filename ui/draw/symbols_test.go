package draw_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"swarmtop/theme"
	"swarmtop/ui/draw"
)

func TestSymbolsFollowTerminalAndLocale(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want draw.Symbols
	}{
		{map[string]string{"TERM": "xterm-256color", "LANG": "en_GB.UTF-8"}, draw.Braille},
		{map[string]string{"TERM": "xterm-256color"}, draw.Braille},
		{map[string]string{"TERM": "xterm", "LANG": "C.utf8"}, draw.Braille},
		{map[string]string{"TERM": "linux", "LANG": "en_GB.UTF-8"}, draw.ASCII},
		{map[string]string{"TERM": "xterm", "LANG": "de_DE.ISO-8859-1"}, draw.ASCII},
		{map[string]string{"TERM": "xterm", "LANG": "en_GB.UTF-8", "LC_ALL": "C"}, draw.ASCII},
		{map[string]string{"TERM": "xterm", "LANG": "C", "LC_CTYPE": "en_GB.UTF-8"}, draw.Braille},
	} {
		if got := draw.SymbolsOf(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v: %v, want %v", c.env, got, c.want)
		}
	}
}

func TestSymbolsAreNamed(t *testing.T) {
	if s, err := draw.SymbolsNamed("block"); s != draw.Blocks || err != nil {
		t.Error(s, err)
	}
	if _, err := draw.SymbolsNamed("emoji"); err == nil || !strings.Contains(err.Error(), "braille, block, ascii") {
		t.Errorf("an unknown name: %v", err)
	}
}

func TestPlainTextTakesTheSameCells(t *testing.T) {
	for in, want := range map[string]string{
		"╭─ 1 Swarms ─╮": "+- 1 Swarms -+", "✓ fine – 12 …": "+ fine - 12 ~", "↓ 1 · ↑ 2 ×": "v 1 . ^ 2 x",
		"▁▂▃▄▅▆▇█": "_.-=+*%#", "文字 é 👍🏽": "???? ? ??", "\x1b[0;31m━╸─\x1b[m": "\x1b[0;31m=--\x1b[m", "⠀⣀⣿": " .#",
	} {
		if got := draw.ASCII.Text(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	if got := draw.Blocks.Text("⣿⣀⠉⠛⠿ ✓ é"); got != "█▂▔▀▀ ✓ é" {
		t.Errorf("in blocks %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, rapid.String().Draw(t, "text"))
		for _, s := range []draw.Symbols{draw.Blocks, draw.ASCII} {
			got := s.Text(text)
			if utf8.ValidString(text) && ansi.StringWidth(got) != ansi.StringWidth(text) {
				t.Fatalf("%q has %d cells, %q has %d", text, ansi.StringWidth(text), got, ansi.StringWidth(got))
			}
			for i := range len(got) {
				if s == draw.ASCII && got[i] >= utf8.RuneSelf {
					t.Fatalf("%q is not ASCII", got)
				}
			}
		}
	})
}

// TestEverySignIsSaidInASCII goes through all that the screen's code has in quotes.
func TestEverySignIsSaidInASCII(t *testing.T) {
	for _, dir := range []string{".", "..", "../panes"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				for _, r := range lit.Value {
					if r >= utf8.RuneSelf && draw.ASCII.Text(string(r)) == "?" {
						t.Errorf("%s: %q of %s has no sign in ASCII", name, r, lit.Value)
					}
				}
				return true
			})
		}
	}
}

// TestGraphsAreReadableInEverySymbol looks at one graph in all of them.
func TestGraphsAreReadableInEverySymbol(t *testing.T) {
	p := page(8, 4)
	p.Mirror([]int64{8, 8, 6, 6, 4, 4, 2, 2, 0, 0, -1, -1, 1, 8}, []int64{8, 8, 6, 6, 4, 4, 2, 2, 0, 0, -1, -1, 1, 8}, theme.Down, theme.Up, 8, 4, 0)
	lines := p.Lines()
	for s, want := range map[draw.Symbols]string{
		draw.Braille: " ⣿⣤    ⢸\n ⣿⣿⣿⣤⣀ ⣸\n ⣿⣿⣿⠛⠉ ⢹\n ⣿⠛    ⢸",
		draw.Blocks:  " █▄    ▄\n ███▄▂ ▅\n ███▀▔ ▅\n █▀    ▄",
		draw.ASCII:   " #=    =\n ###=. +\n ###=. +\n #=    =",
	} {
		if got := s.Text(text(lines)); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
