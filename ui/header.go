package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// span is text of one meaning.
type span struct {
	token theme.Token
	text  string
}

// part is a piece of a line that may be left out: the higher keep, the longer it stays.
type part struct {
	keep  int
	spans []span
}

func (p part) width() int {
	w := 0
	for _, s := range p.spans {
		w += draw.Width(s.text)
	}
	return w
}

// gap is the cells between two parts of a line.
const gap = 2

// joined writes the parts that fit into width cells, a gap between them,
// and leaves out first what has the least to keep.
func (m *Model) joined(width int, parts []part) string {
	need := partsWidth(parts)
	parts = slices.Clone(parts)
	for need > width && len(parts) > 1 {
		least := 0
		for i, p := range parts {
			if p.keep < parts[least].keep {
				least = i
			}
		}
		need -= gap + parts[least].width()
		parts = slices.Delete(parts, least, least+1)
	}
	var b strings.Builder
	for _, p := range parts {
		if b.Len() > 0 {
			b.WriteString(strings.Repeat(" ", gap))
		}
		for _, s := range p.spans {
			b.WriteString(m.paint(s.token, s.text))
		}
	}
	return fit(b.String(), width)
}

// paint writes text in the colour of a token.
func (m *Model) paint(token theme.Token, text string) string {
	if sgr := m.theme.SGR(token); sgr != "" {
		return sgr + text + theme.Reset
	}
	return text
}

// header draws the lines above the panes: what there is in sum, where it is
// served, and, when an asset answers a wrong type, the alarm.
func (m *Model) header(snap *swarm.Snapshot, width, height int) []string {
	bad := m.alarms.top()
	if height == 1 {
		if bad != nil {
			return []string{m.alarm(bad, width)[0]}
		}
		return []string{m.totals(snap, width)}
	}
	lines := []string{m.totals(snap, width), m.place(snap, width)}
	if height > len(lines) && bad != nil {
		lines = append(lines, m.alarm(bad, width)...)
	}
	for len(lines) < height {
		lines = append(lines, fit("", width))
	}
	return lines[:height]
}

// totals is the line of sums, rates and verdicts.
func (m *Model) totals(snap *swarm.Snapshot, width int) string {
	t := &snap.Totals
	figure := func(keep int, n, word string) part {
		return part{keep, []span{{theme.Text, n}, {theme.Muted, " " + word}}}
	}
	parts := []part{
		{9, []span{{theme.Title, "swarmtop"}}},
		figure(5, fmt.Sprint(t.Swarms), plural(t.Swarms, "swarm")),
		figure(1, fmt.Sprint(t.Complete), "complete"),
		figure(3, fmt.Sprint(t.Seeding), "seeding"),
		figure(6, fmt.Sprintf("%3d", t.Peers), plural(t.Peers, "peer")),
		{7, []span{{theme.Down, "↓ " + rate(t.DownRate)}}},
		{7, []span{{theme.Up, "↑ " + rate(t.UpRate)}}},
		m.limitPart(snap),
		offloadPart(t.Offload),
		m.verdict(8, "types", t.Types),
		m.verdict(8, "trackers", t.Trackers),
	}
	parts = slices.DeleteFunc(parts, func(p part) bool { return len(p.spans) == 0 })
	if m.options.Recording != nil {
		parts = slices.Insert(parts, 1, m.playing())
	}
	if m.pinned != nil {
		age := max(m.live.At.Sub(m.pinned.At), 0).Truncate(time.Second)
		frozen := part{10, []span{{theme.Alarm, fmt.Sprintf(" FROZEN %s ", age)}}}
		parts = slices.Insert(parts, 1, frozen)
	}
	return m.joined(width, parts)
}

// offloadPart tells the offload; while it is not known anything else goes before it.
func offloadPart(offload swarm.Opt[float64]) part {
	keep := 0
	if offload.IsKnown() {
		keep = 2
	}
	return part{keep, []span{{theme.Muted, "offload "}, {theme.Text, share(offload)}}}
}

