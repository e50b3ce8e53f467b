package panes

import (
	"slices"
	"time"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// Spans are the stretches of time that the graph can show, the first one at start.
func Spans() []time.Duration {
	return []time.Duration{5 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, time.Minute}
}

// Graph draws the total rates of the last minutes or hours in v's rectangle,
// framed: what comes above a line, what goes below it. What was not measured
// leaves a gap.
func Graph(v View) []string {
	var p draw.Page
	p.Reset(v.Theme, v.Width, v.Height)
	span := v.Span
	if span == 0 {
		span = Spans()[0]
	}
	h := historyOf(v.Snapshot, span)
	points := 2 * max(v.Width-4, 0)
	g, last := grainOf(span, h.Step, points), int64(0)
	if h.Step > 0 {
		last = v.Snapshot.At.UnixNano()/int64(h.Step) - 1
	}
	down, up := g.stretch(h.Down, last, points), g.stretch(h.Up, last, points)
	top := scale(down, up)
	t := &v.Snapshot.Totals
	p.Begin(draw.Frame{
		Title: "Rates", Note: "↓ " + draw.Bytes(t.DownRate) + "/s above · ↑ " + draw.Bytes(t.UpRate) + "/s below",
		Focused: v.Focused,
	})
	if len(h.Down) == 0 {
		say(&p, "No rates yet.", "A point is added each second.")
		return p.Lines()
	}
	p.Foot("last " + draw.Age(g.shown(h.Step, points)) + " · full height " + draw.Bytes(top) + "/s")
	p.Mirror(down, up, theme.Down, theme.Up, top, p.LinesLeft(), 1)
	return p.Lines()
}

// historyOf returns the finest history that reaches back so far, else the one that
// reaches back farthest.
func historyOf(s *swarm.Snapshot, span time.Duration) swarm.History {
	best := s.History
	for _, h := range s.LongHistory {
		if reach(best) < span && reach(h) > reach(best) {
			best = h
		}
	}
	return best
}

func reach(h swarm.History) time.Duration { return h.Step * time.Duration(min(len(h.Down), len(h.Up))) }

// grain says how a span is drawn on so many points: each stands for some whole
// steps, or each step takes some whole points, so that the picture moves without
// changing its shape.
type grain struct{ steps, points int }

func grainOf(span, step time.Duration, points int) grain {
	if step <= 0 || points <= 0 {
		return grain{1, 1}
	}
	wanted := int((span + step - 1) / step)
	if wanted >= points {
		return grain{(wanted + points - 1) / points, 1}
	}
	return grain{1, points / max(wanted, 1)}
}

// shown is the span that so many points show.
func (g grain) shown(step time.Duration, points int) time.Duration {
	return step * time.Duration(points*g.steps/g.points)
}

// stretch draws the end of a series on so many points: the mean of what was
// measured in each, −1 where nothing was. last is the number of the newest step,
// counted from some fixed moment.
func (g grain) stretch(series []int64, last int64, points int) []int64 {
	out := slices.Repeat([]int64{-1}, points)
	end := len(series)
	for i := points - 1; i >= 0 && end > 0; i -= g.points {
		begin := end - g.steps
		if i == points-1 { // the newest group may not be full yet
			begin = end - 1 - int(last%int64(g.steps))
		}
		var sum, n int64
		for _, v := range series[max(begin, 0):end] {
			if v >= 0 {
				sum, n = sum+v, n+1
			}
		}
		for k := i; n > 0 && k > i-g.points && k >= 0; k-- {
			out[k] = sum / n
		}
		end = begin
	}
	return out
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
