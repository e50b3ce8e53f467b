package panes

import (
	"cmp"
	"slices"
	"strings"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// buildProbes takes in the probes that pass the filter, what is wrong before what is fine.
func (s *Responses) buildProbes(v *View) {
	s.asked = s.asked[:0]
	for i := range v.Snapshot.Probes {
		p := &v.Snapshot.Probes[i]
		if s.matches(p.URL, p.Type, p.Address, p.Verdict.String(), p.Reason, p.Server) {
			s.asked = append(s.asked, p)
		}
	}
	slices.SortStableFunc(s.asked, func(a, b *swarm.Probe) int { return cmp.Compare(b.Verdict, a.Verdict) })
	if len(s.asked) == 0 {
		s.inProbes = false
	}
	if s.inProbes {
		s.probes.settle(len(s.asked), s.probeKey)
	} else {
		s.probes.chosen, s.probes.index, s.probes.top = false, 0, 0
	}
}

func (s *Responses) probeKey(i int) string { return s.asked[i].URL + " " + s.asked[i].Address }

// Probe returns the selected probe, nil when a response or nothing is selected.
func (s *Responses) Probe(v View) *swarm.Probe {
	if s.build(&v); !s.inProbes {
		return nil
	}
	return s.asked[s.probes.index]
}

// probeHeight is one line, and in a tall pane three for a wrong answer: what came
// and what was wanted, and the words of the caches.
func (s *Responses) probeHeight(v *View) func(i int) int {
	return func(i int) int {
		if s.asked[i].Verdict.Wrong() && v.Height >= 20 {
			return 3
		}
		return 1
	}
}

// probeLines returns how many lines probes have of those they may have, and how many
// probes get none. It scrolls to where the selected one is seen.
func (s *Responses) probeLines(v *View, room int) (lines, more int) {
	height := s.probeHeight(v)
	s.probes.revealTall(len(s.asked), room, height)
	seen := s.probes.seen(len(s.asked), room, height)
	for i := range seen {
		lines += height(s.probes.top + i)
	}
	return lines, len(s.asked) - seen
}

// drawProbes writes the probes that there is room for.
func (s *Responses) drawProbes(p *draw.Page, v *View, l *layout) {
	if l.probes == 0 {
		return
	}
	columns := probeColumns(v)
	widths := draw.Fit(columns, p.Room()-2)
	draw.Header(p, columns, widths, -1, false)
	height := s.probeHeight(v)
	for i, left := s.probes.top, l.probes; left > 0; i++ {
		probe, mark := s.asked[i], s.probes.mark(*v, i)
		draw.Row(p, columns, widths, mark, probe)
		if left -= height(i); height(i) == 1 {
			continue
		}
		came, wanted := "came “"+v.maskedText(probe.Evidence)+"”", "wanted “"+probe.Wanted+"”"
		half := max((p.Room()-6)/2, 8)
		under(p, mark, 0, theme.Bad, cut(came, half)+"  "+cut(wanted, half))
		under(p, mark, 0, theme.Muted, probeCaches(probe))
	}
	if l.more > 0 {
		p.Skip(2)
		p.Put(theme.Muted, plural(l.more, "more public URL"))
	}
	if l.more > 0 || l.gaps {
		p.Next()
	}
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
		{Title: "public URL", Width: 20, Max: 70, Grow: 4, Draw: func(p *draw.Page, r row) { p.PutAddress(theme.Text, bare(v.maskedURL(r.URL))) }},
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
