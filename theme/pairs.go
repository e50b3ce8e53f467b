package theme

import "image/color"

// Pair is SGR for a cell of two halves, such as ▀: what is drawn has the heat of upper,
// the ground that of lower, both from 0 to HeatLevels−1. It is empty where the theme
// tells nothing by hue.
func (t *Theme) Pair(upper, lower int) string { return t.pairs[upper][lower] }

func (t *Theme) compilePairs() {
	if !t.Colored() {
		return
	}
	heat := func(level int) color.Color { return t.Color(Heat0 + Token(level)) }
	for u := range t.pairs {
		for l := range t.pairs[u] {
			t.pairs[u][l] = sgr("", heat(u), heat(l))
		}
	}
}
