package panes

import (
	"fmt"
	"time"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// Crowd draws how the peers of a swarm came, went and were served, in v's rectangle,
// framed: what leechers lack over what they get, arrivals over departures, and the
// offload. Of v it takes what every drawing has, the time and the span; the crowd may
// be any.
func Crowd(v View, name string, c swarm.Crowd) []string {
	var p draw.Page
	p.Reset(v.Theme, v.Width, v.Height)
	p.Begin(draw.Frame{Title: "Crowd of " + name, Focused: v.Focused})
	now, known := c.Latest()
	if !known {
		say(&p, "Nobody has come yet.", "Once a peer connects, this shows how peers come, are served, and go: a point every few seconds, of the last half hour.")
		return p.Lines()
	}
	graphs := crowdGraphs(c, now)
	for len(graphs) > 0 && p.LinesLeft()-2 < 3*len(graphs) {
		graphs = graphs[:len(graphs)-1]
	}
	p.Skip(1)
	p.Put(theme.Text, crowdNow(now))
	p.Next()
	points := 2 * max(v.Width-4, 0)
	span := v.Span
	if span == 0 {
		span = Spans()[0]
	}
	if c.Span > 0 {
		span = min(span, c.Span)
	}
	g := grainOf(span, c.Step, points)
	last := v.Snapshot.At.UnixNano()/int64(max(c.Step, 1)) - 1
	for i, graph := range graphs {
		rows := p.LinesLeft() - 1
		if rest := len(graphs) - i; rest > 1 {
			rows = (p.LinesLeft()-1)/rest - 1
		}
		if roomy := rows > 4; roomy {
			p.Next()
			rows--
		}
		graph.draw(&p, g, last, points, max(rows, 1))
	}
	p.Foot("last " + draw.Age(g.shown(c.Step, points)))
	return p.Lines()
}

// crowdNow says how things stand.
func crowdNow(p swarm.CrowdPoint) string {
	text := plural(p.Leechers, "leecher") + ", " + plural(p.Seeds, "seed")
	if p.Leechers == 0 {
		return text + " · nothing is needed"
	}
	text += " · " + draw.Bytes(p.Needed) + " still needed · we give " + draw.Bytes(p.Ours) + "/s, others " + draw.Bytes(p.Others) + "/s"
	if rate := p.Ours + p.Others; rate > 0 {
		return text + " · at this rate " + draw.Age(time.Duration(float64(p.Needed)/float64(rate)*float64(time.Second)))
	}
	return text + " · nothing moves"
}

// crowdGraph is one of the graphs of a crowd: a series that rises and, unless it is
// nil, one that hangs below it, each on a scale of its own.
type crowdGraph struct {
	title, short string // the short one where there is no room for the other
	note         string
	up, down     []int64 // −1 where nothing was measured
	upTok, dnTok theme.Token
}

// fine is what series are scaled to.
const fine = 1 << 20

// crowdGraphs makes the graphs, the dearest first.
func crowdGraphs(c swarm.Crowd, now swarm.CrowdPoint) []crowdGraph {
	series := func(value func(p *swarm.CrowdPoint) float64) (all []float64, top float64) {
		all = make([]float64, len(c.Points))
		for i := range c.Points {
			if all[i] = -1; !c.Points[i].Missing {
				all[i] = value(&c.Points[i])
			}
			top = max(top, all[i])
		}
		return all, top
	}
	came, mostCame := series(func(p *swarm.CrowdPoint) float64 { return float64(p.Arrived) })
	left, mostLeft := series(func(p *swarm.CrowdPoint) float64 { return float64(p.Left) })
	need, mostNeed := series(func(p *swarm.CrowdPoint) float64 { return float64(p.Needed) })
	served, mostServed := series(func(p *swarm.CrowdPoint) float64 { return float64(p.Ours + p.Others) })
	offload, _ := series(func(p *swarm.CrowdPoint) float64 { return p.Offload.Or(-1) })
	most := max(mostCame, mostLeft, 1)
	step := draw.Age(c.Step)
	spared := draw.Unknown
	if share, ok := now.Offload.Get(); ok {
		spared = draw.Percent(share)
	}
	full := scale([]int64{int64(mostNeed)})
	fast := scale([]int64{int64(mostServed)})
	return []crowdGraph{
		{"Demand above, bytes that leechers lack · served below, ours and others'", "Needed above · served below",
			"full height " + draw.Bytes(full) + " · " + draw.Bytes(fast) + "/s",
			scaled(need, float64(full)), scaled(served, float64(fast)), theme.Down, theme.Up},
		{"Arrivals above · departures below", "Arrivals", fmt.Sprintf("full height %.0f in %s", most, step),
			scaled(came, most), scaled(left, most), theme.Good, theme.Warn},
		{"Offload: the share of bytes that the origin was spared", "Offload", "now " + spared,
			scaled(offload, 1), nil, theme.Accent, theme.Text},
	}
}

func scaled(values []float64, top float64) []int64 {
	all := make([]int64, len(values))
	for i, v := range values {
		if all[i] = -1; v >= 0 {
			all[i] = int64(v / top * fine)
		}
	}
	return all
}

// draw writes the graph's title and so many rows.
func (c *crowdGraph) draw(p *draw.Page, g grain, last int64, points, rows int) {
	p.Skip(1)
	room, title := p.Room()-draw.Width(c.note)-3, c.title
	if draw.Width(title) > room {
		title = c.short
	}
	p.Put(theme.Text, title)
	if draw.Width(title) <= room {
		p.Skip(room - draw.Width(title) + 1)
		p.Put(theme.Muted, c.note)
	}
	p.Next()
	if c.down == nil {
		p.Rise(g.stretch(c.up, last, points), c.upTok, fine, rows, 1)
		return
	}
	p.Mirror(g.stretch(c.up, last, points), g.stretch(c.down, last, points), c.upTok, c.dnTok, fine, rows, 1)
}
