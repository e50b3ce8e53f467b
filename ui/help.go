package ui

import (
	"strings"

	"swarmtop/theme"
	"swarmtop/ui/panes"
)

func (m *Model) openHelp() {
	m.dialog = &pager{title: "Help", opened: m.opening("help"), rows: (*Model).helpRows}
}

// helpRows lists what all keys of the screen do and what the flags of a peer mean,
// in two columns where there is room.
func (m *Model) helpRows(p *pager, width int) [][]span {
	const keyWidth, columnGap = 12, 4
	var groups [][][]span
	group, widest := "", 0
	for i := range m.keys {
		b := &m.keys[i]
		if !p.passes(b.label() + " " + b.help + " " + b.group) {
			continue
		}
		if b.group != group {
			group = b.group
			groups = append(groups, [][]span{{{theme.Title, group}}})
		}
		row := []span{{theme.Accent, fit(b.label(), keyWidth)}, {theme.Text, " " + b.help}}
		widest = max(widest, part{spans: row}.width())
		last := &groups[len(groups)-1]
		*last = append(*last, row)
	}
	var flags [][]span
	for _, f := range panes.Flags() {
		if p.passes(f.Letter + " " + f.Meaning + " flags of a peer") {
			flags = append(flags, []span{{theme.Accent, fit(f.Letter, keyWidth)}, {theme.Text, " " + f.Meaning}})
			widest = max(widest, part{spans: flags[len(flags)-1]}.width())
		}
	}
	if len(flags) > 0 {
		groups = append(groups, append([][]span{{{theme.Title, "Flags of a peer"}}}, flags...))
	}
	stacked := func(groups [][][]span) (rows [][]span) {
		for i, g := range groups {
			if i > 0 {
				rows = append(rows, nil)
			}
			rows = append(rows, g...)
		}
		return rows
	}
	if width < 2*widest+columnGap || p.query() != "" {
		return stacked(groups)
	}
	left, right := stacked(groups[:len(groups)/2]), stacked(groups[len(groups)/2:])
	var rows [][]span
	for i := range max(len(left), len(right)) {
		var row []span
		if i < len(left) {
			row = append(row, left[i]...)
		}
		if i < len(right) && right[i] != nil {
			pad := widest + columnGap - part{spans: row}.width()
			row = append(row, span{theme.Text, strings.Repeat(" ", pad)})
			row = append(row, right[i]...)
		}
		rows = append(rows, row)
	}
	return rows
}
