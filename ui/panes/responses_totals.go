package panes

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// layout divides the lines of the pane among its three parts.
type layout struct {
	probes int // lines of probes, without their header
	types  int // content types in the table; 0 when there is none
	bars   bool
	sums   [][]figure
	gaps   bool // an empty line behind each part
	more   int  // probes that have no line
	rows   int  // lines of responses
}

// leastRows are the lines that are left to responses before there are totals.
const leastRows = 3

// layout of the pane: probes have a quarter, the totals what can be spared: a
// table of the types, else a line of bars.
func (s *Responses) layout(v *View) layout {
	var l layout
	r := &v.Snapshot.Responses
	left := v.Height - 3 // two of the frame, one for the header of the responses
	if len(s.asked) > 0 {
		l.probes, l.more = s.probeLines(v, (v.Height-6)/4)
		if l.probes > 0 {
			left -= l.probes + 1
		}
	}
	l.gaps = left >= 11 || l.probes > 0 && left >= 9 && len(r.ByType) == 0
	if l.probes > 0 && (l.gaps || l.more > 0) {
		left--
	}
	sums := wrapFigures(sumsOf(v), v.Width-6)
	if n := min(len(r.ByType), (left-5-len(sums))/3); n >= min(len(r.ByType), 3) && n > 0 {
		l.types, l.sums = n, sums
		left -= n + 1 + len(sums) + 1
	} else if len(r.ByType) > 0 && left > leastRows {
		l.bars = true
		if left--; left > leastRows {
			l.sums = sums[:min(len(sums), max(left/3, 1))]
			left -= len(l.sums)
		}
		if l.gaps {
			left--
		}
	}
	l.rows = max(left, 0)
	return l
}

// typeRow is a content type's part of all responses.
type typeRow struct {
	swarm.TypeTotal
	share float64
}

// drawTotals writes the sums of all responses.
func (s *Responses) drawTotals(p *draw.Page, v *View, l *layout) {
	r := &v.Snapshot.Responses
	if l.types > 0 {
		widths := draw.Fit(s.types, p.Room()-2)
		draw.Header(p, s.types, widths, -1, false)
		for _, t := range wrongFirst(r.ByType)[:l.types] {
			draw.Row(p, s.types, widths, draw.Plain, &typeRow{t, float64(t.Count) / float64(max(r.Count, 1))})
		}
	}
	if l.bars {
		drawBars(p, r)
	}
	for _, line := range l.sums {
		p.Skip(1)
		for i, f := range line {
			if i > 0 {
				p.Skip(2)
			}
			f.put(p)
		}
		p.Next()
	}
	if l.types > 0 || l.bars && l.gaps {
		p.Next()
	}
}

// drawBars writes the types in one line, each with a bar that is as long, beside the
// others, as they are often answered.
func drawBars(p *draw.Page, r *swarm.Responses) {
	types := wrongFirst(r.ByType)
	longest := int64(min(max(p.Room()/12, 3), 8)) // cells of a bar
	most := int64(1)
	for _, t := range types {
		most = max(most, t.Count)
	}
	p.Skip(1)
	for i, t := range types {
		name, count, tok := shortType(t.Type), draw.Count(t.Count), theme.Text
		if t.Wrong > 0 {
			name, tok = "✗ "+name, theme.Bad
		}
		bar := int((t.Count*longest + most - 1) / most)
		if i > 0 && p.Room() < draw.Width(name)+bar+draw.Width(count)+5 {
			p.Put(theme.Muted, "  …")
			break
		}
		if i > 0 {
			p.Skip(2)
		}
		p.Put(tok, name)
		p.Skip(1)
		p.Repeat(theme.Accent, "━", bar)
		p.Skip(1)
		p.Put(theme.Muted, count)
	}
	p.Next()
}

// shortType is the part of a content type that tells it from others on a page.
func shortType(contentType string) string {
	if contentType == "" {
		return "none"
	}
	_, sub, ok := strings.Cut(media(contentType), "/")
	if !ok {
		return contentType
	}
	sub, _, _ = strings.Cut(strings.TrimPrefix(sub, "x-"), "+")
	return sub
}

// figure is a short text of two colours.
type figure struct {
	tok  theme.Token
	text string
	more string // in a quiet colour, behind it
	lead string // and before it
}

func (f *figure) width() int { return draw.Width(f.lead + f.text + f.more) }

func (f *figure) put(p *draw.Page) {
	p.Put(theme.Muted, f.lead)
	p.Put(f.tok, f.text)
	p.Put(theme.Muted, f.more)
}

// sumsOf are the sums by status, how long answers took, and the offload of all swarms
// since start and in the last minute.
func sumsOf(v *View) []figure {
	r, t := &v.Snapshot.Responses, &v.Snapshot.Totals
	var all []figure
	for _, s := range r.ByStatus {
		all = append(all, figure{tok: statusToken(s.Status), text: strconv.Itoa(s.Status), more: " ×" + draw.Count(s.Count)})
	}
	if text := spread(r.P50, r.P95); text != "" {
		all = append(all, figure{more: text})
	}
	if share, ok := t.Offload.Get(); ok {
		f := figure{lead: "offload ", tok: theme.Text, text: draw.Percent(share)}
		if minute, ok := t.OffloadMinute.Get(); ok {
			f.more = " (1m: " + draw.Percent(minute) + ")"
		}
		all = append(all, f)
	}
	return all
}

// wrapFigures puts figures on lines of width cells, two cells between them.
func wrapFigures(all []figure, width int) [][]figure {
	var lines [][]figure
	left := 0
	for _, f := range all {
		if w := f.width(); len(lines) == 0 || w+2 > left {
			lines = append(lines, nil)
			left = width - w
		} else {
			left -= w + 2
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], f)
	}
	return lines
}

// wrongFirst puts the types that were answered where another was expected before the others.
func wrongFirst(types []swarm.TypeTotal) []swarm.TypeTotal {
	types = slices.Clone(types)
	slices.SortStableFunc(types, func(a, b swarm.TypeTotal) int { return cmp.Compare(min(b.Wrong, 1), min(a.Wrong, 1)) })
	return types
}
