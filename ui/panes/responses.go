package panes

import (
	"strconv"
	"strings"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// Responses is the pane of what the gateway has answered and of what public URLs
// answer: the probes, the worst first, totals by content type, then the latest
// responses, newest first. Until a row is selected, and after Top, it follows what
// comes. The selection is in the probes or among the responses.
type Responses struct {
	list[uint64] // the responses
	probes       list[string]
	inProbes     bool // the selection is there

	page  draw.Page
	rows  []*swarm.Response
	asked []*swarm.Probe
	tail  []draw.Column[*swarm.Response]
	types []draw.Column[*typeRow]
}

// Title implements [Pane].
func (s *Responses) Title() string { return "Responses" }

func (s *Responses) build(v *View) {
	if s.tail == nil {
		s.tail, s.types = responseColumns(), typeColumns()
	}
	s.rows = s.rows[:0]
	tail := v.Snapshot.Responses.Tail
	for i := len(tail) - 1; i >= 0; i-- {
		r := &tail[i]
		if s.folded == "" || s.matches(r.Path, r.Type, r.Method, r.Client, r.Origin.String(), r.Verdict.String(), strconv.Itoa(r.Status)) {
			s.rows = append(s.rows, r)
		}
	}
	if s.chosen {
		before := s.index
		s.settle(len(s.rows), s.key)
		s.top += s.index - before // what comes must not push the selection along
	}
	s.buildProbes(v)
}

func (s *Responses) key(i int) uint64 { return s.rows[i].Seq }

// height is two lines for a wrong answer: the second shows what came.
func (s *Responses) height(i int) int {
	if s.rows[i].Verdict == swarm.Bad {
		return 2
	}
	return 1
}

// SortNext implements [Pane]; the latest always comes first.
func (s *Responses) SortNext() {}

// Reverse implements [Pane].
func (s *Responses) Reverse() {}

// Move implements [Pane]. The way up from the latest response leads to the probes.
func (s *Responses) Move(v View, m Motion) {
	s.build(&v)
	leave := (m == Down || m == PageDown) && s.probes.index == len(s.asked)-1 || m == Bottom
	switch {
	case s.inProbes && leave && len(s.rows) > 0:
		s.inProbes, s.probes.chosen = false, false
		if s.choose(0, s.key); m == Bottom {
			s.choose(len(s.rows)-1, s.key)
		}
	case s.inProbes:
		s.probes.move(len(s.asked), 1, m, s.probeKey)
	case (m == Up || m == Top) && !s.chosen && len(s.asked) > 0, m == Up && s.index == 0 && len(s.asked) > 0:
		s.inProbes, s.chosen, s.top = true, false, 0
		if s.probes.choose(len(s.asked)-1, s.probeKey); m == Top {
			s.probes.choose(0, s.probeKey)
		}
	case m == Top:
		s.chosen, s.index, s.top = false, 0, 0
	case !s.chosen && m == Down && len(s.rows) > 0:
		s.choose(0, s.key)
	default:
		s.move(len(s.rows), s.layout(&v).rows, m, s.key)
	}
}

// Click implements [Pane].
func (s *Responses) Click(v View, line int) {
	s.build(&v)
	l := s.layout(&v)
	if line >= v.Height-1 {
		return
	}
	if i := s.probes.rowAt(line-2, len(s.asked), s.probeHeight(&v)); line >= 2 && line < 2+l.probes && i >= 0 {
		s.inProbes, s.chosen, s.top = true, false, 0
		s.probes.choose(i, s.probeKey)
		return
	}
	first := v.Height - 1 - l.rows
	if i := s.rowAt(line-first, len(s.rows), s.height); line >= first && i >= 0 {
		s.inProbes, s.probes.chosen = false, false
		s.choose(i, s.key)
	}
}

// Render implements [Pane].
func (s *Responses) Render(v View) []string {
	s.build(&v)
	p := &s.page
	p.Reset(v.Theme, v.Width, v.Height)
	f := draw.Frame{Number: 5, Title: s.Title(), Focused: v.Focused}
	f.Note, f.NoteTok = s.note(&v)
	p.Begin(f)
	l := s.layout(&v)
	s.drawProbes(p, &v, &l)
	s.drawTotals(p, &v, &l)
	if len(s.rows) == 0 {
		s.empty(p, &v)
		return p.Lines()
	}
	widths := draw.Fit(s.tail, p.Room()-2)
	draw.Header(p, s.tail, widths, -1, false)
	lines := p.LinesLeft()
	s.revealTall(len(s.rows), lines, s.height)
	seen := s.seen(len(s.rows), lines, s.height)
	p.Scroll(s.top, seen, len(s.rows))
	p.Foot(position(s.top, seen, len(s.rows)))
	for i := s.top; i < len(s.rows) && p.LinesLeft() > 0; i++ {
		r := s.rows[i]
		draw.Row(p, s.tail, widths, s.mark(v, i), r)
		if s.height(i) == 2 && p.LinesLeft() > 0 {
			under(p, s.mark(v, i), 0, theme.Bad, evidence(r))
		}
	}
	return p.Lines()
}

func (s *Responses) note(v *View) (string, theme.Token) {
	r := &v.Snapshot.Responses
	if s.folded != "" {
		text := draw.Count(int64(len(s.rows)))
		if len(v.Snapshot.Probes) > 0 {
			text = plural(len(s.asked), "public URL") + ", " + plural(len(s.rows), "response")
		}
		return text + " with “" + s.filter + "”", theme.Muted
	}
	if note, tok := probeNote(v.Snapshot.Probes); note != "" {
		return note, tok
	}
	if r.Count == 0 {
		return "", theme.Muted
	}
	text := draw.Count(r.Count) + " answered, " + draw.Bytes(r.Bytes)
	if r.Errors > 0 {
		text += " · " + plural(int(r.Errors), "error")
	}
	if r.Wrong > 0 {
		return "✗ " + draw.Count(r.Wrong) + " wrong · " + text, theme.Bad
	}
	return "✓ all types right · " + text, theme.Muted
}

func (s *Responses) empty(p *draw.Page, v *View) {
	switch {
	case s.folded != "":
		say(p, "No response has “"+s.filter+"” in its path, type, client, source, status or verdict.", v.otherFilter())
	case v.Snapshot.Gateway == "":
		say(p, "The gateway does not listen, so nothing is served.", "The event log ("+v.key("L")+") says why.")
	default:
		say(p, "Nothing served yet.", "Open "+v.Snapshot.Gateway+"/ in a browser: each of its requests appears here.")
	}
}

// Summary implements [Pane].
func (s *Responses) Summary(v View, width int) string {
	r := &v.Snapshot.Responses
	if note, _ := probeNote(v.Snapshot.Probes); note != "" {
		return cut(note, width)
	}
	switch {
	case r.Count == 0:
		return cut("nothing served yet", width)
	case r.Wrong > 0:
		return cut("✗ "+draw.Count(r.Wrong)+" wrong of "+draw.Count(r.Count), width)
	}
	return cut("✓ "+draw.Count(r.Count)+" answered, "+draw.Bytes(r.Bytes), width)
}

// evidence says what came, what was expected, and how the body begins.
func evidence(r *swarm.Response) string {
	text := media(r.Type) + " came"
	if r.Expected != "" {
		text += ", " + media(r.Expected) + " was expected"
	}
	if r.Evidence != "" {
		text += ": “" + r.Evidence + "”"
	}
	return text
}

// media drops the parameters of a content type.
func media(contentType string) string {
	m, _, _ := strings.Cut(contentType, ";")
	return m
}
