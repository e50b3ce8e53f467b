package ui

import (
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
	"swarmtop/ui/panes"
)

// removeDialog asks what becomes of the bytes when swarms are left.
type removeDialog struct {
	hashes []swarm.InfoHash
	what   string
	bytes  int64 // that are here
}

func (m *Model) openRemove() {
	hashes, what := m.selection()
	if len(hashes) == 0 {
		m.fail(errors.New("no swarm is selected to remove: choose one in pane 1"))
		return
	}
	d := &removeDialog{hashes: hashes, what: what}
	for _, h := range hashes {
		if s := m.live.Swarm(h); s != nil {
			d.bytes += s.Done
		}
	}
	m.dialog = d
}

func (d *removeDialog) keys() keymap {
	remove := func(bytesToo bool) func(*Model, string) tea.Cmd {
		return func(m *Model, _ string) tea.Cmd {
			m.closeDialog()
			return m.remove(d, bytesToo)
		}
	}
	return keymap{
		{keys: []string{"k"}, short: "keep bytes", help: "leave, and keep the bytes", on: onAll, run: remove(false)},
		{keys: []string{"d"}, short: "delete bytes", help: "leave, and delete the bytes", on: onAll, run: remove(true)},
		{keys: []string{"esc", "q"}, short: "cancel", help: "change nothing", on: onAll,
			run: func(m *Model, _ string) tea.Cmd { m.closeDialog(); return nil }},
	}
}

func (d *removeDialog) typed(tea.Msg)       {}
func (d *removeDialog) scroll(panes.Motion) {}

func (d *removeDialog) draw(m *Model, width, height int) []string {
	rows := [][]span{
		{{theme.Title, d.what}},
		{{theme.Muted, draw.Bytes(d.bytes) + " of it are on this machine"}},
		nil,
	}
	keys := d.keys()
	for i := range keys {
		rows = append(rows, []span{{theme.Accent, fit(keys[i].label(), 8)}, {theme.Text, keys[i].help}})
	}
	if len(rows) > height-2 {
		rows = append(rows[:1], rows[3:]...)
	}
	return m.box("Remove", "", rows, 30, width, height)
}

// remove leaves the swarms one after another and tells how it went.
func (m *Model) remove(d *removeDialog, bytesToo bool) tea.Cmd {
	undoes := " · " + m.key("u") + " undoes, for a minute"
	return m.do(func() doneMsg {
		var errs []error
		for _, h := range d.hashes {
			if err := m.commands.Remove(h, bytesToo); err != nil {
				errs = append(errs, err)
			}
		}
		done := doneMsg{text: "removed " + d.what + ", its bytes are kept" + undoes}
		if bytesToo {
			done.text = "removed " + d.what + " and its bytes" + undoes
		}
		if len(errs) > 0 {
			done = doneMsg{err: errs[0]}
		}
		done.after = func(m *Model) tea.Cmd { m.removed = d.hashes; return nil }
		return done
	})
}

// restore brings back what was removed last.
func (m *Model) restore() tea.Cmd {
	hashes := m.removed
	m.removed = nil
	return m.do(func() doneMsg {
		var errs []error
		for _, h := range hashes {
			if err := m.commands.Restore(h); err != nil {
				errs = append(errs, err)
			}
		}
		if len(errs) > 0 {
			return doneMsg{err: errs[0]}
		}
		return doneMsg{text: fmt.Sprintf("undone: %d %s back", len(hashes), plural(len(hashes), "swarm"))}
	})
}
