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
func (d *sheet) paint(tok theme.Token, text string) string {
	if sgr := d.view.Theme.SGR(tok); sgr != "" && text != "" {
		return sgr + text + theme.Reset
	}
	return text
}

// gap leaves a line empty.
func (d *sheet) gap() { d.lines = append(d.lines, "") }

// head begins a part of the sheet.
func (d *sheet) head(text string) {
	d.gap()
	d.line(0, theme.Title, text)
}

// line writes text from a column on, wrapped.
func (d *sheet) line(indent int, tok theme.Token, text string) {
	for _, l := range draw.Wrap(text, max(d.width-indent, 1)) {
		d.lines = append(d.lines, strings.Repeat(" ", min(indent, d.width))+d.paint(tok, strings.TrimRight(l, " ")))
	}
}

// field writes a label and what it says, wrapped.
func (d *sheet) field(label string, tok theme.Token, text string) { d.linked(label, tok, text, "") }

// linked is field with text that leads to a URL, where the terminal follows links (OSC 8).
func (d *sheet) linked(label string, tok theme.Token, text, url string) {
	if text == "" {
		tok, text = theme.Muted, draw.Unknown
	}
	if d.width < 2*labelCells {
		d.line(0, theme.Muted, label)
		d.line(0, tok, text)
		return
	}
	for i, l := range draw.Wrap(text, d.width-labelCells) {
		if i > 0 {
			label = ""
		}
		value := d.paint(tok, strings.TrimRight(l, " "))
		if url != "" && d.view.Theme.SGR(theme.Accent) != "" {
			value = ansi.SetHyperlink(url, "id="+url) + value + ansi.ResetHyperlink()
		}
		d.lines = append(d.lines, d.paint(theme.Muted, label)+strings.Repeat(" ", labelCells-draw.Width(label))+value)
	}
}

// ago writes how long before the snapshot something was; unknown for the zero time.
func (d *sheet) ago(label string, at time.Time) {
	if at.IsZero() {
		d.field(label, theme.Muted, draw.Unknown)
		return
	}
	d.field(label, theme.Text, draw.Age(d.view.Snapshot.At.Sub(at))+" ago, "+at.UTC().Format("2006-01-02 15:04:05 UTC"))
}
