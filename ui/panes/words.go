package panes

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// swarms returns what the panes beside the Swarms pane show: the swarms of the
// selected widget, else the selected swarm.
func (v *View) swarms() []*swarm.Swarm {
	if v.Widget == "" {
		if v.Swarm == nil {
			return nil
		}
		return []*swarm.Swarm{v.Swarm}
	}
	if v.Kin != nil {
		return v.Kin
	}
	return Kin(v.Snapshot, v.Widget)
}

// Kin returns the swarms of a widget.
func Kin(s *swarm.Snapshot, widget string) []*swarm.Swarm {
	var all []*swarm.Swarm
	for i := range s.Swarms {
		if w := &s.Swarms[i]; w.Widget == widget {
			all = append(all, w)
		}
	}
	return all
}

// records tells apart the swarms of snapshots. While nothing changes but the time,
// snapshots share them.
type records struct {
	first *swarm.Swarm
	count int
}

func recordsOf(s *swarm.Snapshot) records {
	if len(s.Swarms) == 0 {
		return records{}
	}
	return records{&s.Swarms[0], len(s.Swarms)}
}

// key writes the key that does what the usual one does.
func (v *View) key(usual string) string {
	if v.Keys == nil {
		return usual
	}
	return v.Keys(usual)
}

// otherFilter says what to do when no row passes the filter.
func (v *View) otherFilter() string {
	return "Press " + v.key("/") + " to change the filter, " + v.key("esc") + " to drop it."
}

// subject names what is selected, in front of a pane's note.
func (v *View) subject() string {
	switch {
	case v.Widget != "":
		return v.Widget
	case v.Swarm != nil:
		return v.Swarm.Name
	}
	return ""
}

// say writes sentences for an empty pane: what it means, then what to do.
func say(p *draw.Page, meaning, next string) {
	p.Next()
	for i, text := range []string{meaning, next} {
		tok := theme.Text
		if i > 0 {
			tok = theme.Muted
		}
		for _, line := range draw.Wrap(text, min(p.Room()-4, 72)) {
			p.Skip(2)
			p.Put(tok, line)
			p.Next()
		}
	}
}

// under writes the second line of a row: what is the matter with it.
func under(p *draw.Page, mark draw.Mark, indent int, tok theme.Token, words string) {
	p.Mark(mark)
	p.Skip(indent)
	p.Put(theme.Border, "└ ")
	p.Put(tok, words)
	p.Next()
}

// sign returns the mark and the colour of a verdict.
func sign(v swarm.Verdict) (string, theme.Token) {
	switch v {
	case swarm.Fine:
		return "✓", theme.Good
	case swarm.Warning:
		return "!", theme.Warn
	case swarm.Bad:
		return "✗", theme.Bad
	}
	return draw.Unknown, theme.Muted
}

// putVerdict writes the sign of a verdict and, where there is room, its word.
func putVerdict(p *draw.Page, v swarm.Verdict, word string) {
	s, tok := sign(v)
	p.Put(tok, s)
	if p.Room() > 1+draw.Width(word) || p.Room() > 8 {
		p.Skip(1)
		p.Put(tok, word)
	}
}

// putUnknown writes "–" at the right of the room.
func putUnknown(p *draw.Page) { p.PutRight(theme.Muted, draw.Unknown) }

// putRate writes a rate in tok, or in a quiet colour when nothing moves.
func putRate(p *draw.Page, tok theme.Token, rate int64) {
	if rate == 0 {
		tok = theme.Quiet
	}
	p.PutBytes(tok, rate)
}

// plural writes a count and its noun.
func plural(n int, noun string) string {
	s := draw.Count(int64(n)) + " " + noun
	if n != 1 {
		s += "s"
	}
	return s
}

// cut shortens a summary to width cells.
func cut(s string, width int) string { return ansi.Truncate(s, max(width, 0), "…") }

// hidden stands for what is masked.
const hidden = "•••"

// masked replaces an address when addresses are to be hidden; its port stays.
func (v *View) masked(address string) string {
	if !v.Mask {
		return address
	}
	if i := strings.LastIndexByte(address, ':'); i >= 0 {
		return hidden + address[i:]
	}
	return hidden
}

// maskedURL keeps no more than the scheme of a URL when addresses are to be hidden.
func (v *View) maskedURL(url string) string {
	if scheme, _, ok := strings.Cut(url, "://"); v.Mask && ok {
		return scheme + "://" + hidden
	}
	return v.maskedText(url)
}

// maskedText hides a text that may name addresses, whole: it cannot be told which of its words do.
func (v *View) maskedText(s string) string {
	if v.Mask && s != "" {
		return hidden
	}
	return s
}
