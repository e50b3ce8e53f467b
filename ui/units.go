package ui

import (
	"fmt"
	"math"

	"swarmtop/swarm"
	"swarmtop/ui/draw"
)

// rate writes bytes a second, always in the same number of cells.
func rate(bytes int64) string { return fmt.Sprintf("%10s", draw.Bytes(bytes)+"/s") }

// share writes a share of 0 to 1 in percent, always in the same number of cells.
func share(o swarm.Opt[float64]) string {
	text := draw.Unknown
	if v, ok := o.Get(); ok {
		text = draw.Percent(v)
	}
	return fmt.Sprintf("%*s", draw.PercentWidth, text)
}

// tenths writes distributed copies with one decimal, rounded down: 0.99 copies are not one.
func tenths(v float64) string { return fmt.Sprintf("%.1f", math.Floor(v*10+1e-9)/10) }

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
