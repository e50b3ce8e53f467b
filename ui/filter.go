package ui

import (
	tea "charm.land/bubbletea/v2"

	"swarmtop/theme"
)

// filterInput is the line in which the filter of a pane is typed. What is typed
// holds at once.
type filterInput struct {
	pane  int
	input textField
}

func (m *Model) openFilter() {
	if !onRows.has(m.focus) {
		m.say(m.panes[m.focus].Title() + " has no rows to filter: the other panes have")
		return
	}
	m.filter = &filterInput{m.focus, newTextField(m.panes[m.focus].Filter())}
}

// press gives a key to the line: enter keeps the filter, esc clears it, the
// rest is text.
func (f *filterInput) press(m *Model, k tea.KeyPressMsg) {
	switch k.String() {
	case "enter":
		m.filter = nil
		return
	case "esc":
		m.filter = nil
		m.setFilter(f.pane, "")
		return
	}
	f.input.update(k)
	m.setFilter(f.pane, f.input.value())
}

func (f *filterInput) paste(m *Model, p tea.PasteMsg) {
	f.input.update(p)
	m.setFilter(f.pane, f.input.value())
}

// line draws the filter in the place of the footer.
func (f *filterInput) line(m *Model, width int) string {
	const hint = "  enter keep  esc clear"
	room := max(width-len(hint)-len(m.panes[f.pane].Title())-4, 8)
	return fit(m.paint(theme.Accent, m.panes[f.pane].Title()+" / ")+f.input.view(room)+m.paint(theme.Muted, hint), width)
}

func (m *Model) setFilter(pane int, text string) {
	if m.panes[pane].Filter() == text {
		return
	}
	m.panes[pane].SetFilter(text)
	m.touched(pane)
}
