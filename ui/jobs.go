package ui

import "sync"

// jobs counts the commands that run beside the screen, so that whoever shows it
// can wait for them. None starts once somebody waits.
type jobs struct {
	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// start tells whether a command may run; its end is told by the returned function.
func (j *jobs) start() (end func(), ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, false
	}
	j.running.Add(1)
	return j.running.Done, true
}

// wait returns when all have ended.
func (j *jobs) wait() {
	j.mu.Lock()
	j.closed = true
	j.mu.Unlock()
	j.running.Wait()
}
