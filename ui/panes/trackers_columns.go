package panes

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

func trackerColumns() []draw.Column[*trackerRow] {
	type row = *trackerRow
	return []draw.Column[row]{
		{Width: 1, Draw: drawTrackerSign},
		{Title: "tier", Right: true, Width: 5, Drop: 6, Draw: func(p *draw.Page, r row) { p.PutCount(theme.Muted, int64(r.tracker.Tier)) },
			Compare: func(a, b row) int { return cmp.Compare(a.tracker.Tier, b.tracker.Tier) }},
		{Title: "tracker", Width: 24, Max: 60, Grow: 4, Draw: func(p *draw.Page, r row) { p.Put(theme.Text, bare(r.view.maskedURL(r.tracker.URL))) },
			Compare: func(a, b row) int { return strings.Compare(a.tracker.URL, b.tracker.URL) }},
		{Title: "state", Width: 9, Drop: 7, Draw: drawTrackerState,
			Compare: func(a, b row) int { return cmp.Compare(attention(a.tracker), attention(b.tracker)) }},
		{Title: "seeds", Right: true, Width: 5, Drop: 4, Draw: func(p *draw.Page, r row) { putOpt(p, r.tracker.Seeders) },
			Compare: func(a, b row) int { return compareOpt(a.tracker.Seeders, b.tracker.Seeders) }},
		{Title: "leech", Right: true, Width: 5, Drop: 5, Draw: func(p *draw.Page, r row) { putOpt(p, r.tracker.Leechers) },
			Compare: func(a, b row) int { return compareOpt(a.tracker.Leechers, b.tracker.Leechers) }},
		{Title: "reply", Right: true, Width: draw.LatencyWidth, Drop: 2, Draw: drawReply,
			Compare: func(a, b row) int { return cmp.Compare(a.tracker.Latency.Or(-1), b.tracker.Latency.Or(-1)) }},
		{Title: "history", Width: 10, Max: 30, Grow: 3, Drop: 3, Draw: func(p *draw.Page, r row) { history(p, r.tracker.History) }},
		{Title: "last", Right: true, Width: draw.AgeWidth, Drop: 9, Draw: func(p *draw.Page, r row) {
			if at, ok := r.tracker.LastAnnounce.Get(); ok {
				p.PutAge(theme.Muted, r.view.Snapshot.At.Sub(at))
			} else {
				putUnknown(p)
			}
		}},
		{Title: "next", Right: true, Width: 6, Drop: 1, Draw: drawNext,
			Compare: func(a, b row) int { return nextAnnounce(a).Compare(nextAnnounce(b)) }},
	}
}

func hostColumns() []draw.Column[*trackerRow] {
	type row = *trackerRow
	return []draw.Column[row]{
		{Width: 1, Draw: drawTrackerSign},
		{Title: "host", Width: 18, Max: 60, Grow: 3, Draw: func(p *draw.Page, r row) { p.Put(theme.Text, r.view.masked(r.host)) },
			Compare: func(a, b row) int { return strings.Compare(a.host, b.host) }},
		{Title: "swarms", Right: true, Width: 7, Drop: 3, Draw: func(p *draw.Page, r row) { p.PutCount(theme.Text, int64(r.swarms)) },
			Compare: func(a, b row) int { return cmp.Compare(a.swarms, b.swarms) }},
		{Title: "✓ work", Right: true, Width: 7, Drop: 2, Draw: func(p *draw.Page, r row) { p.PutCount(quietZero(theme.Good, int64(r.working)), int64(r.working)) },
			Compare: func(a, b row) int { return cmp.Compare(a.working, b.working) }},
		{Title: "✗ fail", Right: true, Width: 7, Drop: 1, Draw: func(p *draw.Page, r row) { p.PutCount(quietZero(theme.Bad, int64(r.failing)), int64(r.failing)) },
			Compare: func(a, b row) int { return cmp.Compare(a.failing, b.failing) }},
		{Title: "reply", Right: true, Width: draw.LatencyWidth, Drop: 4, Draw: drawReply,
			Compare: func(a, b row) int { return cmp.Compare(a.tracker.Latency.Or(-1), b.tracker.Latency.Or(-1)) }},
		{Title: "history of the worst", Width: 20, Max: 30, Grow: 4, Drop: 5, Draw: func(p *draw.Page, r row) { history(p, r.tracker.History) }},
	}
}

func drawTrackerSign(p *draw.Page, r *trackerRow) {
	mark, tok, _ := r.state()
	p.Put(tok, mark)
}

func drawTrackerState(p *draw.Page, r *trackerRow) {
	_, tok, word := r.state()
	p.Put(tok, word)
}

func (r *trackerRow) state() (mark string, tok theme.Token, word string) {
	word = r.tracker.State.String()
	switch r.tracker.State {
	case swarm.Working:
		return "✓", theme.Good, word
	case swarm.TrackerWarns:
		return "!", theme.Warn, word
	case swarm.Failing:
		return "✗", theme.Bad, word
	case swarm.Updating:
		return "↻", theme.Accent, word
	case swarm.Disabled:
		return "■", theme.Muted, word
	}
	return draw.Unknown, theme.Muted, "not yet"
}

func drawReply(p *draw.Page, r *trackerRow) {
	if d, ok := r.tracker.Latency.Get(); ok {
		p.PutLatency(theme.Text, d)
		return
	}
	p.PutRight(theme.Muted, "–   ")
}

func drawNext(p *draw.Page, r *trackerRow) {
	at, ok := r.tracker.NextAnnounce.Get()
	switch {
	case r.tracker.State == swarm.Updating:
		p.PutRight(theme.Accent, "now")
	case !ok:
		putUnknown(p)
	default:
		p.PutRight(theme.Text, due(at.Sub(r.view.Snapshot.At)))
	}
}

// nextAnnounce is when the tracker is asked next; one that is not comes last.
func nextAnnounce(r *trackerRow) time.Time {
	return r.tracker.NextAnnounce.Or(r.view.Snapshot.At.AddDate(100, 0, 0))
}

func putOpt(p *draw.Page, n swarm.Opt[int]) {
	if v, ok := n.Get(); ok {
		p.PutRight(quietZero(theme.Text, int64(v)), strconv.Itoa(v))
		return
	}
	putUnknown(p)
}

// history draws how the announces went, the latest at the right: an answer is a
// block as high as it took long, a slow one is ~ and a failed one ✕.
func history(p *draw.Page, all []swarm.Announce) {
	if n := len(all) - p.Room(); n > 0 {
		all = all[n:]
	}
	slowest := time.Millisecond
	for _, a := range all {
		if a.Outcome == swarm.AnswerOK {
			slowest = max(slowest, a.Latency)
		}
	}
	p.Repeat(theme.Faint, "·", p.Room()-len(all))
	for _, a := range all {
		switch {
		case a.Outcome.Failed():
			p.Repeat(theme.Bad, "✕", 1)
		case a.Outcome == swarm.AnswerSlow:
			p.Repeat(theme.Warn, "~", 1)
		default:
			p.Repeat(theme.Good, draw.Level(float64(a.Latency)/float64(slowest)*0.6), 1)
		}
	}
}
