package ui

import (
	tea "charm.land/bubbletea/v2"

	"swarmtop/ui/draw"
	"swarmtop/ui/panes"
)

// pager is a dialog of rows that scroll.
type pager struct {
	title string
	key   string // that opened it, and closes it too
	rows  func(m *Model, width int) [][]span
	first int  // the row at the top
	tail  bool // stay at the end as rows are added
	page  int  // rows that were seen when it was drawn last
	total int
}

func (p *pager) keys() keymap {
	move := func(motion panes.Motion) func(*Model, string) tea.Cmd {
		return func(*Model, string) tea.Cmd { p.scroll(motion); return nil }
	}
	return keymap{
		{keys: []string{"j", "down"}, short: "down", help: "a line down", on: onAll, run: move(panes.Down)},
		{keys: []string{"k", "up"}, short: "up", help: "a line up", on: onAll, run: move(panes.Up)},
		{keys: []string{"pgdown", "space"}, short: "page", help: "a page down", on: onAll, run: move(panes.PageDown)},
		{keys: []string{"pgup"}, help: "a page up", run: move(panes.PageUp)},
		{keys: []string{"g", "home"}, help: "to the top", run: move(panes.Top)},
		{keys: []string{"G", "end"}, help: "to the bottom", run: move(panes.Bottom)},
		closing("esc", "q", p.key),
	}
}

func (p *pager) typed(tea.Msg) {}

func (p *pager) scroll(motion panes.Motion) {
	last := max(p.total-p.page, 0)
	switch motion {
	case panes.Up:
		p.first--
	case panes.Down:
		p.first++
	case panes.PageUp:
		p.first -= p.page
	case panes.PageDown:
		p.first += p.page
	case panes.Top:
		p.first = 0
	case panes.Bottom:
		p.first = last
	}
	p.first = min(max(p.first, 0), last)
	p.tail = p.first == last
}

func (p *pager) draw(m *Model, width, height int) []string {
	rows := p.rows(m, width-4)
	p.total, p.page = len(rows), max(height-2, 0)
	last := max(p.total-p.page, 0)
	if p.tail {
		p.first = last
	}
	p.first = min(p.first, last)
	foot := ""
	if last > 0 {
		foot = draw.Count(int64(min(p.first+p.page, p.total))) + " of " + draw.Count(int64(p.total))
	}
	return m.box(p.title, foot, rows[p.first:], 30, width, min(len(rows)+2, height))
}
