package session

import (
	"time"

	"swarmtop/swarm"
)

// A minute tells what arrived in about the last minute.
type minute struct {
	marks [marksAMinute + 1]mark
	head  int // the latest
	count int
}

type mark struct {
	at  time.Time
	sum swarm.Received
}

const (
	marksAMinute = 12
	markEvery    = time.Minute / marksAMinute
)

// put takes the sum since start as of now and returns the part of the last minute.
func (m *minute) put(now time.Time, sum swarm.Received) swarm.Received {
	since := now.Sub(m.marks[m.head].at)
	switch {
	case m.count == 0:
		m.push(mark{at: now}) // what came before the first look belongs to the minute
	case since < 0:
		m.count = 0 // the clock was set back
		m.push(mark{now, sum})
	case since >= markEvery:
		m.push(mark{now, sum})
	}
	for back := m.count - 1; back > 0; back-- {
		old := m.marks[(m.head-back+len(m.marks))%len(m.marks)]
		if now.Sub(old.at) < time.Minute+markEvery {
			return sum.Minus(old.sum)
		}
	}
	return sum.Minus(m.marks[m.head].sum)
}

func (m *minute) push(k mark) {
	m.head = (m.head + 1) % len(m.marks)
	m.marks[m.head] = k
	m.count = min(m.count+1, len(m.marks))
}
