package ui

import (
	"errors"
	"fmt"
	"time"

	"swarmtop/swarm"
	"swarmtop/theme"
)

// Recording is a source of snapshots that were taken before, and are played.
type Recording interface {
	Snapshots
	Pause()                // or go on; at the end: from the beginning
	Step(forth bool)       // to the next snapshot or the one before, and pause
	Jump(by time.Duration) // about so far forth, or back
	Faster(up bool)        // than now, or slower
	Place() (n, count int) // of the snapshot that is shown, from 1
	Ended() bool           // the last snapshot is shown
	Paused() bool          // by Pause or Step
	Speed() float64        // 1 for that in which was recorded
	Problem() string       // what of it cannot be shown; empty for nothing
}

// errRecording answers a key that would change something.
var errRecording = errors.New("this is a recording: nothing in it can be changed")

// spectator is the Commands of a recording. No key reaches any of them but Focus.
type spectator struct{ Commands }

// Focus implements [Commands].
func (spectator) Focus(swarm.InfoHash) {}

// changes tells whether a key does something to the swarms, not just to the screen.
func (b *binding) changes() bool { return b.group == swarmGroup && b.name != "acknowledge" }

// spectate does what a key does to a recording: those for the upload limit change
// the speed, others that change something do not.
func (m *Model) spectate(b *binding) {
	r := m.options.Recording
	switch b.name {
	case "limit_up", "limit_down":
		r.Faster(b.name == "limit_up")
		m.say(fmt.Sprintf("it plays at %g× the speed", r.Speed()))
	default:
		m.fail(errRecording)
	}
}

// travel shows another moment of a recording, and tells whether there was one.
// Alarms are those of the moment: what came later is not known yet.
func (m *Model) travel(move func(Recording)) bool {
	r := m.options.Recording
	before, _ := r.Place()
	m.message = message{}
	move(r)
	n, _ := r.Place()
	if n < before {
		m.alarms = nil
	}
	m.look()
	return n != before
}

// travelOr is travel, and says so where the recording ends.
func (m *Model) travelOr(move func(Recording), back bool) {
	switch {
	case m.travel(move):
	case back:
		m.say("this is the beginning of the recording")
	default:
		m.say("this is the end of the recording · " + m.key("f") + " plays it again")
	}
}

// playing tells where a recording stands, for the header.
func (m *Model) playing() part {
	r := m.options.Recording
	n, count := r.Place()
	text := fmt.Sprintf("▶ replay %s (%d/%d)", m.live.At.Format(time.TimeOnly), n, count)
	switch {
	case r.Ended():
		text += " end"
	case r.Paused():
		text += " paused"
	case r.Speed() != 1:
		text += fmt.Sprintf(" %g×", r.Speed())
	}
	return part{10, []span{{theme.Accent, text}}}
}

// playingWords tells how to play a recording, and what of it cannot be shown.
func (m *Model) playingWords() (words [][]span) {
	if problem := m.options.Recording.Problem(); problem != "" {
		return [][]span{{{theme.Warn, "! " + problem}}}
	}
	keys := func(of ...string) (all []span) {
		for i := 0; i < len(of); i += 2 {
			all = append(all, span{theme.Accent, of[i]}, span{theme.Muted, of[i+1]})
		}
		return all
	}
	step := m.key("[") + " " + m.key("]")
	far := m.key("{") + " " + m.key("}")
	speed := m.key("-") + " " + m.key("+")
	return [][]span{
		keys(m.key("f"), " pause  ", step, " step  ", far, " a minute  ", speed, " speed"),
		keys(m.key("f"), " pause  ", step, " step"),
	}
}
