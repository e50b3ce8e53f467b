package ui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"swarmtop/theme"
	"swarmtop/ui/draw"
	"swarmtop/ui/panes"
)

// addDialog asks for a source and stays open until it is added, so that nothing
// typed is lost.
type addDialog struct {
	input  textField
	err    error
	cancel context.CancelFunc // of the addition under way; nil when there is none
	since  time.Time
}

func (m *Model) openAdd() { m.dialog = &addDialog{input: newTextField(m.draft)} }

func (d *addDialog) keys() keymap {
	if d.cancel != nil {
		return keymap{{keys: []string{"esc"}, short: "give up", help: "end the addition, and keep what was typed", on: onAll,
			run: func(m *Model, _ string) tea.Cmd { d.close(m); return nil }}}
	}
	return keymap{
		{keys: []string{"enter"}, short: "add", help: "add the source", on: onAll,
			run: func(m *Model, _ string) tea.Cmd { return d.submit(m) }},
		{keys: []string{"esc"}, short: "close", help: "close, and keep what was typed", on: onAll,
			run: func(m *Model, _ string) tea.Cmd { d.close(m); return nil }},
	}
}

func (d *addDialog) scroll(panes.Motion) {}

func (d *addDialog) typed(msg tea.Msg) {
	if d.cancel == nil {
		d.input.update(msg)
	}
}

// close ends the addition that is under way, if any.
func (d *addDialog) close(m *Model) {
	if d.cancel != nil {
		d.cancel()
		m.say("gave up adding " + strings.TrimSpace(d.input.value()))
	}
	m.draft = d.input.value()
	m.closeDialog()
}

func (d *addDialog) submit(m *Model) tea.Cmd {
	source := strings.TrimSpace(d.input.value())
	if source == "" {
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	d.cancel, d.since, d.err = cancel, m.live.At, nil
	return m.do(func() doneMsg {
		defer cancel()
		text, err := m.commands.Add(ctx, source)
		gaveUp := ctx.Err() != nil
		return doneMsg{text: text, after: func(m *Model) tea.Cmd {
			d.cancel = nil
			switch {
			case err == nil && m.dialog == d:
				m.draft = ""
				m.closeDialog()
			case err != nil && m.dialog == d:
				d.err = err
			case err != nil && !gaveUp:
				m.fail(err)
			}
			return nil
		}}
	})
}

func (d *addDialog) draw(m *Model, width, height int) []string {
	width = min(width, 90)
	inner := width - 4
	rows := wrapped(theme.Muted, "A magnet link, a .torrent file, a folder or file to publish, a URL of metainfo, or an info hash.", inner)
	rows = append(rows, nil, []span{{theme.Text, d.input.view(inner)}}, nil)
	switch {
	case d.cancel != nil:
		age := draw.Age(m.live.At.Sub(d.since))
		rows = append(rows, []span{{theme.Accent, "adding, " + age + " so far"}, {theme.Muted, " · esc gives up"}})
	case d.err != nil:
		rows = append(rows, wrapped(theme.Bad, "✗ "+d.err.Error(), inner)...)
	default:
		rows = append(rows, nil)
	}
	if hint := len(rows) - (height - 2); hint > 0 {
		rows = rows[min(hint, 2):] // the field and the error matter more than the hint
	}
	return m.boxOf("Add a source", "", rows, width, min(len(rows)+2, height))
}
