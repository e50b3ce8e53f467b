package ui

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
	"swarmtop/ui/panes"
)

// touched tells that the user did something to a pane, whose lines are stale then.
func (m *Model) touched(pane int) {
	if pane == swarmsPane { // its selection is what the others show
		m.sync()
	}
	m.revisions[pane]++
}

func (m *Model) setFocus(pane int) { m.focus = pane }

func (m *Model) move(pane int, motion panes.Motion) tea.Cmd {
	m.panes[pane].Move(m.view(pane, m.room(pane)), motion)
	m.touched(pane)
	return nil
}

// room is the rectangle of a pane, and the zero rectangle when it is not shown.
func (m *Model) room(pane int) rect { return m.arrange().panes[pane] }

func (m *Model) sortNext() { m.sort(panes.Pane.SortNext) }

func (m *Model) reverse() { m.sort(panes.Pane.Reverse) }

func (m *Model) sort(change func(panes.Pane)) {
	if !onTable.has(m.focus) {
		m.say(m.panes[m.focus].Title() + " has no columns to sort by: Swarms, Peers and Trackers have")
		return
	}
	change(m.panes[m.focus])
	m.touched(m.focus)
}

// fold opens or closes the widget of the selected row.
func (m *Model) fold() {
	m.swarms.Toggle(m.view(swarmsPane, m.room(swarmsPane)))
	m.touched(swarmsPane)
}

// byHost changes between the trackers of the selection and all trackers by host.
func (m *Model) byHost() {
	m.trackers.ToggleHosts()
	m.touched(trackersPane)
	m.setFocus(trackersPane)
}

// back undoes one thing that hides something: the filter, the zoom, the frozen display.
func (m *Model) back() {
	switch {
	case m.panes[m.focus].Filter() != "":
		m.setFilter(m.focus, "")
	case m.zoom:
		m.zoom = false
	case m.pinned != nil:
		m.freeze()
	default:
		m.message = message{}
	}
}

// freeze pins the snapshot that is shown, or lets go of it.
func (m *Model) freeze() {
	if m.options.Recording != nil {
		m.travel(Recording.Pause)
		return
	}
	if m.pinned != nil {
		m.pinned = nil
	} else {
		m.pinned = m.live
	}
	m.sync()
}

// nextSpan shows another span of time in the graph.
func (m *Model) nextSpan() {
	spans := panes.Spans()
	m.span = (m.span + 1) % len(spans)
	m.say("the graph shows the last " + draw.Age(spans[m.span]))
}

func (m *Model) toggleMask() {
	m.mask = !m.mask
	if m.mask {
		m.say("addresses are masked")
	} else {
		m.say("addresses are shown")
	}
}

func (m *Model) toggleMouse() {
	m.mouseOff = !m.mouseOff
	if m.mouseOff {
		m.say("the mouse is the terminal's: select text as usual · " + m.key("m") + " takes it back")
	} else {
		m.say("the mouse focuses, selects and scrolls")
	}
}

// copyRow copies what names the selected row: a peer's address, else the
// magnet link of the selected swarm or the info hashes of the selected widget.
func (m *Model) copyRow() tea.Cmd {
	text, what := m.rowName()
	if text == "" {
		m.fail(errors.New("nothing is selected to copy: choose a swarm in pane 1, or a peer in pane 2"))
		return nil
	}
	m.say("copied " + what)
	return toClipboard(text)
}

func (m *Model) rowName() (text, what string) {
	if a := m.alarms.top(); a != nil && !a.seen && a.probe != nil {
		return a.probe.Curl, "the command that asks the same address"
	}
	if p := m.selectedProbe(); p != nil {
		return p.Curl, "the command that asks the same address"
	}
	if p, _ := m.selectedPeer(); p != nil && m.focus == peersPane {
		return p.Address, "the peer's address"
	}
	if address, ok := m.peers.FailedAddress(); ok && m.focus == peersPane {
		return address, "the peer's address"
	}
	hashes, _ := m.selection()
	if len(hashes) == 1 {
		if s := m.snapshot().Swarm(hashes[0]); s != nil {
			return panes.Magnet(s), "the magnet link of " + s.Name
		}
	}
	lines := make([]string, len(hashes))
	for i, h := range hashes {
		lines[i] = h.String()
	}
	return strings.Join(lines, "\n"), "the info hashes of the widget"
}

func (m *Model) reannounceSelected() tea.Cmd {
	hashes, _ := m.selection()
	return m.reannounce(hashes)
}

func (m *Model) reannounceAll() tea.Cmd { return m.reannounce(m.everything()) }

func (m *Model) reannounce(hashes []swarm.InfoHash) tea.Cmd {
	if len(hashes) == 0 {
		m.fail(errors.New("no swarm is selected: " + m.key("a") + " adds one"))
		return nil
	}
	return m.do(func() doneMsg { return doneMsg{text: m.commands.Reannounce(hashes)} })
}

// nextTheme goes through the built-in themes and the user's own.
func (m *Model) nextTheme(step int) {
	names := theme.Builtin()
	if m.ownTheme != nil {
		names = append(names, m.ownTheme.Name())
	}
	at := 0
	for i, n := range names {
		if n == m.theme.Name {
			at = i
		}
	}
	m.themeName = names[(at+step+len(names))%len(names)]
	m.recompile()
	m.say("theme " + m.themeName)
}

// compileTheme makes the chosen theme ready for the terminal.
func (m *Model) compileTheme() error {
	t := theme.Default(m.dark, m.profile)
	switch {
	case m.themeName == "":
	case m.ownTheme != nil && m.themeName == m.ownTheme.Name():
		t = m.ownTheme.Compile(m.profile)
	default:
		named, err := theme.Named(m.themeName, m.profile)
		if err != nil {
			return err
		}
		t = named
	}
	m.theme = t.Over(m.dark)
	return nil
}

// recompile follows what the terminal or the user said of colours. The theme's
// name has been found before.
func (m *Model) recompile() {
	if err := m.compileTheme(); err != nil {
		m.fail(err)
	}
}

// click focuses the pane under the pointer and selects its row, or sorts by the
// title that was hit.
func (m *Model) click(at tea.Mouse) {
	if at.Button != tea.MouseLeft || m.dialog != nil {
		return
	}
	a := m.arrange()
	if pane := stripAt(a.strip, m.focus, at.X, at.Y); pane >= 0 {
		m.setFocus(pane)
		return
	}
	pane := a.at(at.X, at.Y)
	if pane < 0 {
		return
	}
	m.setFocus(pane)
	r, v := a.panes[pane], m.view(pane, a.panes[pane])
	if s, ok := m.panes[pane].(panes.Sorter); ok && at.Y == r.y+1 {
		s.SortAt(v, at.X-r.x)
	} else {
		m.panes[pane].Click(v, at.Y-r.y)
	}
	m.touched(pane)
}

// wheel moves in the pane under the pointer, or in the open dialog.
func (m *Model) wheel(at tea.Mouse) {
	motion := panes.Down
	switch at.Button {
	case tea.MouseWheelUp:
		motion = panes.Up
	case tea.MouseWheelDown:
	default:
		return
	}
	if m.dialog != nil {
		m.dialog.scroll(motion)
		return
	}
	a := m.arrange()
	if pane := a.at(at.X, at.Y); pane >= 0 {
		m.move(pane, motion)
	}
}

// paste gives pasted text to the field that is open; nothing else takes any.
func (m *Model) paste(p tea.PasteMsg) {
	switch {
	case m.dialog != nil:
		m.dialog.typed(p)
	case m.filter != nil:
		m.filter.paste(m, p)
	}
}
