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
	columns := []draw.Column[row]{
		{Width: 1, Draw: drawTrackerSign},
		{Title: "tier", Right: true, Width: 5, Drop: 6, Draw: drawTier,
			Compare: func(a, b row) int { return cmp.Compare(a.tier, b.tier) }},
		{Title: "tracker", Width: 22, Max: 60, Grow: 4, Draw: drawTrackerName,
			Compare: func(a, b row) int { return strings.Compare(a.tracker.URL, b.tracker.URL) }},
		{Title: "state", Width: 9, Drop: 7, Draw: drawTrackerState,
			Compare: func(a, b row) int { return cmp.Compare(a.tracker.Attention(), b.tracker.Attention()) }},
		{Title: "seeds", Right: true, Width: 5, Drop: 4, Draw: func(p *draw.Page, r row) { putOpt(p, r.tracker.Seeders) },
			Compare: func(a, b row) int { return compareOpt(a.tracker.Seeders, b.tracker.Seeders) }},
		{Title: "leech", Right: true, Width: 5, Drop: 5, Draw: func(p *draw.Page, r row) { putOpt(p, r.tracker.Leechers) },
			Compare: func(a, b row) int { return compareOpt(a.tracker.Leechers, b.tracker.Leechers) }},
		{Title: "loads", Right: true, Width: 5, Drop: 12, From: 140, Draw: func(p *draw.Page, r row) { putOpt(p, r.tracker.Downloads) },
			Compare: func(a, b row) int { return compareOpt(a.tracker.Downloads, b.tracker.Downloads) }},
		{Title: "new", Right: true, Width: 4, Drop: 8, From: 114, Draw: drawBrought,
			Compare: func(a, b row) int { return cmp.Compare(a.tracker.NewAll, b.tracker.NewAll) }},
		{Title: "reply", Right: true, Width: draw.LatencyWidth, Drop: 2, Draw: drawReply,
			Compare: func(a, b row) int { return cmp.Compare(a.tracker.Latency.Or(-1), b.tracker.Latency.Or(-1)) }},
		{Title: "p95", Right: true, Width: draw.LatencyWidth, Drop: 10, From: 130, Draw: func(p *draw.Page, r row) { putLatency(p, r.tracker.LatencyP95) },
			Compare: func(a, b row) int { return cmp.Compare(a.tracker.LatencyP95.Or(-1), b.tracker.LatencyP95.Or(-1)) }},
		{Title: "history", Width: 7, Max: 30, Grow: 3, Drop: 3, Draw: func(p *draw.Page, r row) { history(p, r.tracker.History) }},
		{Title: "flaps", Right: true, Width: 5, Drop: 13, From: 150, Draw: func(p *draw.Page, r row) {
			p.PutCount(quietZero(theme.Warn, int64(r.tracker.Flaps)), int64(r.tracker.Flaps))
		}, Compare: func(a, b row) int { return cmp.Compare(a.tracker.Flaps, b.tracker.Flaps) }},
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
	for i := range columns {
		if c := &columns[i]; c.Title != "" && c.Title != "tracker" && c.Title != "state" && c.Title != "new" {
			c.Draw = ofTrackers(c.Draw)
		}
	}
	return columns
}

// ofTrackers leaves a cell empty in the rows of other ways to find peers.
func ofTrackers(draws func(*draw.Page, *trackerRow)) func(*draw.Page, *trackerRow) {
	return func(p *draw.Page, r *trackerRow) {
		if r.way == nil {
			draws(p, r)
		}
	}
}

