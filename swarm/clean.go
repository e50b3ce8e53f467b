package swarm

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text of a stranger fit to be shown: valid UTF-8 on one line, no
// control characters (C0 and C1; escape sequences lose their lead and stay as
// text), no format, bidirectional, zero-width, private or unassigned ones, at most
// one combining mark on a letter, white space only as single spaces between words,
// at most cells columns wide and 4×cells bytes long. What is cut ends in "…".
// Clean of a cleaned text is that text, for the same cells or more.
//
// Columns are counted generously: nearly every character from U+1100 on as two,
// so that no terminal draws the text wider.
func Clean(s string, cells int) string {
	if cells <= 0 {
		return ""
	}
	if len(s) <= cells && isPlain(s) {
		return s
	}
	cells = min(cells, math.MaxInt/4)
	var b strings.Builder
	width := 0     // columns written
	cut := 0       // bytes written that leave room for "…"
	gap := false   // white space since the last character
	marked := true // the last character can bear no mark (none, a mark, or a space)
	for _, r := range s {
		if isBlank(r) {
			gap, marked = true, true
			continue
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) || isInvisible(r) {
			continue
		}
		mark := unicode.Is(unicode.M, r)
		if mark && marked {
			continue
		}
		marked = mark
		w, size := columns(r), utf8.RuneLen(r)
		if gap = gap && b.Len() > 0; gap {
			w, size = w+1, size+1
		}
		if width+w > cells || b.Len()+size > 4*cells {
			return b.String()[:cut] + "…"
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
		if width += w; width < cells && b.Len() <= 4*cells-len("…") {
			cut = b.Len()
		}
	}
	return b.String()
}

// isPlain tells whether s is printable ASCII with single spaces inside at most.
func isPlain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// isBlank tells of white space of any kind, and of the braille pattern without dots.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Z, r) || r == '\u2800'
}

// isInvisible tells of printable code points that draw nothing or change how
// their neighbours are drawn: variation selectors, fillers, tags.
func isInvisible(r rune) bool {
	return unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// columns returns how many columns a printable character takes at most.
func columns(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r < 0x1100, '\u2010' <= r && r <= '\u2027': // dashes, quotes, the ellipsis
		return 1
	}
	return 2
}
