package ui

import (
	"swarmtop/swarm"
	"swarmtop/theme"
)

func (m *Model) openLog() {
	m.dialog = &pager{title: "Event log", key: "L", rows: (*Model).logRows, tail: true}
}

// logRows lists the events, the latest last.
func (m *Model) logRows(width int) [][]span {
	events := m.snapshot().Events
	if len(events) == 0 {
		return [][]span{{{theme.Muted, "nothing has happened yet"}}}
	}
	var rows [][]span
	for _, e := range events {
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
	return rows
}
