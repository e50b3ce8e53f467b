package gateway

import (
	"encoding/json"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"swarmtop/swarm"
)

const (
	accessQueue = 4096     // responses that wait to be written; more are left out
	accessBatch = 64 << 10 // bytes that are written at once
)

// accessLog appends a line of JSON for each response to a file. Whatever the disk
// does, no response waits for it: what cannot be written is left out and counted.
// A file that was moved away, as logs are, is begun anew under its name.
type accessLog struct {
	path   string
	log    func(swarm.Level, string)
	queue  chan swarm.Response
	lost   atomic.Int64 // lines left out since the last one that was written
	file   *os.File
	torn   bool // the file ends within a line
	failed bool // it was said that lines are lost
}

// accessLine is one line: the words of the snapshot's tail, and how long it took.
type accessLine struct {
	swarm.Response
	Duration float64 `json:"duration_ms"`
}

func openAccessLog(path string, log func(swarm.Level, string)) (*accessLog, error) {
	l := &accessLog{path: path, log: log, queue: make(chan swarm.Response, accessQueue)}
	if err := l.open(); err != nil {
		return nil, fmt.Errorf("access log: %w", err)
	}
	return l, nil
}

func (l *accessLog) open() (err error) {
	l.file, err = os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	return err
}

// add hands over a response to be written. It never blocks.
func (l *accessLog) add(r swarm.Response) {
	select {
	case l.queue <- r:
	default:
		l.lost.Add(1)
	}
}

// run writes until stop is closed, then what is left, and closes the file.
func (l *accessLog) run(stop <-chan struct{}) {
	for {
		select {
		case r := <-l.queue:
			l.write(r)
		case <-stop:
			for len(l.queue) > 0 {
				l.write(<-l.queue)
			}
			if l.file != nil {
				l.file.Close()
			}
			return
		}
	}
}

// write appends the line of a response, and those that wait behind it.
func (l *accessLog) write(r swarm.Response) {
	var lines []byte
	if l.torn {
		lines = append(lines, '\n')
	}
	lines, count := appendLine(lines, r), int64(1)
	for len(lines) < accessBatch && len(l.queue) > 0 {
		lines = appendLine(lines, <-l.queue)
		count++
	}
	n, err := l.append(lines)
	if n > 0 {
		l.torn = lines[n-1] != '\n'
	}
	if err != nil {
		l.lost.Add(count)
		if !l.failed {
			l.log(swarm.Error, swarm.Clean(fmt.Sprintf("access log: %v; lines are left out until it can be written again", err), 300))
		}
		l.failed = true
		return
	}
	if lost := l.lost.Swap(0); lost > 0 {
		l.log(swarm.Warn, fmt.Sprintf("access log: written again, %d lines were left out", lost))
	}
	l.failed = false
}

// append writes to the file that has the name now.
func (l *accessLog) append(b []byte) (int, error) {
	if l.file == nil || l.moved() {
		if l.file != nil {
			l.file.Close()
		}
		l.torn = false
		if err := l.open(); err != nil {
			l.file = nil
			return 0, err
		}
	}
	return l.file.Write(b)
}

// moved tells whether the name no longer leads to the open file.
func (l *accessLog) moved() bool {
	named, err := os.Stat(l.path)
	if err != nil {
		return true
	}
	open, err := l.file.Stat()
	return err != nil || !os.SameFile(named, open)
}

func appendLine(b []byte, r swarm.Response) []byte {
	line, err := json.Marshal(accessLine{r, float64(r.Duration) / float64(time.Millisecond)})
	if err != nil {
		return b // cannot be: every field has a JSON form
	}
	return append(append(b, line...), '\n')
}
