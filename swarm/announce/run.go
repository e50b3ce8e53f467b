package announce

import (
	"context"
	"time"
)

// lookAgain is how long a loop sleeps at most. Timers stand still while the machine
// is suspended; the clock need not.
const lookAgain = time.Minute

// flight is a request under way.
type flight struct {
	entry    *entry
	event    event
	start    time.Time
	doubtful bool // the host has not answered yet
	ctx      context.Context
	cancel   context.CancelFunc
}

// loop starts due announces, with contexts below work, until until ends; when
// quitting, also as soon as nothing is left to send.
func (a *Announcer) loop(until, work context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		a.mu.Lock()
		now := a.cfg.Now()
		a.collect(now)
		for f := a.take(now, work); f != nil; f = a.take(now, work) {
			a.running.Go(func() { a.fly(f) })
		}
		wait := lookAgain
		if e := a.future.head(); e != nil {
			wait = min(max(e.due.Sub(now), 0), lookAgain)
		}
		idle := a.quitting && a.inFlight == 0 && a.future.Len() == 0 && len(a.ready) == 0
		a.mu.Unlock()
		if idle {
			return
		}
		timer.Reset(wait)
		select {
		case <-until.Done():
			return
		case <-a.wake:
		case <-timer.C:
		}
	}
}

// collect moves what is due to its host, where it waits for a place.
func (a *Announcer) collect(now time.Time) {
	for e := a.future.head(); e != nil && !e.due.After(now); e = a.future.head() {
		a.future.remove(e)
		if e.notBefore().After(now) {
			a.plan(e.member, now)
			continue
		}
		e.host.ready.add(e)
		a.ready[e.host] = struct{}{}
	}
}

// take starts the next due announce that has a place, and returns nil if there is none.
// Hosts with few requests under way go first.
func (a *Announcer) take(now time.Time, work context.Context) *flight {
	if a.inFlight >= maxInFlight {
		return nil
	}
	var best *host
	for h := range a.ready {
		if h.free(a.quitting) && (h.proved || a.doubtful < maxDoubtful) && (best == nil || h.inFlight < best.inFlight) {
			best = h
		}
	}
	if best == nil {
		return nil
	}
	e := best.ready.head()
	a.unschedule(e)
	f := &flight{entry: e, event: e.event(), start: now, doubtful: !e.host.proved}
	f.ctx, f.cancel = context.WithTimeout(work, requestTimeout)
	e.flight = f
	e.tried = e.list.round + 1
	a.changed(e.member)
	e.host.inFlight++
	a.inFlight++
	if f.doubtful {
		a.doubtful++
	}
	return f
}

// schedule puts an entry into the queue at due, wherever it waited before.
func (a *Announcer) schedule(e *entry, due time.Time) {
	if e.queue != nil && e.due.Equal(due) {
		return
	}
	a.unschedule(e)
	e.due = due
	a.future.add(e)
}

func (a *Announcer) unschedule(e *entry) {
	if e.queue == nil {
		return
	}
	e.queue.remove(e)
	if e.host.ready.Len() == 0 {
		delete(a.ready, e.host)
	}
}

// plan decides what is sent next for a member, and when.
func (a *Announcer) plan(m *member, now time.Time) {
	a.changed(m)
	if !m.active {
		a.planStop(m, now)
		return
	}
	for l := range m.lists() {
		var regular *entry
		var at time.Time
		if !l.asking() {
			regular, at = l.pick(now)
		}
		for _, e := range l.entries {
			switch {
			case e.flight != nil || e.refused != "":
			case e.completing && e.started:
				a.schedule(e, latest(now, e.notBefore()))
			case e == regular:
				a.schedule(e, at)
			default:
				a.unschedule(e)
			}
		}
	}
}

// planStop sends `stopped` once to each tracker that knows of an inactive
// member, after `completed` if that is due, and forgets a removed member when
// that is done.
func (a *Announcer) planStop(m *member, now time.Time) {
	busy := false
	for e := range m.entries() {
		switch {
		case e.flight != nil:
			busy = true
		case e.started && !e.host.retryAt.After(now):
			a.schedule(e, now)
			busy = true
		case e.refused == "":
			e.started, e.completing = false, false // if it cannot be reached, it will forget us by itself
			a.unschedule(e)
		}
	}
	if m.removed && !busy && a.members[m.hash] == m {
		a.forget(m)
	}
}

// quit ends all announces but `stopped`, which it lines up for every swarm.
func (a *Announcer) quit() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.quitting = true
	now := a.cfg.Now()
	for _, m := range a.members {
		m.active = false
		for e := range m.entries() {
			e.completing = false
			if f := e.flight; f != nil && f.event != eventStopped {
				e.started = true // the announce may have arrived
				f.cancel()
			}
		}
		a.plan(m, now)
	}
}
