package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
	"swarmtop/ui/panes"
)

// pager is a dialog of rows that scroll and can be searched.
type pager struct {
	title  string
	opened []string // the keys that opened it, and close it too
	rows   func(m *Model, p *pager, width int) [][]span
	more   keymap // keys of its own

	search    *textField // nil until something was searched
	searching bool       // keys go to search
	level     swarm.Level
	first     int  // the row at the top
	tail      bool // stay at the end as rows are added
	page      int  // rows that were seen when it was drawn last
	total     int
}

func (p *pager) keys() keymap {
	done := func(keep bool) func(*Model, string) tea.Cmd {
		return func(*Model, string) tea.Cmd {
			p.searching, p.first = false, 0
			if !keep {
				p.search = nil
			}
			return nil
		}
	}
	switch {
	case p.searching:
		return keymap{
			{keys: []string{"enter"}, short: "keep", help: "keep the search", on: onAll, run: done(true)},
			{keys: []string{"esc"}, short: "clear", help: "drop the search", on: onAll, run: done(false)},
		}
	case p.search != nil:
		return append(p.moves(), append(p.more, p.find(),
			binding{keys: []string{"esc"}, short: "clear", help: "drop the search", on: onAll, run: done(false)}, closing(append([]string{"q"}, p.opened...)...))...)
	}
	return append(p.moves(), append(p.more, p.find(), closing(append([]string{"esc", "q"}, p.opened...)...))...)
}

func (p *pager) find() binding {
	return binding{keys: []string{"/"}, short: "search", help: "show only what has a text", on: onAll, run: func(*Model, string) tea.Cmd {
		field := newTextField(p.query())
		p.search, p.searching, p.tail = &field, true, false
		return nil
	}}
}

// query is what is searched for; empty for nothing.
func (p *pager) query() string {
	if p.search == nil {
		return ""
	}
	return p.search.value()
}

// passes tells whether a text has what is searched for, in whatever case.
func (p *pager) passes(text string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(p.query()))
}

// moves are the keys that scroll.
func (p *pager) moves() keymap {
	move := func(motion panes.Motion) func(*Model, string) tea.Cmd {
		return func(*Model, string) tea.Cmd { p.scroll(motion); return nil }
	}
	return keymap{
		{keys: []string{"j", "down"}, short: "down", help: "a line down", on: onAll, run: move(panes.Down)},
		{keys: []string{"k", "up"}, short: "up", help: "a line up", on: onAll, run: move(panes.Up)},
		{keys: []string{"space", "pgdown"}, short: "page", help: "a page down", on: onAll, run: move(panes.PageDown)},
		{keys: []string{"pgup"}, help: "a page up", run: move(panes.PageUp)},
		{keys: []string{"g", "home"}, help: "to the top", run: move(panes.Top)},
		{keys: []string{"G", "end"}, help: "to the bottom", run: move(panes.Bottom)},
	}
}

func (p *pager) typed(msg tea.Msg) {
	if p.searching {
		p.search.update(msg)
		p.first = 0
	}
}

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
	rows := p.rows(m, p, width-4)
	title := p.title
	if p.search != nil {
		title += " / " + p.query()
		if p.searching {
			title += "▏"
		}
		if len(rows) == 0 {
			rows = wrapped(theme.Muted, "Nothing here has “"+p.query()+"”. Press esc to drop the search.", width-4)
		}
	}
	p.seen(len(rows), height-2)
	return m.box(title, p.position(), rows[p.first:], 30, width, min(len(rows)+2, height))
}

// seen takes note of how many rows there are and how many of them fit.
func (p *pager) seen(total, page int) {
	p.total, p.page = total, max(page, 0)
	last := max(p.total-p.page, 0)
	if p.tail {
		p.first = last
	}
	p.first = min(p.first, last)
}

// position says how far the rows are scrolled, once some are not seen.
func (p *pager) position() string {
	if p.total <= p.page {
		return ""
	}
	return draw.Count(int64(min(p.first+p.page, p.total))) + " of " + draw.Count(int64(p.total))
}
