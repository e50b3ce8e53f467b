package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"swarmtop/theme"
	"swarmtop/ui/draw"
	"swarmtop/ui/panes"
)

// detailsDialog shows all of a pane's selected row, as long as the row is there.
type detailsDialog struct {
	pager
	pane  int
	lines []string // as they were drawn last
}

// openDetails shows the selected row of the focused pane in full; a widget's row
// is folded or unfolded instead.
func (m *Model) openDetails() {
	if m.focus == swarmsPane && m.widget != "" {
		m.fold()
		return
	}
	d := &detailsDialog{pane: m.focus}
	d.title = m.panes[m.focus].Title()
	if !d.look(m, 72) {
		m.move(m.focus, panes.Down) // responses go by until one of them is selected
	}
	if len(d.lines) == 0 && !d.look(m, 72) {
		m.say(m.noRow())
		return
	}
	m.dialog = d
}

// noRow says why there is nothing to show in full, and what to do.
func (m *Model) noRow() string {
	switch {
	case len(m.snapshot().Swarms) == 0:
		return "there is no swarm yet: " + m.key("a") + " adds one"
	case m.focus == responsesPane:
		return "no response has come yet: the gateway's address is at the top"
	}
	return m.panes[m.focus].Title() + " has no row to show: choose another swarm in pane 1"
}

// look takes the lines of the row as it is now. When the row is gone it keeps
// those that were there and tells so.
func (d *detailsDialog) look(m *Model, width int) (there bool) {
	detailer, ok := m.panes[d.pane].(panes.Detailer)
	if !ok {
		return false
	}
	lines := detailer.Details(m.view(d.pane, m.room(d.pane)), width)
	if len(lines) == 0 || len(d.lines) > 0 && ansi.Strip(lines[0]) != ansi.Strip(d.lines[0]) {
		return false
	}
	d.lines = lines
	return true
}

func (d *detailsDialog) keys() keymap {
	copying := binding{keys: []string{"y"}, short: "copy", help: "copy this text", on: onAll, run: func(m *Model, _ string) tea.Cmd {
		lines := make([]string, len(d.lines))
		for i, l := range d.lines {
			lines[i] = strings.TrimRight(ansi.Strip(l), " ")
		}
		m.say("copied the details")
		return toClipboard(strings.Join(lines, "\n") + "\n")
	}}
	return append(keymap{copying}, append(d.moves(), closing("esc", "q", "enter"))...)
}

func (d *detailsDialog) draw(m *Model, width, height int) []string {
	foot := ""
	if width = min(width, 120); !d.look(m, width-4) {
		foot = "it is gone: this is how it was last"
	}
	d.seen(len(d.lines), height-2)
	if foot == "" {
		foot = d.position()
	}
	var p draw.Page
	p.Reset(m.theme, width, min(len(d.lines)+2, height))
	p.Begin(draw.Frame{Title: d.title, Foot: foot, Focused: true})
	for _, line := range d.lines[d.first:] {
		if p.LinesLeft() == 0 {
			break
		}
		p.Skip(1)
		p.Put(theme.Text, line)
		p.Next()
	}
	return p.Lines()
}
