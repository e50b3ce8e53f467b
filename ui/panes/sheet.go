package panes

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// sheet builds the lines of [Detailer.Details].
type sheet struct {
	view  *View
	width int
	lines []string
}

// labelCells are the cells of a field's label, the space behind it included.
const labelCells = 13

// paint writes text in the colour of a token.
func (s *sheet) paint(tok theme.Token, text string) string {
	if sgr := s.view.Theme.SGR(tok); sgr != "" && text != "" {
		return sgr + text + theme.Reset
	}
	return text
}

// gap leaves a line empty.
func (s *sheet) gap() { s.lines = append(s.lines, "") }

// head begins a part of the sheet.
func (s *sheet) head(text string) {
	s.gap()
	s.line(0, theme.Title, text)
}

// line writes text from a column on, wrapped.
func (s *sheet) line(indent int, tok theme.Token, text string) {
	for _, l := range draw.Wrap(text, max(s.width-indent, 1)) {
		s.lines = append(s.lines, strings.Repeat(" ", min(indent, s.width))+s.paint(tok, strings.TrimRight(l, " ")))
	}
}

// field writes a label and what it says, wrapped.
func (s *sheet) field(label string, tok theme.Token, text string) { s.linked(label, tok, text, "") }

// linked is field with text that leads to a URL, where the terminal follows links (OSC 8).
func (s *sheet) linked(label string, tok theme.Token, text, url string) {
	if text == "" {
		tok, text = theme.Muted, draw.Unknown
	}
	if s.width < 2*labelCells {
		s.line(0, theme.Muted, label)
		s.line(0, tok, text)
		return
	}
	for i, l := range draw.Wrap(text, s.width-labelCells) {
		if i > 0 {
			label = ""
		}
		value := s.paint(tok, strings.TrimRight(l, " "))
		if url != "" && s.view.Theme.SGR(theme.Accent) != "" {
			value = ansi.SetHyperlink(url, "id="+url) + value + ansi.ResetHyperlink()
		}
		s.lines = append(s.lines, s.paint(theme.Muted, label)+strings.Repeat(" ", labelCells-draw.Width(label))+value)
	}
}

// ago writes how long before the snapshot something was; unknown for the zero time.
func (s *sheet) ago(label string, at time.Time) {
	if at.IsZero() {
		s.field(label, theme.Muted, draw.Unknown)
		return
	}
	s.field(label, theme.Text, draw.Age(s.view.Snapshot.At.Sub(at))+" ago, "+at.UTC().Format("2006-01-02 15:04:05 UTC"))
}
