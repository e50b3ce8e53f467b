package monitor

import (
	"sync"
	"time"

	"swarmtop/swarm"
)

const (
	logLines = 500
	logCells = 300
)

// Log is the event log: the latest lines, the oldest go first. It is safe for concurrent use.
type Log struct {
	now func() time.Time

	mu     sync.Mutex
	events []swarm.Event // the published part of it is never changed
}

// NewLog returns an empty log.
func NewLog(now func() time.Time) *Log { return &Log{now: now} }

// Add appends a line, cleaned.
func (l *Log) Add(level swarm.Level, text string) {
	e := swarm.Event{At: l.now(), Level: level, Text: swarm.Clean(text, logCells)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.events) == 2*logLines {
		l.events = append(make([]swarm.Event, 0, 2*logLines), l.events[logLines:]...)
	}
	l.events = append(l.events, e)
}

// Events returns the latest lines, oldest first.
func (l *Log) Events() []swarm.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.events)
	return l.events[max(0, n-logLines):n:n]
}
