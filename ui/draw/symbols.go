package draw

import (
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Symbols are the characters that a terminal can show. Everything is drawn with
// Braille; [Symbols.Text] says it in the others.
type Symbols uint8

// The symbols, from the most to the least.
const (
	Braille Symbols = iota // graphs in braille: eight points a cell
	Blocks                 // graphs in blocks
	ASCII                  // nothing but ASCII: borders, bars, strips and signs too
)

var symbolNames = [...]string{"braille", "block", "ascii"}

// SymbolsNamed returns the symbols that a name stands for.
func SymbolsNamed(name string) (Symbols, error) {
	for i, n := range symbolNames {
		if n == name {
			return Symbols(i), nil
		}
	}
	return 0, fmt.Errorf("symbols %q: there are %s", name, strings.Join(symbolNames[:], ", "))
}

// SymbolsOf returns what the terminal of an environment can show: ASCII on the Linux
// console and where the locale names an encoding other than UTF-8.
func SymbolsOf(getenv func(string) string) Symbols {
	if getenv("TERM") == "linux" {
		return ASCII
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // the first that is set counts (POSIX)
		if locale := getenv(name); locale != "" {
			folded := strings.ReplaceAll(strings.ToLower(locale), "-", "")
			if !strings.Contains(folded, "utf8") {
				return ASCII
			}
			break
		}
	}
	return Braille
}

// Text returns drawn text, escape sequences and all, in these symbols. It takes the
// same cells.
func (s Symbols) Text(text string) string {
	if s == Braille {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for text != "" {
		n := 0
		for n < len(text) && text[n] < utf8.RuneSelf {
			n++
		}
		b.WriteString(text[:n])
		if n == len(text) {
			break
		}
		r, size := utf8.DecodeRuneInString(text[n:])
		plain, known := s.plain(r)
		if !known || s.joined(text[n+size:]) {
			plain, size = s.foreign(text, n)
		}
		b.WriteString(plain)
		text = text[n+size:]
	}
	return b.String()
}

// joined tells whether text begins with what may belong to the character before it.
func (s Symbols) joined(text string) bool {
	if text == "" || text[0] < utf8.RuneSelf {
		return false
	}
	r, _ := utf8.DecodeRuneInString(text)
	_, known := s.plain(r)
	return !known
}

// foreign returns what stands for the character of another's text that begins at n, or
// joins the one before it, and how many bytes that has from n on.
func (s Symbols) foreign(text string, n int) (plain string, size int) {
	if n > 0 && text[n-1] >= ' ' {
		if cluster, width := ansi.FirstGraphemeCluster(text[n-1:], ansi.GraphemeWidth); len(cluster) > 1 {
			return s.cells(cluster[1:], width-1), len(cluster) - 1
		}
	}
	cluster, width := ansi.FirstGraphemeCluster(text[n:], ansi.GraphemeWidth)
	return s.cells(cluster, width), len(cluster)
}

func (s Symbols) cells(cluster string, width int) string {
	if s == ASCII {
		return strings.Repeat("?", max(width, 0))
	}
	return cluster
}

// plain returns what stands for a character of our own drawings.
func (s Symbols) plain(r rune) (string, bool) {
	switch {
	case r >= 0x2800 && r <= 0x28ff:
		return s.dots(byte(r - 0x2800)), true
	case s == Blocks:
		return "", false
	case r >= '▁' && r <= '█':
		return asciiLevels[r-'▁'+1 : r-'▁'+2], true
	}
	i := strings.IndexRune(drawn, r)
	if i < 0 {
		return "", false
	}
	at := utf8.RuneCountInString(drawn[:i])
	return asciiDrawn[at : at+1], true
}

// What is drawn, and the ASCII that stands for it, one for one.
const (
	asciiLevels = " _.-=+*%#"
	drawn       = "╭╮╰╯─│┏┓┗┛━┃╸╺╍┄├┤┬┴┼└┘┌┐▌▐▀▔▖▗▘▝░▒▓" + "✓✗✕●○◆◇■□▪▲▼▸▾▴◂▶◀⚠•" + "–—…·×≈≥≤±÷−↓↑→←↗↘“”‘’„▏µ°"
	asciiDrawn  = "++++-|++++=|---_+++++" + "++++" + "||\"\"..''.:%" + "+xx*o*o#o.^v>v^<><!*" + "--~.x~><+/-v^></\\\"\"''\"|uo"
)

// dots says a cell of braille in blocks, or in ASCII, by how many of its dots are set. In
// blocks it hangs from the top when its lowest dots are not set.
func (s Symbols) dots(cell byte) string {
	n := bits.OnesCount8(cell)
	const lowest = 0xc0 // dots 7 and 8
	switch {
	case s == ASCII:
		return asciiLevels[n : n+1]
	case n == 0:
		return " "
	case cell&lowest != 0:
		return Level(float64(n-1) / 8)
	case n <= 2:
		return "▔"
	}
	return "▀"
}
