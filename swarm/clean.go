package swarm

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text of a stranger fit to be shown: valid UTF-8 on one line, no
// control characters (C0, C1, escape sequences lose their lead and stay as
// text), no format, bidirectional, zero-width, private or unassigned ones, at most one combining
// mark on a letter, at most cells columns wide and 4×cells bytes long. What is cut
// ends in "…". Clean of a cleaned text is that text.
//
// Wide is taken generously: from U+1100 on, a character counts as two columns.
func Clean(s string, cells int) string {
	if cells <= 0 {
		return ""
	}
	if isPlain(s) && len(s) <= cells {
		return s
	}
	var b strings.Builder
	width, cut := 0, 0
	marks := 1 // a mark needs a letter before it
	space := true
	for _, r := range s {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || unicode.Is(unicode.Zs, r):
			if space {
				continue
			}
			r = ' '
		case r == utf8.RuneError, !unicode.IsPrint(r), invisible(r):
			continue
		}
		w := 1
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc):
			if marks > 0 {
				continue
			}
			marks++
			if !unicode.Is(unicode.Mc, r) {
				w = 0
			}
		default:
			marks = 0
			if r >= 0x1100 && r != '…' && r != '–' {
				w = 2
			}
		}
		space = r == ' '
		if space {
			marks = 1
		}
		if width+w > cells || b.Len()+utf8.RuneLen(r) > 4*cells {
			out := b.String()[:cut]
			return strings.TrimRight(out, " ") + "…"
		}
		b.WriteRune(r)
		width += w
		if width < cells && b.Len() <= 4*cells-len("…") {
			cut = b.Len()
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// isPlain tells whether s is printable ASCII without runs of spaces.
func isPlain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// invisible tells of printable code points that draw nothing or change how
// their neighbours are drawn: variation selectors, fillers, tags.
func invisible(r rune) bool {
	return unicode.Is(unicode.Variation_Selector, r) ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}
