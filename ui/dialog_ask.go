package ui

import (
	tea "charm.land/bubbletea/v2"

	"swarmtop/theme"
	"swarmtop/ui/draw"
	"swarmtop/ui/panes"
)

// question asks whether something is to be done.
type question struct {
	title string
	rows  [][]span
	yes   string // what enter does, from a verb
	run   func(m *Model) tea.Cmd
}

func (q *question) keys() keymap {
	return keymap{
		{keys: []string{"enter", "y"}, short: "yes", help: q.yes, on: onAll, run: func(m *Model, _ string) tea.Cmd {
			m.closeDialog()
			return q.run(m)
		}},
		{keys: []string{"esc", "n", "q"}, short: "no", help: "change nothing", on: onAll,
			run: func(m *Model, _ string) tea.Cmd { m.closeDialog(); return nil }},
	}
}

func (q *question) typed(tea.Msg)       {}
func (q *question) scroll(panes.Motion) {}

func (q *question) draw(m *Model, width, height int) []string {
	rows := append(append([][]span{}, q.rows...), nil)
	const labels = 10
	keys := q.keys()
	for i := range keys {
		label := keys[i].label()
		for _, line := range draw.Wrap(keys[i].help, max(width-4-labels, 1)) {
			rows = append(rows, []span{{theme.Accent, fit(label, labels)}, {theme.Text, line}})
			label = ""
		}
	}
	return m.box(q.title, "", rows, 40, width, min(len(rows)+2, height))
}
