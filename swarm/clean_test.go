package swarm_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"swarmtop/swarm"
)

func TestCleanKeepsWhatIsFitAndDropsWhatIsNot(t *testing.T) {
	for _, c := range []struct {
		name, in string
		cells    int
		want     string
	}{
		{"plain", "qBittorrent/4.6", 40, "qBittorrent/4.6"},
		{"empty", "", 40, ""},
		{"no room", "x", 0, ""},
		{"less than no room", "x", -1, ""},
		{"letters of other scripts", "Ünï ☃ 日本", 40, "Ünï ☃ 日本"},
		{"escape sequence", "\x1b[31mred\x1b[0m", 40, "[31mred[0m"},
		{"C1 as UTF-8", "a\u009b31mb", 40, "a31mb"},
		{"C1 as a byte", "a\x9b31mb", 40, "a31mb"},
		{"NUL and DEL", "a\x00b\x7fc", 40, "abc"},
		{"bidirectional override", "evil\u202egnp.exe", 40, "evilgnp.exe"},
		{"isolates and marks", "\u2066a\u2069\u200eb\u061cc", 40, "abc"},
		{"zero width", "a\u200bb\u200cc\u200dd\ufeffe\u2060f", 40, "abcdef"},
		{"tags", "a\U000e0041\U000e007fb", 40, "ab"},
		{"variation selectors", "a\ufe0fb\U000e0100c", 40, "abc"},
		{"fillers", "a\u3164b\u115fc\uffa0d", 40, "abcd"},
		{"private use", "a\ue000b\U000f0000c", 40, "abc"},
		{"unassigned", "a\U000effffb", 40, "ab"},
		{"invalid UTF-8", "a\xff\xfeb", 40, "ab"},
		{"surrogate", "a\xed\xa0\x80b", 40, "ab"},
		{"white space", " a\t\n b\r\n\u00a0\u2003\u3000c\u2028d\u0085e\u2800 ", 40, "a b c d e"},
		{"one mark stays", "e\u0301", 40, "e\u0301"},
		{"stacked marks", "e\u0301\u0302\u0303\u0304x", 40, "e\u0301x"},
		{"mark without a letter", "\u0301a \u0301b", 40, "a b"},
		{"exactly as wide", "abcd", 4, "abcd"},
		{"cut", "abcde", 4, "abc…"},
		{"cut to one", "abcde", 1, "…"},
		{"cut before a gap", "abc de", 5, "abc…"},
		{"blank at the end is no reason to cut", "abcd   ", 4, "abcd"},
		{"wide", "日本語", 6, "日本語"},
		{"wide cut", "日本語", 5, "日本…"},
		{"wide in one column", "日", 1, "…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := swarm.Clean(c.in, c.cells); got != c.want {
				t.Errorf("Clean(%q, %d) = %q, want %q", c.in, c.cells, got, c.want)
			}
		})
	}
}

func TestCleanOfPlainTextAllocatesNothing(t *testing.T) {
	const s = "Transmission 4.0.5 (x86_64)"
	if n := testing.AllocsPerRun(100, func() { swarm.Clean(s, 40) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// checkClean holds what Clean promises of every text.
func checkClean(t interface{ Errorf(string, ...any) }, in string, cells int) {
	out := swarm.Clean(in, cells)
	if again := swarm.Clean(out, cells); again != out {
		t.Errorf("Clean(%q, %d) = %q, and cleaned again %q", in, cells, out, again)
	}
	if len(out) > max(0, 4*cells) {
		t.Errorf("Clean(%q, %d) has %d bytes", in, cells, len(out))
	}
	if !utf8.ValidString(out) {
		t.Errorf("Clean(%q, %d) = %q, not valid UTF-8", in, cells, out)
	}
	if strings.TrimSpace(out) != out || strings.Contains(out, "  ") {
		t.Errorf("Clean(%q, %d) = %q has spaces too many", in, cells, out)
	}
	columns, marked := 0, true
	for _, r := range out {
		switch {
		case !unicode.IsPrint(r), unicode.In(r, unicode.C, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			t.Errorf("Clean(%q, %d) = %q has %U", in, cells, out, r)
		case unicode.Is(unicode.M, r) && marked:
			t.Errorf("Clean(%q, %d) = %q has a mark too many", in, cells, out)
		}
		marked = r == ' ' || unicode.Is(unicode.M, r)
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			columns++ // at least
		}
	}
	if columns > max(0, cells) {
		t.Errorf("Clean(%q, %d) = %q has %d columns", in, cells, out, columns)
	}
}

func TestCleanHoldsItsPromises(t *testing.T) {
	runes := rapid.OneOf(
		rapid.Rune(),
		rapid.RuneFrom(nil, unicode.M, unicode.C, unicode.Z, unicode.Other_Default_Ignorable_Code_Point),
		rapid.RuneFrom([]rune("ab …日")),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.StringOf(runes),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		).Draw(t, "text")
		checkClean(t, text, rapid.IntRange(-1, 40).Draw(t, "cells"))
	})
}

func FuzzClean(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string, cells int) { checkClean(t, s, cells%1000) })
}
