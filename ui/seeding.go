package ui

import (
	"errors"
	"fmt"
	"math"
	"slices"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
)

// toggle is one change of the seeding switch of some swarms, all to the same position.
type toggle struct {
	hashes []swarm.InfoHash
	on     bool
	what   string // what it concerns, for messages
}

// inverse undoes t.
func (t toggle) inverse() toggle { return toggle{t.hashes, !t.on, t.what} }

// mostToggles is how many toggles may wait for one that takes its time, as on a slow
// disk. Each holds 20 bytes for a swarm.
const mostToggles = 32

// seedingQueue passes toggles on one after another, so that the last key wins,
// and remembers what was asked for until a snapshot shows it.
type seedingQueue struct {
	waiting []toggle
	busy    bool
	wanted  map[swarm.InfoHash]bool
	last    toggle // what undo takes back; no hashes when there is nothing
}

// on tells where the switch of a swarm stands or is about to stand.
func (q *seedingQueue) on(s *swarm.Swarm) bool {
	if on, ok := q.wanted[s.InfoHash]; ok {
		return on
	}
	return s.Seeding
}

// settle forgets what a snapshot shows to be done, and the swarms that are gone.
func (q *seedingQueue) settle(snap *swarm.Snapshot) {
	for h, on := range q.wanted {
		if s := snap.Swarm(h); s == nil || s.Seeding == on {
			delete(q.wanted, h)
		}
	}
}

// selection returns the swarms of the selected row, and what to call them.
func (m *Model) selection() (hashes []swarm.InfoHash, what string) {
	hashes = m.swarms.SelectedHashes(m.view(swarmsPane, m.arrange().panes[swarmsPane]))
	_, widget, _ := m.swarms.Selected()
	return hashes, m.called(hashes, widget)
}

// called names swarms in a few words.
func (m *Model) called(hashes []swarm.InfoHash, widget string) string {
	switch {
	case widget != "":
		return fmt.Sprintf("%s (%d %s)", widget, len(hashes), plural(len(hashes), "swarm"))
	case len(hashes) == 1:
		if s := m.live.Swarm(hashes[0]); s != nil && s.Name != "" {
			return s.Name
		}
		return hashes[0].Short() + "…"
	}
	return fmt.Sprintf("%d swarms", len(hashes))
}

// everything returns the info hashes of all swarms.
func (m *Model) everything() []swarm.InfoHash {
	hashes := make([]swarm.InfoHash, len(m.live.Swarms))
	for i := range m.live.Swarms {
		hashes[i] = m.live.Swarms[i].InfoHash
	}
	return hashes
}

func (m *Model) toggleSelected() tea.Cmd {
	hashes, what := m.selection()
	return m.toggle(hashes, what)
}

func (m *Model) toggleAll() tea.Cmd {
	return m.toggle(m.everything(), "all swarms")
}

// toggle stops the swarms that seed, or starts all when none does.
func (m *Model) toggle(hashes []swarm.InfoHash, what string) tea.Cmd {
	var on, off []swarm.InfoHash
	for _, h := range hashes {
		if s := m.live.Swarm(h); s == nil {
			continue
		} else if m.seeding.on(s) {
			on = append(on, h)
		} else {
			off = append(off, h)
		}
	}
	t := toggle{on, false, what}
	if len(on) == 0 {
		t = toggle{off, true, what}
	}
	if len(t.hashes) == 0 {
		m.fail(errors.New("no swarm is selected: " + m.key("a") + " adds one"))
		return nil
	}
	m.say(m.toggleText(t) + " · " + m.key("u") + " undoes")
	m.seeding.last, m.removed = t, nil
	return m.setSeeding(t)
}

// undo takes back the last change of the switch, or the last removal.
func (m *Model) undo() tea.Cmd {
	if len(m.removed) > 0 {
		return m.restore()
	}
	if len(m.seeding.last.hashes) == 0 {
		m.fail(errors.New("nothing to undo: no start, stop or removal of the last minute is left"))
		return nil
	}
	t := m.seeding.last.inverse()
	m.seeding.last = toggle{}
	m.say("undone: " + m.toggleText(t))
	return m.setSeeding(t)
}

// toggleText tells what a toggle does to the copies that downloaders can reach:
// of several swarms, the fewest.
func (m *Model) toggleText(t toggle) string {
	text := "seeding off: " + t.what
	if t.on {
		text = "seeding on: " + t.what
	}
	before, after := math.Inf(1), math.Inf(1)
	for _, h := range t.hashes {
		s := m.live.Swarm(h)
		if s == nil {
			continue
		}
		b, known := copies(s, !t.on).Get()
		a, _ := copies(s, t.on).Get()
		if !known {
			return text
		}
		before, after = min(before, b), min(after, a)
	}
	if math.IsInf(after, 1) {
		return text
	}
	word := "copies"
	if len(t.hashes) > 1 {
		word = "fewest copies"
	}
	return fmt.Sprintf("%s, %s %s → %s", text, word, tenths(before), tenths(after))
}

// copies is how many distributed copies of s downloaders reach with our seeding on
// or off. It is unknown where neither availability nor the swarm's own figure tells.
func copies(s *swarm.Swarm, seeding bool) swarm.Opt[float64] {
	if s.Pieces.Count == 0 || len(s.Pieces.Availability) != s.Pieces.Count {
		figure, ok := s.Copies.Get()
		if !ok || s.State != swarm.Complete {
			return swarm.Opt[float64]{}
		}
		others := figure
		if s.Seeding {
			others--
		}
		if seeding {
			return swarm.Known(others + 1)
		}
		return swarm.Known(max(others, 0))
	}
	if !seeding {
		return swarm.Known(swarm.DistributedCopies(s.Pieces.Availability))
	}
	with := slices.Clone(s.Pieces.Availability)
	swarm.CountAvailability(with, s.Pieces.Ours)
	return swarm.Known(swarm.DistributedCopies(with))
}

// setSeeding passes a toggle on, after those that are under way.
func (m *Model) setSeeding(t toggle) tea.Cmd {
	q := &m.seeding
	if len(q.waiting) >= mostToggles {
		m.fail(errors.New("earlier starts and stops are still under way: try again when they are done"))
		return nil
	}
	if q.wanted == nil {
		q.wanted = make(map[swarm.InfoHash]bool)
	}
	for _, h := range t.hashes {
		q.wanted[h] = t.on
	}
	q.waiting = append(q.waiting, t)
	return m.nextToggle()
}

// nextToggle runs the toggle that waits longest, unless one is under way.
func (m *Model) nextToggle() tea.Cmd {
	q := &m.seeding
	if q.busy || len(q.waiting) == 0 {
		return nil
	}
	t := q.waiting[0]
	q.waiting = q.waiting[1:]
	q.busy = true
	return m.do(func() doneMsg {
		err := m.commands.SetSeeding(t.hashes, t.on)
		return doneMsg{err: err, after: func(m *Model) tea.Cmd {
			q := &m.seeding
			q.busy = false
			if err != nil {
				clear(q.wanted)
			}
			return m.nextToggle()
		}}
	})
}