func hostColumns() []draw.Column[*trackerRow] {
	type row = *trackerRow
	return []draw.Column[row]{
		{Width: 1, Draw: drawTrackerSign, Compare: func(a, b row) int { return cmp.Compare(a.rank, b.rank) }},
		{Title: "host", Width: 18, Max: 60, Grow: 3, Draw: func(p *draw.Page, r row) { p.Put(theme.Text, r.view.masked(r.host.Host)) },
			Compare: func(a, b row) int { return strings.Compare(a.host.Host, b.host.Host) }},
		{Title: "swarms", Right: true, Width: 6, Drop: 9, Draw: func(p *draw.Page, r row) { p.PutCount(theme.Text, int64(r.host.Swarms)) },
			Compare: func(a, b row) int { return cmp.Compare(a.host.Swarms, b.host.Swarms) }},
		{Title: "✓ work", Right: true, Width: 7, Drop: 2, Draw: func(p *draw.Page, r row) {
			p.PutCount(quietZero(theme.Good, int64(r.host.Working)), int64(r.host.Working))
		}, Compare: func(a, b row) int { return cmp.Compare(a.host.Working, b.host.Working) }},
		{Title: "✗ fail", Right: true, Width: 7, Drop: 1, Draw: func(p *draw.Page, r row) {
			p.PutCount(quietZero(theme.Bad, int64(r.host.Failing)), int64(r.host.Failing))
		}, Compare: func(a, b row) int { return cmp.Compare(a.host.Failing, b.host.Failing) }},
		{Title: "seeds", Right: true, Width: 6, Drop: 6, Draw: func(p *draw.Page, r row) { putOpt(p, r.host.Seeders) },
			Compare: func(a, b row) int { return compareOpt(a.host.Seeders, b.host.Seeders) }},
		{Title: "leech", Right: true, Width: 6, Drop: 7, Draw: func(p *draw.Page, r row) { putOpt(p, r.host.Leechers) },
			Compare: func(a, b row) int { return compareOpt(a.host.Leechers, b.host.Leechers) }},
		{Title: "p50", Right: true, Width: draw.LatencyWidth, Drop: 5, Draw: func(p *draw.Page, r row) { putLatency(p, r.host.LatencyP50) },
			Compare: func(a, b row) int { return cmp.Compare(a.host.LatencyP50.Or(-1), b.host.LatencyP50.Or(-1)) }},
		{Title: "p95", Right: true, Width: draw.LatencyWidth, Drop: 3, Draw: func(p *draw.Page, r row) { putLatency(p, r.host.LatencyP95) },
			Compare: func(a, b row) int { return cmp.Compare(a.host.LatencyP95.Or(-1), b.host.LatencyP95.Or(-1)) }},
		{Title: "history", Width: 12, Max: 30, Grow: 4, Drop: 4, Draw: func(p *draw.Page, r row) { history(p, r.tracker.History) }},
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
	switch {
	case r.way != nil && r.way.Off == "":
		return "○", theme.Text, "on"
	case r.way != nil:
		return "■", theme.Muted, "off"
	case r.standing() == swarm.Disabled && r.tracker.Refused():
		return "✗", theme.Bad, "refused"
	}
	word = r.standing().String()
	switch r.standing() {
	case swarm.Working:
		return "✓", theme.Good, word
	case swarm.TrackerWarns:
		return "!", theme.Warn, word
	case swarm.Failing:
		return "✗", theme.Bad, word
	case swarm.Updating:
		return "…", theme.Accent, word
	case swarm.Disabled:
		return "■", theme.Muted, word
	}
	return draw.Unknown, theme.Muted, "not yet"
}

// tier orders trackers: our own stand before the tiers of the torrent.
func tier(t *swarm.Tracker) int {
	if t.Own {
		return -1
	}
	return t.Tier
}

func drawTier(p *draw.Page, r *trackerRow) {
	if r.tracker.Own {
		p.PutRight(theme.Muted, "own")
		return
	}
	p.PutCount(theme.Muted, int64(r.tracker.Tier))
}

func drawTrackerName(p *draw.Page, r *trackerRow) {
	if r.way == nil {
		p.Put(theme.Text, bare(r.view.maskedURL(r.tracker.URL)))
		return
	}
	p.Put(theme.Text, r.tracker.URL)
	p.Skip(1)
	p.Put(theme.Muted, wayRemark(r.way))
}

// drawBrought writes how many peers came this way that were not known before.
func drawBrought(p *draw.Page, r *trackerRow) {
	switch {
	case r.way != nil && r.way.Off != "" && r.way.Peers == 0:
	case r.way != nil:
		p.PutCount(quietZero(theme.Text, int64(r.way.Peers)), int64(r.way.Peers))
	case !r.tracker.Peers.IsKnown():
		putUnknown(p)
	default:
		p.PutCount(quietZero(theme.Text, int64(r.tracker.NewAll)), int64(r.tracker.NewAll))
	}
}

func drawReply(p *draw.Page, r *trackerRow) { putLatency(p, r.tracker.Latency) }

func putLatency(p *draw.Page, d swarm.Opt[time.Duration]) {
	if v, ok := d.Get(); ok {
		p.PutLatency(theme.Text, v)
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
