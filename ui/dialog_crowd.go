package ui

import (
	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/ui/panes"
)

// crowdDialog shows the crowd of a swarm.
type crowdDialog struct {
	hash   swarm.InfoHash
	name   string
	opened []string // the keys that opened it, and close it too
	last   swarm.Crowd
}

// openCrowd shows the crowd of the selected swarm.
func (m *Model) openCrowd() {
	if m.selected == nil {
		m.say("select one swarm to see its crowd: a widget has as many as it has assets")
		return
	}
	m.dialog = &crowdDialog{hash: m.selected.InfoHash, name: m.selected.Name, opened: m.opening("crowd")}
}

func (d *crowdDialog) keys() keymap {
	span := binding{keys: []string{"t"}, short: "time", help: "show another span of time", on: onAll,
		run: func(m *Model, _ string) tea.Cmd { m.nextSpan(); return nil }}
	return keymap{span, closing(append([]string{"esc", "q", "enter"}, d.opened...)...)}
}

func (d *crowdDialog) typed(tea.Msg) {}

func (d *crowdDialog) scroll(panes.Motion) {}

// draw shows the crowd as it is, or was last when the swarm is gone.
func (d *crowdDialog) draw(m *Model, width, height int) []string {
	if w := m.snapshot().Swarm(d.hash); w != nil {
		d.last, d.name = w.Crowd, w.Name
	}
	v := m.view(swarmsPane, rect{width: width, height: height})
	v.Focused = true
	return panes.Crowd(v, d.name, d.last)
}
