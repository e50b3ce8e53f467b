package panes

import (
	"cmp"
	"slices"
	"strings"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// probesShown are the probes that a pane of this height has room for, the worst
// first: what is wrong before what is fine.
func probesShown(v *View) []*swarm.Probe {
	all := make([]*swarm.Probe, 0, len(v.Snapshot.Probes))
	for i := range v.Snapshot.Probes {
		all = append(all, &v.Snapshot.Probes[i])
	}
	slices.SortStableFunc(all, func(a, b *swarm.Probe) int { return cmp.Compare(b.Verdict, a.Verdict) })
	room := (v.Height - 6) / 4
	for i, p := range all {
		if room -= probeHeight(v, p); room < 0 {
			return all[:i]
		}
	}
	return all
}

// probeHeight is one line, and in a tall pane three for a wrong answer: what came
// and what was wanted, and the words of the caches.
func probeHeight(v *View, p *swarm.Probe) int {
	if p.Verdict.Wrong() && v.Height >= 20 {
		return 3
	}
	return 1
}

// probeLines returns how many lines the probes take, with their header and the
// empty line behind them.
func probeLines(v *View) int {
	n := 0
	for _, p := range probesShown(v) {
		n += probeHeight(v, p)
	}
	if n > 0 {
		n += 2
	}
	return n
}

// drawProbes writes them.
func drawProbes(p *draw.Page, v *View) {
	shown := probesShown(v)
	if len(shown) == 0 {
		return
	}
	columns := probeColumns(v)
	widths := draw.Fit(columns, p.Room()-2)
	draw.Header(p, columns, widths, -1, false)
	for _, probe := range shown {
		draw.Row(p, columns, widths, draw.Plain, probe)
		if probeHeight(v, probe) == 1 {
			continue
		}
		came, wanted := "came “"+v.maskedText(probe.Evidence)+"”", "wanted “"+probe.Wanted+"”"
		half := max((p.Room()-6)/2, 8)
		under(p, draw.Plain, 0, theme.Bad, cut(came, half)+"  "+cut(wanted, half))
		under(p, draw.Plain, 0, theme.Muted, probeCaches(probe))
	}
	if hidden := len(v.Snapshot.Probes) - len(shown); hidden > 0 {
		p.Skip(2)
		p.Put(theme.Muted, plural(hidden, "more public URL"))
	}
	p.Next()
}

// probeCaches is what caches and server said with an answer.
func probeCaches(p *swarm.Probe) string {
	var words []string
	if d, ok := p.Age.Get(); ok {
		words = append(words, "Age "+draw.Age(d))
	}
	for _, text := range []string{p.CacheStatus, p.Server, p.CacheControl} {
		if text != "" {
			words = append(words, text)
		}
	}
	return strings.Join(append(words, "by "+p.Request), " · ")
}

func probeColumns(v *View) []draw.Column[*swarm.Probe] {
	type row = *swarm.Probe
	at := v.Snapshot.At
	return []draw.Column[row]{
		{Title: "public URL", Width: 20, Max: 70, Grow: 4, Draw: func(p *draw.Page, r row) { p.Put(theme.Text, v.maskedURL(r.URL)) }},
		{Title: "verdict", Width: 13, Draw: func(p *draw.Page, r row) {
			mark, tok := sign(r.Verdict.Verdict())
			p.Put(tok, mark)
			p.Skip(1)
			p.Put(tok, r.Verdict.String())
		}},
		{Title: "type", Width: 15, Max: 30, Grow: 2, Drop: 2, Draw: func(p *draw.Page, r row) {
			_, tok := sign(r.Verdict.Verdict())
			if !r.Verdict.Wrong() {
				tok = theme.Muted
			}
			if r.Type == "" {
				p.Put(theme.Muted, draw.Unknown)
				return
			}
			p.Put(tok, media(r.Type))
		}},
		{Title: "at", Width: 15, Max: 24, Grow: 1, Drop: 4, Draw: func(p *draw.Page, r row) { p.Put(theme.Muted, orDash(v.masked(r.Address), r.Address)) }},
		{Title: "since", Right: true, Width: 5, Drop: 3, Draw: func(p *draw.Page, r row) { p.PutAge(theme.Text, at.Sub(r.Since)) }},
		{Title: "asked", Right: true, Width: 5, Drop: 1, Draw: func(p *draw.Page, r row) {
			if asked, ok := r.At.Get(); ok {
				p.PutAge(theme.Muted, at.Sub(asked))
				return
			}
			putUnknown(p)
		}},
	}
}

// orDash writes text, and "–" in place of what is not there.
func orDash(text, present string) string {
	if present == "" {
		return draw.Unknown
	}
	return text
}

// probeNote sums the probes up for the title of the pane: empty when there is none.
func probeNote(all []swarm.Probe) (string, theme.Token) {
	worst := swarm.NotProbed
	bad := 0
	for i := range all {
		if worst = max(worst, all[i].Verdict); all[i].Verdict.Wrong() {
			bad++
		}
	}
	switch {
	case bad > 0:
		return "✗ " + plural(bad, "public URL") + " wrong", theme.Bad
	case worst > swarm.ProbeFine:
		return "! public URLs: " + worst.String(), theme.Warn
	}
	return "", theme.Muted
}
