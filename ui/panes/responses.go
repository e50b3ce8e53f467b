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

// Responses is the pane of what the gateway has answered: totals by content type,
// then the latest responses, newest first. Until a row is selected, and after
// Top, it follows what comes.
type Responses struct {
	list[uint64]
	page  draw.Page
	rows  []*swarm.Response
	tail  []draw.Column[*swarm.Response]
	types []draw.Column[*typeRow]
}

// typeRow is a content type's part of all responses.
type typeRow struct {
	swarm.TypeTotal
	share float64
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

// Move implements [Pane].
func (s *Responses) Move(v View, m Motion) {
	s.build(&v)
	switch {
	case m == Top:
		s.chosen, s.index, s.top = false, 0, 0
	case !s.chosen && m == Down && len(s.rows) > 0:
		s.choose(0, s.key)
	default:
		s.move(len(s.rows), s.tailLines(&v)-1, m, s.key)
	}
}

// Click implements [Pane].
func (s *Responses) Click(v View, line int) {
	s.build(&v)
	first := v.Height - 1 - s.tailLines(&v)
	if line >= v.Height-1 || line < first {
		return
	}
	if i := s.rowAt(line-first, len(s.rows), s.height); i >= 0 {
		s.choose(i, s.key)
	}
}

// typeLines returns how many content types are shown, and tailLines how many
// lines of the pane the responses have.
func (s *Responses) typeLines(v *View) int {
	return max(min(len(v.Snapshot.Responses.ByType), (v.Height-9-probeLines(v))/3), 0)
}

func (s *Responses) tailLines(v *View) int {
	n := v.Height - 3 - probeLines(v)
	if t := s.typeLines(v); t > 0 {
		n -= t + 3
	}
	return max(n, 0)
}

// Render implements [Pane].
func (s *Responses) Render(v View) []string {
	s.build(&v)
	p := &s.page
	p.Reset(v.Theme, v.Width, v.Height)
	f := draw.Frame{Number: 5, Title: s.Title(), Focused: v.Focused}
	f.Note, f.NoteTok = s.note(&v)
	p.Begin(f)
	drawProbes(p, &v)
	all := &v.Snapshot.Responses
	if len(s.rows) == 0 {
		s.empty(p, &v)
		return p.Lines()
	}
	if n := s.typeLines(&v); n > 0 {
		widths := draw.Fit(s.types, p.Room()-2)
		draw.Header(p, s.types, widths, -1, false)
		for _, t := range wrongFirst(all.ByType)[:n] {
			draw.Row(p, s.types, widths, draw.Plain, &typeRow{t, float64(t.Count) / float64(max(all.Count, 1))})
		}
		drawSums(p, &v)
		p.Next()
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
	if note, tok := probeNote(v.Snapshot.Probes); note != "" && s.folded == "" {
		return note, tok
	}
	switch {
	case r.Count == 0:
		return "", theme.Muted
	case s.folded != "":
		return draw.Count(int64(len(s.rows))) + " with “" + s.filter + "”", theme.Muted
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
		say(p, "No response has “"+s.filter+"” in its path, type, client, source, status or verdict.", "Press / to change the filter, esc to drop it.")
	case v.Snapshot.Gateway == "":
		say(p, "The gateway does not listen, so nothing is served.", "The event log (L) says why.")
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

// wrongFirst puts the types that were answered where another was expected before the others.
func wrongFirst(types []swarm.TypeTotal) []swarm.TypeTotal {
	types = slices.Clone(types)
	slices.SortStableFunc(types, func(a, b swarm.TypeTotal) int { return cmp.Compare(min(b.Wrong, 1), min(a.Wrong, 1)) })
	return types
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
