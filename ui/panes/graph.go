package panes

import (
	"time"

	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// Graph draws the total rates of the last minutes in v's rectangle, framed: what
// comes above a line, what goes below it. What was not measured leaves a gap.
func Graph(v View) []string {
	var p draw.Page
	h := &v.Snapshot.History
	p.Reset(v.Theme, v.Width, v.Height)
	points := min(2*max(v.Width-4, 0), len(h.Down), len(h.Up))
	down, up := h.Down[len(h.Down)-points:], h.Up[len(h.Up)-points:]
	top := scale(down, up)
	t := &v.Snapshot.Totals
	p.Begin(draw.Frame{
		Title: "Rates", Note: "↓ " + draw.Bytes(t.DownRate) + "/s above · ↑ " + draw.Bytes(t.UpRate) + "/s below",
		Focused: v.Focused,
	})
	if points == 0 {
		say(&p, "No rates yet.", "A point is added each second.")
		return p.Lines()
	}
	span := time.Duration(2*max(v.Width-4, 0)) * h.Step
	p.Foot("last " + draw.Age(span) + " · full height " + draw.Bytes(top) + "/s")
	p.Mirror(down, up, theme.Down, theme.Up, top, p.LinesLeft(), 1)
	return p.Lines()
}

// scale returns the least of 1, 1.5, 2, 3, 4, 6 … KiB/s that no rate exceeds: it
// changes seldom, and its label is short.
func scale(series ...[]int64) int64 {
	top := int64(1 << 10)
	for _, s := range series {
		for _, n := range s {
			for n > top && top < 1<<60 {
				if top&(top-1) == 0 {
					top += top / 2
				} else {
					top += top / 3
				}
			}
		}
	}
	return top
}
