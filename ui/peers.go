package ui

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/theme"
)

// selectedPeer returns the connection of the selected row of the Peers pane, and
// its swarm.
func (m *Model) selectedPeer() (*swarm.Peer, *swarm.Swarm) {
	key, ok := m.peers.Selected()
	if !ok {
		return nil, nil
	}
	snap := m.snapshot()
	for i := range snap.Swarms {
		for k := range snap.Swarms[i].Peers {
			if p := &snap.Swarms[i].Peers[k]; p.Key == key {
				return p, &snap.Swarms[i]
			}
		}
	}
	return nil, nil
}

// failedPeers changes between the peers that are connected and those that failed.
func (m *Model) failedPeers() {
	m.peers.ToggleFailed()
	m.touched(peersPane)
	m.setFocus(peersPane)
}

// askDisconnect asks whether the selected peer is to be disconnected.
func (m *Model) askDisconnect() {
	m.askPeer("Disconnect a peer", "end this connection; the peer may come back", func(p *swarm.Peer, s *swarm.Swarm) func() doneMsg {
		h, key, text := s.InfoHash, p.Key, "disconnected "+m.maskedText(p.Address)
		return func() doneMsg {
			if err := m.commands.Disconnect(h, key); err != nil {
				return doneMsg{err: err}
			}
			return doneMsg{text: text}
		}
	})
}

// askBan asks whether the selected peer's address is to be banned.
func (m *Model) askBan() {
	const title, yes = "Ban a peer", "end every connection with this address, and refuse it until swarmtop ends"
	if address, ok := m.peers.FailedAddress(); ok && m.focus == peersPane {
		m.dialog = &question{
			title: title, yes: yes,
			rows: [][]span{{{theme.Title, m.maskedText(address)}, {theme.Muted, "  not connected"}}},
			run:  func(m *Model) tea.Cmd { return m.do(m.ban(address)) },
		}
		return
	}
	m.askPeer(title, yes, func(p *swarm.Peer, _ *swarm.Swarm) func() doneMsg {
		return m.ban(p.Address)
	})
}

func (m *Model) ban(address string) func() doneMsg {
	text := "banned " + m.maskedText(address)
	return func() doneMsg {
		if err := m.commands.Ban(address); err != nil {
			return doneMsg{err: err}
		}
		return doneMsg{text: text}
	}
}

func (m *Model) askPeer(title, yes string, command func(*swarm.Peer, *swarm.Swarm) func() doneMsg) {
	p, s := m.selectedPeer()
	if p == nil || m.focus != peersPane {
		m.fail(errors.New("no peer is selected: choose a connected one in pane 2"))
		return
	}
	run := command(p, s)
	m.dialog = &question{
		title: title, yes: yes,
		rows: [][]span{
			{{theme.Title, m.maskedText(p.Address)}, {theme.Muted, "  " + p.Client.Or("unknown client")}},
			{{theme.Muted, "in the swarm of "}, {theme.Text, s.Name}},
		},
		run: func(m *Model) tea.Cmd { return m.do(run) },
	}
}
