package ui

import (
	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/theme"
)

func (m *Model) openLog() {
	p := &pager{title: "Event log", opened: m.opening("log"), rows: (*Model).logRows, tail: true}
	p.more = keymap{{keys: []string{"w"}, short: "level", help: "show only warnings and errors, only errors, or all", on: onAll,
		run: func(*Model, string) tea.Cmd {
			p.level = (p.level + 1) % (swarm.Error + 1)
			p.title = "Event log" + map[swarm.Level]string{swarm.Warn: ": warnings and errors", swarm.Error: ": errors"}[p.level]
			return nil
		}}}
	m.dialog = p
}

// logRows lists the events, the latest last.
func (m *Model) logRows(p *pager, width int) [][]span {
	events := m.snapshot().Events
	if len(events) == 0 {
		return wrapped(theme.Muted, "Nothing has happened yet. What swarmtop does and what fails will stand here, the latest last.", width)
	}
	var rows [][]span
	for _, e := range events {
		if e.Level < p.level || !p.passes(e.Level.String()+" "+e.Text) {
			continue
		}
		token := theme.Muted
		switch e.Level {
		case swarm.Warn:
			token = theme.Warn
		case swarm.Error:
			token = theme.Bad
		}
		head := []span{{theme.Muted, e.At.Format("15:04:05 ")}, {token, fit(e.Level.String(), 6)}}
		indent := part{spans: head}.width()
		for i, text := range wrapped(theme.Text, e.Text, max(width-indent, 10)) {
			if i > 0 {
				head = []span{{theme.Text, fit("", indent)}}
			}
			rows = append(rows, append(head, text...))
		}
	}
	if len(rows) == 0 && p.search == nil {
		return wrapped(theme.Muted, "Nothing of this level has happened. Press w for other levels.", width)
	}
	return rows
}
