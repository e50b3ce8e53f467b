package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"swarmtop/theme"
	"swarmtop/ui/draw"
	"swarmtop/ui/panes"
)

// dialog is a box over the screen. While one is open it has all keys but ctrl+c.
type dialog interface {
	keys() keymap
	typed(msg tea.Msg) // a key that is not one of its keys, or pasted text
	scroll(motion panes.Motion)
	// draw returns the box, at most width cells and height lines large.
	draw(m *Model, width, height int) []string
}

func (m *Model) closeDialog() { m.dialog = nil }

// closing is the binding that closes a dialog without doing anything.
func closing(keys ...string) binding {
	return binding{keys: keys, short: "close", help: "close", on: onAll,
		run: func(m *Model, _ string) tea.Cmd { m.closeDialog(); return nil }}
}

// box draws rows in a frame as wide as they need, between least and width cells,
// and at most height lines high.
func (m *Model) box(title, foot string, rows [][]span, least, width, height int) []string {
	inner := min(least, width) - 4
	for _, r := range rows {
		inner = max(inner, part{spans: r}.width())
	}
	return m.boxOf(title, foot, rows, min(inner+4, width), min(len(rows)+2, height))
}

// boxOf draws rows in a frame of exactly width cells and height lines.
func (m *Model) boxOf(title, foot string, rows [][]span, width, height int) []string {
	var p draw.Page
	p.Reset(m.theme, width, height)
	p.Begin(draw.Frame{Title: title, Foot: foot, Focused: true})
	for _, row := range rows {
		if p.LinesLeft() == 0 {
			break
		}
		p.Skip(1)
		for _, s := range row {
			p.Put(s.token, s.text)
		}
		p.Next()
	}
	return p.Lines()
}

// wrapped breaks text into rows of one meaning.
func wrapped(token theme.Token, text string, width int) [][]span {
	var rows [][]span
	for _, line := range draw.Wrap(text, width) {
		rows = append(rows, []span{{token, strings.TrimRight(line, " ")}})
	}
	return rows
}
