package panes

import (
	"cmp"
	"strings"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

func swarmColumns() []draw.Column[*swarmRow] {
	type row = *swarmRow
	return []draw.Column[row]{
		{Width: 1, Draw: drawSwarmSign},
		{Title: "name", Width: 19, Max: 44, Grow: 3, Draw: drawSwarmName,
			Compare: func(a, b row) int { return strings.Compare(a.sum.Name, b.sum.Name) }},
		{Title: "size", Right: true, Width: draw.BytesWidth, Drop: 8, Draw: func(p *draw.Page, r row) {
			if n, ok := r.sum.Size.Get(); ok {
				p.PutBytes(theme.Muted, n)
			} else {
				p.PutBytes(theme.Muted, -1)
			}
		}, Compare: func(a, b row) int { return compareOpt(a.sum.Size, b.sum.Size) }},
		{Title: "done", Right: true, Width: draw.PercentWidth, Drop: 2, Draw: func(p *draw.Page, r row) {
			share, ok := r.sum.DoneShare().Get()
			switch {
			case !ok:
				putUnknown(p)
			case share >= 1:
				p.PutPercent(theme.Good, share)
			default:
				p.PutPercent(theme.Down, share)
			}
		}, Compare: func(a, b row) int { return compareOpt(a.sum.DoneShare(), b.sum.DoneShare()) }},
		{Width: 10, Max: 16, Grow: 1, Drop: 11, Draw: func(p *draw.Page, r row) {
			tok, share := theme.Down, r.sum.DoneShare().Or(0)
			if share >= 1 {
				tok = theme.Good
			}
			p.Bar(tok, share)
		}},
		{Title: "peers", Right: true, Width: 5, Drop: 3, Draw: func(p *draw.Page, r row) {
			p.PutCount(quietZero(theme.Text, int64(r.sum.Connected)), int64(r.sum.Connected))
		}, Compare: func(a, b row) int { return cmp.Compare(a.sum.Connected, b.sum.Connected) }},
		{Title: "copies", Right: true, Width: 6, Drop: 6, Draw: func(p *draw.Page, r row) {
			n, ok := r.sum.Copies.Get()
			switch {
			case !ok:
				putUnknown(p)
			case n < 1:
				p.PutCopies(theme.Bad, n)
			default:
				p.PutCopies(theme.Text, n)
			}
		}, Compare: func(a, b row) int { return compareOpt(a.sum.Copies, b.sum.Copies) }},
		{Title: "↓/s", Right: true, Width: draw.BytesWidth, Drop: 4,
			Draw:    func(p *draw.Page, r row) { putRate(p, theme.Down, r.sum.DownRate) },
			Compare: func(a, b row) int { return cmp.Compare(a.sum.DownRate, b.sum.DownRate) }},
		{Title: "↑/s", Right: true, Width: draw.BytesWidth, Drop: 5,
			Draw:    func(p *draw.Page, r row) { putRate(p, theme.Up, r.sum.UpRate) },
			Compare: func(a, b row) int { return cmp.Compare(a.sum.UpRate, b.sum.UpRate) }},
		{Title: "recent", Width: 8, Max: swarm.RecentPoints, Grow: 1, Drop: 9, Draw: drawSwarmRecent},
		{Title: "ratio", Right: true, Width: 6, Drop: 10, Draw: func(p *draw.Page, r row) {
			if n, ok := r.sum.Ratio().Get(); ok {
				p.PutCopies(theme.Text, n)
			} else {
				putUnknown(p)
			}
		}, Compare: func(a, b row) int { return compareOpt(a.sum.Ratio(), b.sum.Ratio()) }},
		{Title: "types", Width: 9, Drop: 13, From: 170, Draw: func(p *draw.Page, r row) { putVerdict(p, r.sum.Verdict, r.sum.Verdict.String()) },
			Compare: func(a, b row) int { return cmp.Compare(a.sum.Verdict, b.sum.Verdict) }},
		{Title: "trackers", Width: 9, Drop: 12, From: 170, Draw: func(p *draw.Page, r row) { putVerdict(p, r.sum.TrackerVerdict, r.sum.TrackerVerdict.String()) },
			Compare: func(a, b row) int { return cmp.Compare(a.sum.TrackerVerdict, b.sum.TrackerVerdict) }},
		{Title: "state", Width: 16, Max: 60, Grow: 4, Drop: 7, Draw: drawSwarmState,
			Compare: func(a, b row) int { return cmp.Compare(urgency(a), urgency(b)) }},
	}
}

// quietZero is tok, or the colour of what is nothing.
func quietZero(tok theme.Token, n int64) theme.Token {
	if n == 0 {
		return theme.Quiet
	}
	return tok
}

func drawSwarmName(p *draw.Page, r *swarmRow) {
	switch {
	case r.swarm != nil:
		p.Put(theme.Border, r.branch)
		p.Put(theme.Text, r.sum.Name)
		return
	case r.closed:
		p.Put(theme.Accent, "▸ ")
	default:
		p.Put(theme.Accent, "▾ ")
	}
	count := plural(r.sum.Swarms, "asset")
	if room := p.Room() - draw.Width(count) - 2; r.sum.Swarms > 0 && room >= draw.Width(r.sum.Name) {
		p.Put(theme.Title, r.sum.Name)
		p.Skip(1)
		p.Put(theme.Muted, count)
		return
	}
	p.Put(theme.Title, r.sum.Name)
}

func drawSwarmSign(p *draw.Page, r *swarmRow) {
	p.Put(r.tok, r.mark)
}

// quietRate is the rate, in bytes a second, that a recent one has to exceed to be
// drawn at full height.
const quietRate = 4 << 10

// drawSwarmRecent draws what moved in the last minutes, a widget's as the sum of its swarms'.
func drawSwarmRecent(p *draw.Page, r *swarmRow) {
	var sum [swarm.RecentPoints]int64
	for i := range sum {
		if r.swarm != nil {
			sum[i] = r.swarm.Recent.Rate(i)
			continue
		}
		sum[i] = -1
		for _, w := range r.kin {
			if rate := w.Recent.Rate(i); rate >= 0 {
				sum[i] = max(sum[i], 0) + rate
			}
		}
	}
	p.Spark(theme.Accent, sum[:], quietRate)
}

func drawSwarmState(p *draw.Page, r *swarmRow) {
	words := r.words
	if short, _, ok := strings.Cut(words, ":"); ok && r.swarm != nil && draw.Width(words) > p.Room() {
		words = short // the whole stands on a line of its own
	}
	p.Put(r.tok, words)
}

// widgetState is what is most urgent of a widget: a sign, its colour, and the words.
func widgetState(w *swarm.Widget) (mark string, tok theme.Token, words string) {
	switch w.Deliverable {
	case swarm.Yes:
		return "✓", theme.Good, "can be delivered"
	case swarm.No:
		return "✗", theme.Bad, "blocked by " + w.Blocker.Name + ": " + w.Why
	}
	return draw.Unknown, theme.Muted, "not known for " + w.Blocker.Name + ": " + w.Why
}

// swarmState is widgetState for one swarm.
func swarmState(s *swarm.Swarm, mask bool) (mark string, tok theme.Token, words string) {
	seeding := ""
	if !s.Seeding {
		seeding = " · seeding off"
	}
	because := ""
	switch {
	case s.Reason == "":
	case mask:
		because = ": " + hidden
	default:
		because = ": " + s.Reason
	}
	switch {
	case s.State == swarm.Failed:
		return "✗", theme.Bad, "failed" + because
	case s.Resting:
		return "■", theme.Muted, "at rest: no manifest names it"
	case s.Verdict == swarm.Bad:
		return "✗", theme.Bad, "wrong type" + seeding
	case s.State == swarm.Stalled:
		return "!", theme.Warn, "stalled" + because + seeding
	case s.TrackerVerdict == swarm.Bad:
		return "✗", theme.Bad, "no working tracker" + seeding
	case s.State == swarm.Metadata:
		return "?", theme.Warn, "no metadata yet" + because
	case s.State == swarm.Downloading:
		return "↓", theme.Down, "downloading" + because + seeding
	case s.Copies.Or(1) < 1:
		return "!", theme.Warn, "no full copy for others" + seeding
	case !s.Seeding:
		return "■", theme.Muted, "seeding off"
	}
	return "✓", theme.Good, "seeding"
}

// urgency orders rows: those that want attention most come first.
func urgency(r *swarmRow) int {
	return strings.Index("✗!?–↓■✓", r.mark)
}
