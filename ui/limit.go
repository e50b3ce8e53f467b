package ui

import (
	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/ui/draw"
)

// Upload limits that keys go through, in bytes a second: powers of two, and none
// above the highest.
const (
	lowestLimit  = 16 << 10
	highestLimit = 128 << 20
)

// limitUploads goes to the next lower or higher upload limit.
func (m *Model) limitUploads(up bool) tea.Cmd {
	limit := nextLimit(m.wantedLimit(), up)
	m.limit = &limit
	text := "uploads are not limited"
	if n, ok := limit.Get(); ok {
		text = "uploads are limited to " + draw.Bytes(n) + "/s in all"
	}
	return m.do(func() doneMsg {
		if err := m.commands.SetUploadLimit(limit); err != nil {
			return doneMsg{err: err, after: func(m *Model) tea.Cmd { m.limit = nil; return nil }}
		}
		return doneMsg{text: text}
	})
}

// wantedLimit is the limit that was asked for, until a snapshot shows it.
func (m *Model) wantedLimit() swarm.Opt[int64] {
	if m.limit != nil && *m.limit != m.live.UploadLimit {
		return *m.limit
	}
	m.limit = nil
	return m.live.UploadLimit
}

func nextLimit(limit swarm.Opt[int64], up bool) swarm.Opt[int64] {
	n, limited := limit.Get()
	switch {
	case !limited && up:
		return limit
	case !limited:
		return swarm.Known(int64(highestLimit))
	case up && n >= highestLimit:
		return swarm.Opt[int64]{}
	}
	step := int64(lowestLimit)
	for step < n {
		step *= 2
	}
	if up && step == n {
		step *= 2
	}
	if !up {
		step = max(step/2, lowestLimit)
	}
	return swarm.Known(step)
}