// limitPart tells the upload limit, if there is one.
func (m *Model) limitPart(snap *swarm.Snapshot) part {
	limit := snap.UploadLimit
	if snap == m.live {
		limit = m.wantedLimit()
	}
	if n, ok := limit.Get(); ok {
		return part{4, []span{{theme.Warn, "≤ " + draw.Bytes(n) + "/s"}}}
	}
	return part{}
}

// verdict tells a verdict by sign and word, so that it needs no colour.
func (m *Model) verdict(keep int, of string, v swarm.Verdict) part {
	token, sign := theme.Muted, "–"
	switch v {
	case swarm.Fine:
		token, sign = theme.Good, "✓"
	case swarm.Warning:
		token, sign = theme.Warn, "!"
	case swarm.Bad:
		token, sign = theme.Bad, "✗"
	}
	return part{keep, []span{{token, sign + " "}, {theme.Muted, of + " "}, {token, v.String()}}}
}

// place is the line that tells where the gateway is, whether this is the demo,
// and which of the sources fail.
func (m *Model) place(snap *swarm.Snapshot, width int) string {
	var parts []part
	add := func(keep int, spans ...span) { parts = append(parts, part{keep, spans}) }
	if snap.Gateway != "" {
		add(7, span{theme.Muted, "gateway "}, span{theme.Accent, m.link(snap.Gateway)})
	} else {
		add(7, span{theme.Muted, "gateway not listening"})
	}
	for _, s := range snap.Sources {
		if s.Stale() {
			add(8, span{theme.Warn, "! " + s.Name + " stale " + draw.Age(snap.At.Sub(s.Good))})
			add(1, span{theme.Muted, m.maskedText(s.Error)})
		}
	}
	longest := func(words [][]span) {
		for len(words) > 1 && partsWidth(append(parts, part{spans: words[0]})) > width {
			words = words[1:]
		}
		add(6, words[0]...)
	}
	switch {
	case m.options.Recording != nil:
		longest(m.playingWords())
	case m.options.Demo || snap.Demo:
		longest(demoWords())
	case snap.Tracker != "":
		add(2, span{theme.Muted, "tracker "}, span{theme.Text, m.masked(snap.Tracker)})
	}
	return m.joined(width, parts)
}

// demoWords says that this is the demo, how to break its cache and its origin and how
// to watch one's own swarms; the longest wording first.
func demoWords() [][]span {
	demo, dot := span{theme.Accent, "demo"}, span{theme.Muted, " · "}
	keys := []span{{theme.Accent, "b"}, {theme.Muted, " breaks its cache, "}, {theme.Accent, "B"}, {theme.Muted, " stops its origin"}}
	short := []span{demo, {theme.Muted, ": "}, {theme.Accent, "b B"}, {theme.Muted, " break it"}}
	line := func(spans ...span) []span {
		return append(append([]span{demo}, spans...), append([]span{dot}, keys...)...)
	}
	return [][]span{
		line(span{theme.Muted, ": everything here runs on this machine · "}, span{theme.Text, "swarmtop FILE.torrent | MAGNET | FOLDER"}, span{theme.Muted, " watches yours"}),
		line(span{theme.Muted, ": all of it on this machine · "}, span{theme.Text, "swarmtop FILE | MAGNET | FOLDER"}, span{theme.Muted, " watches yours"}),
		line(span{theme.Muted, " · yours: "}, span{theme.Text, "swarmtop FILE | MAGNET | FOLDER"}),
		append(slices.Clone(short), dot, span{theme.Text, "swarmtop FILE|MAGNET|FOLDER"}),
		short,
		{demo},
	}
}

// partsWidth is how many cells parts need, with the gaps between them.
func partsWidth(parts []part) int {
	w := gap * (len(parts) - 1)
	for _, p := range parts {
		w += p.width()
	}
	return w
}
