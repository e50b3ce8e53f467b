package ui

import (
	"time"

	"swarmtop/theme"
)

// messageStays is how long the message of a command stays in the footer.
const messageStays = 6 * time.Second

// message is what the last command had to say. Its age is measured by the
// snapshots' own time.
type message struct {
	text   string
	failed bool
	since  time.Time
}

// say puts a message into the footer.
func (m *Model) say(text string) { m.message = message{text: text, since: m.live.At} }

// fail puts an error into the footer.
func (m *Model) fail(err error) {
	m.message = message{text: err.Error(), failed: true, since: m.live.At}
}

// forget clears the message when its time is over, or the clock was set back.
func (m *Model) forget() {
	if age := m.live.At.Sub(m.message.since); age > messageStays || age < 0 {
		m.message = message{}
	}
}

// footer draws the last line: the keys of the open dialog, the filter while it is
// typed, the message of the last command, or the keys of the focused pane.
func (m *Model) footer(width int) string {
	keys := m.keys
	switch {
	case m.dialog != nil:
		keys = m.dialog.keys()
	case m.filter != nil:
		return m.filter.line(m, width)
	case m.message.failed:
		return fit(m.paint(theme.Bad, "✗ "+m.message.text), width)
	case m.message.text != "":
		return fit(m.paint(theme.Text, m.message.text), width)
	}
	var parts []part
	for i := range keys {
		b := &keys[i]
		if b.short == "" || !b.on.has(m.focus) || len(b.keys) == 0 || m.options.Recording != nil && b.changes() {
			continue
		}
		// What stands late in the table is left out first; help and quit never.
		keep := len(keys) - i
		if b.group == viewGroup {
			keep += len(keys)
		}
		parts = append(parts, part{keep, []span{{theme.Accent, b.labels()[0]}, {theme.Muted, " " + b.short}}})
	}
	return m.joined(width, parts)
}

// stripCells returns how many summaries stand side by side in a strip, and how wide
// each is; the last one of a line takes what is left.
func stripCells(width, height int) (columns, cell int) {
	columns = (paneCount - 2 + height) / height
	return columns, width / columns
}

// stripAt returns the pane whose summary stands at a cell of the window, −1 for none.
func stripAt(strip rect, focus, x, y int) int {
	if !strip.contains(x, y) {
		return -1
	}
	columns, cell := stripCells(strip.width, strip.height)
	n := (y-strip.y)*columns + min((x-strip.x)/cell, columns-1)
	if n >= focus {
		n++
	}
	if n >= paneCount {
		return -1
	}
	return n
}

// strip sums up the panes that are not shown, one cell of the strip each.
func (m *Model) strip(width, height int) []string {
	columns, cell := stripCells(width, height)
	lines := make([]string, 0, height)
	line, n := "", 0
	for i, p := range m.panes {
		if i == m.focus {
			continue
		}
		n++
		room := cell
		if n%columns == 0 {
			room = width - (columns-1)*cell
		}
		key := string(rune('1' + i))
		line += m.paint(theme.Accent, key) + " " + fit(m.paint(theme.Muted, p.Title()+" ")+p.Summary(m.view(i, rect{}), max(room-len(p.Title())-4, 0)), room-2)
		if n%columns == 0 {
			lines = append(lines, line)
			line = ""
		}
	}
	for len(lines) < height {
		lines = append(lines, fit("", width))
	}
	return lines
}
